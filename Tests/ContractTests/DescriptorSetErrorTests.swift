import Contract
import ContractTesting
import Testing

@Suite("A descriptor set that cannot be read is an error at start")
struct DescriptorSetErrorTests {
    static let broken = "the descriptor set: is not a protobuf message; make it again with protoc"

    @Test("names are declared once")
    func twice() {
        let messages = [message("In"), message("Out", extras)]
        #expect(fault(file(messages + [message("In")], [])) == "t.In: is declared twice")
        #expect(fault(file(messages, [service(), service()])) == "t.S: is declared twice")
        #expect(fault(file(messages, [service("S", method(), method())])) == "t.S/Get: is declared twice")
        let type = Descriptor().text(1, "E")
        #expect(fault(file([], [], enums: [type, type])) == "t.E: is declared twice")
        #expect(fault(file([message("In", field("a", 1), field("b", 1))], [])) == "t.In.b: the number 1 is taken")
    }

    @Test("a policy can tell methods apart by name")
    func names() {
        let messages = [message("In"), message("Out", extras)]
        let two = [service("S", method()), service("R", method())]
        #expect(fault(file(messages, two)) == "t.R/Get: the name is taken by t.S/Get")
        let one = [service("S", method(rule: nil)), service("R", method())]
        #expect(fault(file(messages, one)) == "t.R/Get: the name is taken by t.S/Get")
        // Two versions of a service of the gateway's own have the same ones.
        #expect(fault(file(messages, [service("S", method(rule: nil)), service("R", method(rule: nil))])) == nil)
    }

    @Test("what a method names is there")
    func missing() {
        #expect(fault(file([message("Out", extras)], [service("S", method())])) == "t.S/Get: there is no message t.In")
        let relative = service("S", method("Get", "In"))
        #expect(
            fault(file([message("In")], [relative]))
                == "the descriptor set: 'In' is no full name; make it again with protoc"
        )
        let inner = message("Out", field("a", 1, 11, of: ".t.Gone"), extras)
        #expect(fault(file([message("In"), inner], [service("S", method())])) == "t.Gone: there is no such message")
    }

    @Test("numbers of fields, types and labels are in range")
    func ranges() {
        for bad in [field("a", 0), field("a", 1 << 29), field("a", 1, 19), field("a", 1, 300), field("a", 1, label: 4)]
        {
            #expect(fault(file([message("In", bad)], [])) == Self.broken)
        }
    }

    @Test("messages are nested less deep than a stack is")
    func nesting() {
        let deep = (0..<1000).reduce(message("M")) { inner, _ in message("M").message(3, inner) }
        #expect(fault(file([deep], [])) == Self.broken)
        let chain = (0..<1000).map { message("M\($0)", field("a", 1, 11, of: ".t.M\($0 + 1)"), extras) }
        let call = service("S", method("Get", ".t.In", ".t.M0"))
        #expect(fault(file([message("In")] + chain, [call])) == "t.M100: is nested too deep")
    }

    @Test("cut off anywhere it is an error or another contract, never a trap")
    func cut() throws {
        let set = Array(Contract.carriedDescriptorSet)
        for length in stride(from: 1, to: set.count, by: 41) {
            // Whole files at the front are a contract of their own.
            if let contract = try? contract(of: Array(set[..<length])) {
                #expect(contract.files.last?.bytes.upperBound == length)
            }
        }
        #expect(throws: ContractError.self) { try contract(of: Array(set.dropLast())) }
    }

    @Test("with bytes changed it is an error or another contract, never a trap")
    func changed() throws {
        let set = try Shelf.descriptorSet()
        var random = SplitMix64(state: 9)
        for _ in 0..<400 {
            var changed = set
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                changed[Int.random(in: set.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            guard let contract = try? contract(of: changed) else { continue }
            let descriptors = MessageDescriptors(contract)
            for name in contract.messages.keys { _ = try? descriptors.descriptor(of: name) }
        }
    }
}
