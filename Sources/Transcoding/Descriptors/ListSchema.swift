internal import Bytes
internal import Contract

/// How the JSON of a message that is sent in parts maps to their wire bytes: one of its fields is a list, and the elements of
/// that travel before all else. Made by `Schemas`.
package final class ListSchema {
    /// Of the message, the list included.
    package let whole: MessageSchema
    let element: MessageSchema
    /// The JSON member that the list is.
    let member: [UInt8]
    /// What stands in front of each element.
    let tag: PackedTag
    /// What each element is, in the table of the whole.
    let elementField: UnsafePointer<MessageTable.Field>?

    init(_ list: Field, whole: MessageSchema, element: MessageSchema) {
        self.whole = whole
        self.element = element
        member = Array(list.jsonName.utf8)
        elementField = whole.table.pointee.element(ofList: member)
        tag = PackedTag(ProtobufTag(list.number, .lengthDelimited))
    }
}

/// Belongs to one thread, like what made it.
@available(*, unavailable) extension ListSchema: Sendable {}
