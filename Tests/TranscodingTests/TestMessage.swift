import CContractMessages
import CProtobufC
import Contract

@testable import Transcoding

/// A message of the contract that the program carries, by its name there.
enum TestMessage: String, CaseIterable {
    case models = "pieces.models.v1.Models"
    case model = "pieces.models.v1.Model"
    case modelDeleteCacheOutput = "pieces.models.v1.ModelDeleteCacheOutput"
    case modelsSnapshotRequest = "pieces.models.v1.ModelsSnapshotRequest"
    case streamModelsSnapshotRequest = "pieces.models.v1.StreamModelsSnapshotRequest"
    case modelsCreateNewModelRequest = "pieces.models.v1.ModelsCreateNewModelRequest"
    case modelsDeleteSpecificModelRequest = "pieces.models.v1.ModelsDeleteSpecificModelRequest"
    case modelsDeleteSpecificModelCacheRequest = "pieces.models.v1.ModelsDeleteSpecificModelCacheRequest"
    case unloadModelsRequest = "pieces.models.v1.UnloadModelsRequest"
    case cancelRequest = "pieces.gateway.v1.CancelRequest"

    /// All are made once, and tests may share them: what changes is a hint where a name has been found the last time.
    nonisolated(unsafe) private static let schemas = made { (schemas, message) throws(ContractError) in
        // A request is no JSON by itself.
        message.additionalProperties == nil ? nil : try schemas.schema(of: message)
    }
    nonisolated(unsafe) private static let payloadTypes = made { (schemas, message) throws(ContractError) in
        try schemas.payloadType(of: message)
    }
    nonisolated(unsafe) private static let listSchemas = made { (schemas, message) throws(ContractError) in
        try message.field(named: "iterable").map { (list) throws(ContractError) in
            try schemas.listSchema(of: message, list: list)
        }
    }

    var schema: MessageSchema { required(Self.schemas[self]) }
    var payloadType: ProtobufMessageType { required(Self.payloadTypes[self]) }
    /// For the message in parts.
    var listSchema: ListSchema { required(Self.listSchemas[self]) }

    private static func made<Made>(
        _ make: (Schemas, MessageType) throws(ContractError) -> Made?
    ) -> [TestMessage: Made] {
        do throws(ContractError) {
            let contract = try Contract.carried()
            let schemas = Schemas(contract)
            var made: [TestMessage: Made] = [:]
            for message in allCases {
                guard let type = contract.messages[message.rawValue] else { continue }
                made[message] = try make(schemas, type)
            }
            return made
        } catch {
            preconditionFailure("\(error)")
        }
    }

    private func required<Made>(_ made: Made?) -> Made {
        guard let made else { preconditionFailure("the contract has no such thing for \(rawValue)") }
        return made
    }

    /// What protoc-c has generated, to compare with.
    var descriptor: ProtobufCMessageDescriptor {
        switch self {
        case .models: pieces__models__v1__models__descriptor
        case .model: pieces__models__v1__model__descriptor
        case .modelDeleteCacheOutput: pieces__models__v1__model_delete_cache_output__descriptor
        default: preconditionFailure("\(rawValue) is no answer")
        }
    }
}
