internal import CContract

/// A message type of the contract that travels as a payload of its own.
package struct ProtobufMessageType: @unchecked Sendable {
    // Points to a constant of the generated code, which is why this is Sendable.
    let descriptor: UnsafePointer<ProtobufCMessageDescriptor>

    package static let modelsSnapshotRequest = Self(pieces__models__v1__models_snapshot_request__init)
    package static let streamModelsSnapshotRequest = Self(pieces__models__v1__stream_models_snapshot_request__init)
    package static let modelsCreateNewModelRequest = Self(pieces__models__v1__models_create_new_model_request__init)
    package static let modelsDeleteSpecificModelRequest = Self(
        pieces__models__v1__models_delete_specific_model_request__init
    )
    package static let modelsDeleteSpecificModelCacheRequest = Self(
        pieces__models__v1__models_delete_specific_model_cache_request__init
    )
    package static let unloadModelsRequest = Self(pieces__models__v1__unload_models_request__init)
    package static let cancelRequest = Self(pieces__gateway__v1__cancel_request__init)

    package static let models = Self(pieces__models__v1__models__init)
    package static let model = Self(pieces__models__v1__model__init)
    package static let modelDeleteCacheOutput = Self(pieces__models__v1__model_delete_cache_output__init)

    static let timestamp = Self(google__protobuf__timestamp__init)

    /// Swift copies a C constant before it lends its address, but every initialised message points to the original.
    private init<Message>(_ initialize: (UnsafeMutablePointer<Message>?) -> Void) {
        let message = UnsafeMutablePointer<Message>.allocate(capacity: 1)
        defer { message.deallocate() }
        initialize(message)
        descriptor = UnsafeRawPointer(message).load(as: ProtobufCMessage.self).descriptor
    }
}
