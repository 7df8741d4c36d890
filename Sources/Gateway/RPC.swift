import Glibc
import PiecesOS
import Transcoding

/// What a client can call, by the names of the contract.
enum RPC: UInt8, CaseIterable {
    case modelsSnapshot
    case streamModelsSnapshot
    case modelsCreateNewModel
    case modelsDeleteSpecificModel
    case modelsDeleteSpecificModelCache
    case unloadModels
    case cancel

    /// What becomes of the body of a 2xx answer.
    enum Answer {
        case message(MessageSchema)
        case streamOfModels
        case empty
    }

    static let modelsService: StaticString = "pieces.models.v1.ModelsService"
    static let controlService: StaticString = "pieces.gateway.v1.Control"

    var service: StaticString { self == .cancel ? Self.controlService : Self.modelsService }

    var method: StaticString {
        switch self {
        case .modelsSnapshot: "ModelsSnapshot"
        case .streamModelsSnapshot: "StreamModelsSnapshot"
        case .modelsCreateNewModel: "ModelsCreateNewModel"
        case .modelsDeleteSpecificModel: "ModelsDeleteSpecificModel"
        case .modelsDeleteSpecificModelCache: "ModelsDeleteSpecificModelCache"
        case .unloadModels: "UnloadModels"
        case .cancel: "Cancel"
        }
    }

    var answer: Answer {
        switch self {
        case .modelsSnapshot: .message(.models)
        case .streamModelsSnapshot: .streamOfModels
        case .modelsCreateNewModel: .message(.model)
        case .modelsDeleteSpecificModelCache: .message(.modelDeleteCacheOutput)
        case .modelsDeleteSpecificModel, .unloadModels, .cancel: .empty
        }
    }

    var delivery: Exchange.Delivery {
        switch answer {
        case .message: .whole
        case .streamOfModels: .parts
        case .empty: .none
        }
    }

    /// The RPC of that name, or `nil`. What is asked for most stands first.
    static func named(service: UnsafeRawBufferPointer, method: UnsafeRawBufferPointer) -> RPC? {
        allCases.first { $0.method.isEqual(to: method) && $0.service.isEqual(to: service) }
    }
}

extension StaticString {
    func isEqual(to bytes: UnsafeRawBufferPointer) -> Bool {
        guard utf8CodeUnitCount == bytes.count, let others = bytes.baseAddress else { return false }
        return memcmp(utf8Start, others, bytes.count) == 0
    }
}
