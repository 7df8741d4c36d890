internal import Bytes

/// What the writer has to know about one message, in plain memory: the walk over an answer touches no object.
struct MessageTable {
    /// The index of a field by the name of its JSON member.
    let names: NameTable
    let fields: UnsafePointer<Field>
    /// The tag of `additional_properties`.
    let additionalProperties: PackedTag

    struct Field: BitwiseCopyable {
        let tag: PackedTag
        let kind: Kind
    }

    enum Kind: BitwiseCopyable {
        case bool, int64, double, string, timestamp
        /// With the numbers by their JSON strings.
        case enumeration(UnsafePointer<NameTable>)
        case message(UnsafePointer<MessageTable>)
        /// With what each element is.
        case list(UnsafePointer<Field>)
    }
}
