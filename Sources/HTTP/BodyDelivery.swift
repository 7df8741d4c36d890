/// What is wanted of the body of a 2xx answer. Of any other answer the beginning comes, with its end.
package enum BodyDelivery: Sendable {
    /// As it arrives, up to the limit of a body.
    case limitedParts
    /// As it arrives, however long it is.
    case parts
    /// Nothing: the status says it all.
    case none
}
