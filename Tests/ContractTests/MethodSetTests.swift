import Contract
import ContractTesting
import Testing

@Suite("A set of methods")
struct MethodSetTests {
    static let reading = [
        "Cancel", "Check", "List", "ModelsSnapshot", "ServerReflectionInfo", "ServerReflectionInfo", "Status",
        "StreamModelsSnapshot", "Watch",
    ]

    static func names(_ set: MethodSet?, of contract: Contract) -> [String]? {
        set.map { set in contract.methods.filter { set.contains($0) }.map(\.name) }
    }

    static func parsed(_ names: String) throws -> [String]? {
        let contract = try Contract.carried()
        return Self.names(MethodSet(names, of: contract), of: contract)?.sorted()
    }

    @Test("read is what changes nothing upstream")
    func read() throws {
        #expect(try Self.parsed("read") == Self.reading)
        let shelf = try Shelf.contract()
        #expect(Self.names(MethodSet("read", of: shelf), of: shelf) == ["ListBooks", "GetBook"])
    }

    @Test("all is everything")
    func all() throws {
        let contract = try Contract.carried()
        #expect(MethodSet("all", of: contract) == .all(of: contract))
        #expect(contract.methods.allSatisfy { MethodSet.all(of: contract).contains($0) })
    }

    @Test("names are joined with a plus, and Control/Cancel comes with each")
    func names() throws {
        #expect(try Self.parsed("UnloadModels") == ["Cancel", "UnloadModels"])
        #expect(try Self.parsed("Cancel") == ["Cancel"])
        #expect(try Self.parsed("read+UnloadModels") == (Self.reading + ["UnloadModels"]).sorted())
    }

    @Test("anything else is none", arguments: ["", "+", "read+", "Unload", "unloadmodels", "read,all", " read"])
    func nonsense(_ names: String) throws {
        #expect(try Self.parsed(names) == nil)
    }

    @Test("is not limited to a number of bits, and equal sets are equal however they came about")
    func many() throws {
        let methods = (0..<200).map { method("M\($0)", rule: nil) }
        let all = methods.reduce(Descriptor().text(1, "S")) { $0.message(2, $1) }
        let contract = try contract(file([message("In"), message("Out")], [all]))
        let third = MethodSet(contract.methods.filter { $0.index % 3 == 0 })
        #expect(contract.methods.allSatisfy { third.contains($0) == ($0.index % 3 == 0) })

        var set = MethodSet([contract.methods[199]])
        #expect(!MethodSet([contract.methods[0]]).contains(contract.methods[199]))
        set.formUnion(MethodSet([contract.methods[1]]))
        #expect(set == MethodSet([contract.methods[1], contract.methods[199]]))
        var other = MethodSet([contract.methods[1]])
        other.formUnion(MethodSet([contract.methods[199]]))
        #expect(set == other)
        #expect(set != MethodSet([contract.methods[1]]))
    }
}
