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

    /// What each element is of the list that the member of this name is.
    func element(ofList name: [UInt8]) -> UnsafePointer<Field>? {
        let padded = name + [UInt8](repeating: 0, count: 8)
        let number = padded.withUnsafeBufferPointer {
            names.number(of: UnsafeBufferPointer(rebasing: $0[..<name.count]))
        }
        guard let number, case .list(let element) = fields[number].kind else { return nil }
        return element
    }
}
