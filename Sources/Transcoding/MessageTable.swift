/// What the writer has to know about one message, in plain memory: the walk over an answer touches no object.
struct MessageTable {
    /// The index of a field by the name of its JSON member.
    let names: NameTable
    let fields: UnsafePointer<Field>
    /// The tag of `additional_properties`.
    let additionalProperties: WireTag

    struct Field {
        let tag: WireTag
        /// One bit a field, to see a member that comes twice. Fields from the 64th on share one: the check then takes
        /// the slow way more often, and that one looks at the names.
        let bit: UInt64
        let kind: Kind
        let isRepeated: Bool
    }

    enum Kind {
        case bool, int64, double, string, timestamp
        /// With the numbers by their JSON strings.
        case enumeration(UnsafePointer<NameTable>)
        case message(UnsafePointer<MessageTable>)
    }
}
