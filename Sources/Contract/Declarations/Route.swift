/// How a method is carried out upstream: one HTTP request, and what its answer is.
package struct Route: Equatable, Sendable {
    package enum PathPart: Equatable, Sendable {
        /// Goes out as it is: one or more segments with their slashes.
        case text([UInt8])
        /// The value of a string field of the request, percent-encoded as one segment.
        case parameter(Field)
    }

    /// What becomes of the body of a 2xx answer.
    package enum Answer: Equatable, Sendable {
        /// It is dropped.
        case empty
        /// It is one message.
        case message
        /// It is one message that is sent in parts: this field has the elements.
        case parts(list: Field)
    }

    package let httpMethod: HTTPMethod
    package let path: [PathPart]
    /// The message field of the request that is the body; without one, or where it is unset, there is no body.
    package let body: Field?
    package let answer: Answer
}
