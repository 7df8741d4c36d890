import Contract
import ContractTesting
import Testing

@Suite("A method is found by the bytes of a request")
struct MethodLookupTests {
    @Test("each by its own names")
    func found() throws {
        for contract in [try Contract.carried(), try Shelf.contract()] {
            for method in contract.methods {
                #expect(contract.method(method.service, method.name) === method)
                #expect(contract.methods[method.index] === method)
            }
        }
    }

    @Test(
        "nothing else is",
        arguments: [
            ("", ""), ("pieces.models.v1.ModelsService", ""), ("", "ModelsSnapshot"),
            ("pieces.models.v1.ModelsService", "ModelsSnapshoT"), ("pieces.models.v1.ModelsService", "modelsSnapshot"),
            ("pieces.models.v1.ModelsServicf", "ModelsSnapshot"), ("pieces.models.v1.ModelsService", "ModelsSnapshots"),
            ("pieces.models.v1.ModelsServic", "eModelsSnapshot"), ("pieces.gateway.v1.Control", "ModelsSnapshot"),
            ("pieces.models.v1.ModelsService", "Cancel"), ("pieces.models.v1.ModelsService", "ModelsSnapshot\0"),
        ]
    )
    func notFound(service: String, method: String) throws {
        #expect(try Contract.carried().method(service, method) == nil)
    }

    @Test("also among thousands whose names are alike")
    func many() throws {
        let methods = (0..<3000).map { method("M\(1000 + $0)", rule: nil) }
        let all = methods.reduce(Descriptor().text(1, "S")) { $0.message(2, $1) }
        let contract = try contract(file([message("In"), message("Out")], [all]))
        #expect(contract.methods.count == 3000)
        for method in contract.methods { #expect(contract.method("t.S", method.name) === method) }
        #expect(contract.method("t.S", "M999") == nil)
    }
}
