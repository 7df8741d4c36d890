/// What is written of a field that is not set.
package enum JSONStyle: Sendable {
    /// As Pieces OS wants it: null where it requires a member and allows null.
    case request
    /// As Pieces OS has said it: an empty list where there is a list. Absent and empty ones are the same on the wire.
    case answer
}
