/// What is wrong with an answer.
package enum HTTPError: Error, Equatable, Sendable {
    /// It is no HTTP/1.x, or its framing is wrong; says how.
    case badHTTP(String)
    /// Its head or its body is over the limit; says which.
    case tooLarge(String)
}
