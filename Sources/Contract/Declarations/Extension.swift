/// A field that a file adds to a message of another one.
package struct Extension: Equatable, Sendable {
    /// With the package, or the message, that it is declared in.
    package var name = ""
    package var number: UInt32 = 0
    /// The full name of the message that it extends.
    package var extendee = ""
    /// The name of the file that declares it.
    package var file = ""
}
