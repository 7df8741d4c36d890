import Contract
import Testing

@testable import Transcoding

/// Messages that no route carries are not checked with the contract, but when they are asked for.
@Suite struct SchemaErrorTests {
    /// The contract of one file, with the fields of one message by their types, which are 11 for messages.
    private static func contract(
        package: String = "",
        message name: String,
        _ fields: [(name: String, type: UInt64, typeName: String)]
    ) throws -> Contract {
        let set = PayloadBuilder.make {
            $0.message(1) {
                $0.string(2, package)
                $0.message(4) {
                    $0.string(1, name)
                    for (index, field) in fields.enumerated() {
                        $0.message(2) {
                            $0.string(1, field.name)
                            $0.varint(3, UInt64(index) + 1)
                            $0.varint(4, 1)
                            $0.varint(5, field.type)
                            $0.string(6, field.typeName)
                        }
                    }
                }
            }
        }
        return try set.withUnsafeBytes { try Contract(descriptorSet: $0) }
    }

    @Test func `a message that holds itself is no payload`() throws {
        let contract = try Self.contract(message: "Node", [("next", 11, ".Node")])
        let node = try #require(contract.messages["Node"])
        #expect(throws: ContractError("Node", "a message must not hold itself, however deep")) {
            try Schemas(contract).payloadType(of: node)
        }
    }

    @Test func `a time that is another message than everywhere is refused`() throws {
        let contract = try Self.contract(
            package: "google.protobuf",
            message: "Timestamp",
            [("seconds", 9, ""), ("again", 11, ".google.protobuf.Timestamp")]
        )
        let timestamp = try #require(contract.messages[MessageType.timestamp])
        let reason = "must be 'int64 seconds = 1; int32 nanos = 2;'"
        #expect(throws: ContractError(MessageType.timestamp, reason)) {
            try Schemas(contract).payloadType(of: timestamp)
        }
    }
}
