internal import Bytes

/// How the JSON of one message maps to its wire bytes. Made by `Schemas`.
package final class MessageSchema {
    let table: UnsafePointer<MessageTable>
    /// Where the table is.
    private let memory: OwnedMemory

    init(_ table: UnsafePointer<MessageTable>, in memory: OwnedMemory) {
        self.table = table
        self.memory = memory
    }
}

/// Belongs to one thread, like what made it.
@available(*, unavailable) extension MessageSchema: Sendable {}
