import Contract
import Transcoding

struct Schemas {
    init(_ contract: Contract) {}

    func schema(of message: MessageType) -> MessageSchema {
        switch message.name {
        case "pieces.models.v1.Models": .models
        case "pieces.models.v1.Model": .model
        default: .modelDeleteCacheOutput
        }
    }

    func payloadType(of message: MessageType) -> ProtobufMessageType {
        switch message.name {
        case "pieces.models.v1.ModelsSnapshotRequest": .modelsSnapshotRequest
        case "pieces.models.v1.StreamModelsSnapshotRequest": .streamModelsSnapshotRequest
        case "pieces.models.v1.ModelsCreateNewModelRequest": .modelsCreateNewModelRequest
        case "pieces.models.v1.ModelsDeleteSpecificModelRequest": .modelsDeleteSpecificModelRequest
        case "pieces.models.v1.ModelsDeleteSpecificModelCacheRequest": .modelsDeleteSpecificModelCacheRequest
        default: .unloadModelsRequest
        }
    }
}
