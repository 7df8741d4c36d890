/// What is wanted of the body of a 2xx answer. The body of any other answer comes whole, up to its limit.
package enum BodyDelivery: Sendable {
    case whole
    /// As it arrives.
    case parts
    /// Nothing: the status says it all.
    case none
}
