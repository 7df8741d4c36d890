import CContractMessages
import CProtobufC
import Contract
import ContractTesting
import Testing

@Suite("Descriptors for protobuf-c that are made from the contract")
struct MessageDescriptorsTests {
    let contract = Result { () throws(ContractError) in try Contract.carried() }

    @Test("say what the generated ones say, to the offset")
    func equal() throws {
        let descriptors = MessageDescriptors(try contract.get())
        let generated = GeneratedDescriptors.all()
        #expect(generated.count == 28)
        for (name, descriptor) in generated {
            let made = try descriptors.descriptor(of: name)
            #expect(DescriptorText.of(made.pointee) == DescriptorText.of(descriptor.pointee))
        }
    }

    @Test("unpack and pack the same bytes as the generated ones", arguments: 0..<20)
    func samePayloads(seed: Int) throws {
        let contract = try contract.get()
        let descriptors = MessageDescriptors(contract)
        var generator = PayloadGenerator(contract: contract, random: SplitMix64(state: UInt64(seed)))
        for (name, generated) in GeneratedDescriptors.all().sorted(by: { $0.key < $1.key }) {
            let made = try descriptors.descriptor(of: name)
            for _ in 0..<10 {
                let payload = generator.payload(of: name)
                let expected = repacked(payload, as: generated)
                #expect(expected != nil)
                #expect(repacked(payload, as: made) == expected)
                let cut = Array(payload.dropLast())
                #expect(repacked(cut, as: made) == repacked(cut, as: generated))
            }
        }
    }

    @Test("keep absent and 0 apart, in a Timestamp too, whose file is of proto3")
    func presence() throws {
        let descriptors = MessageDescriptors(try contract.get())
        let timestamp = try descriptors.descriptor(of: MessageType.timestamp)
        #expect(repacked([], as: timestamp) == [])
        #expect(repacked([0x08, 0x00], as: timestamp) == [0x08, 0x00])
        // Of two that are merged, a field that the later one lacks stays.
        #expect(repacked([0x08, 0x05, 0x10, 0x07, 0x08, 0x06], as: timestamp) == [0x08, 0x06, 0x10, 0x07])
        let value = Descriptor().data(2, [0x08, 0x05]).data(2, [0x10, 0x07]).bytes
        let grouped = try descriptors.descriptor(of: "pieces.models.v1.GroupedTimestamp")
        #expect(repacked(value, as: grouped) == Descriptor().data(2, [0x08, 0x05, 0x10, 0x07]).bytes)
    }

    @Test("serve a contract for which there is no generated code")
    func shelf() throws {
        let descriptors = MessageDescriptors(try Shelf.contract())
        let book = try descriptors.descriptor(of: "test.shelf.v1.Book")
        let place = Descriptor().number(1, 4)
        let parts = Descriptor().number(20, 0).message(6, place).text(1, "Kim").number(3, 10).text(7, "R. K.")
            .number(3, 2).fixed(5, 1).fixed(5, 2)
        let whole = Descriptor().text(1, "Kim").number(3, 10).number(3, 2)
            .data(5, [1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0]).message(6, place).text(7, "R. K.").number(20, 0)
        #expect(repacked(parts.bytes, as: book) == whole.bytes)
    }

    @Test("find fields and values by number and by name")
    func lookups() throws {
        let contract = try Shelf.contract()
        let descriptors = MessageDescriptors(contract)
        defer { withExtendedLifetime(descriptors) {} }
        let book = try descriptors.descriptor(of: "test.shelf.v1.Book")
        for field in try #require(contract.messages["test.shelf.v1.Book"]).fields {
            let byNumber = protobuf_c_message_descriptor_get_field(book, field.number)
            let byName = protobuf_c_message_descriptor_get_field_by_name(book, field.name)
            #expect(byNumber.map { String(cString: $0.pointee.name) } == field.name)
            #expect(byName?.pointee.id == field.number)
        }
        #expect(protobuf_c_message_descriptor_get_field(book, 2) == nil)
        #expect(protobuf_c_message_descriptor_get_field(book, 1001) == nil)
        #expect(protobuf_c_message_descriptor_get_field_by_name(book, "zebra") == nil)
        let formats = try #require(protobuf_c_message_descriptor_get_field(book, 3)).pointee
        let format = formats.descriptor.assumingMemoryBound(to: ProtobufCEnumDescriptor.self)
        let electronic = try #require(protobuf_c_enum_descriptor_get_value(format, 2))
        #expect(String(cString: electronic.pointee.name) == "FORMAT_E_BOOK")
        #expect(protobuf_c_enum_descriptor_get_value(format, 1) == nil)
        #expect(protobuf_c_enum_descriptor_get_value_by_name(format, "FORMAT_PAPER")?.pointee.value == 10)
    }

    @Test("are made once, also of a message that holds itself")
    func recursion() throws {
        let tree = message("Tree", field("children", 1, 11, of: ".t.Tree", label: 3))
        let descriptors = MessageDescriptors(try ContractTests.contract(file([tree], [])))
        let made = try descriptors.descriptor(of: "t.Tree")
        #expect(made.pointee.fields[0].descriptor == UnsafeRawPointer(made))
        #expect(try descriptors.descriptor(of: "t.Tree") == made)
        let payload = Descriptor().data(1, Descriptor().data(1, []).bytes).bytes
        #expect(repacked(payload, as: made) == payload)
    }

    @Test("are refused where protobuf-c would need more than the contract has")
    func refused() throws {
        let bad = [field("a", 1, oneof: true), field("a", 1, label: 2), field("a", 1, 10, of: ".t.M")]
        for field in bad {
            let descriptors = MessageDescriptors(try ContractTests.contract(file([message("M", field)], [])))
            let error = ContractError("t.M.a", "no oneof, required field or group can be unpacked")
            #expect(throws: error) { try descriptors.descriptor(of: "t.M") }
            #expect(throws: error) { try descriptors.descriptor(of: "t.M") }
        }
        let descriptors = MessageDescriptors(try contract.get())
        #expect(throws: ContractError("t.None", "there is no such message")) {
            try descriptors.descriptor(of: "t.None")
        }
    }
}
