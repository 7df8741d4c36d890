internal import CProtobufC
internal import Contract

/// A message that travels as a payload, or in one. Made by `Schemas`.
package final class ProtobufMessageType {
    /// What JSON makes of a field.
    struct Member {
        let name: [UInt8]
        /// The name as it stands between quotes.
        let spelling: [UInt8]
        let kind: Kind
        let isNullableRequired: Bool
        let isAdditionalProperties: Bool
    }

    enum Kind {
        case bool, int32, uint32, int64, uint64, double, string, timestamp
        /// With what its values are called, in the order of its descriptor.
        case enumeration([[UInt8]])
        case message(ProtobufMessageType)
        /// Floats and bytes, which only messages that are never made JSON have.
        case other
    }

    let descriptor: UnsafePointer<ProtobufCMessageDescriptor>
    /// In the order of the descriptor.
    let members: [Member]
    /// Where the descriptor is.
    private let descriptors: MessageDescriptors

    init(
        _ descriptor: UnsafePointer<ProtobufCMessageDescriptor>,
        _ members: [Member],
        in descriptors: MessageDescriptors
    ) {
        self.descriptor = descriptor
        self.members = members
        self.descriptors = descriptors
    }

    /// The place of a field by its number, or nil.
    func index(ofField number: UInt32) -> Int? {
        protobuf_c_message_descriptor_get_field(descriptor, number).map { $0 - descriptor.pointee.fields }
    }

    /// The place of a field by its name in the .proto file, or nil.
    func index(ofField name: StaticString) -> Int? {
        let cString = UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
        return protobuf_c_message_descriptor_get_field_by_name(descriptor, cString).map {
            $0 - descriptor.pointee.fields
        }
    }
}

/// Belongs to one thread, like what made it.
@available(*, unavailable) extension ProtobufMessageType: Sendable {}
