/// Why an answer of the upstream could not be made a protobuf message.
package enum JSONTranscodingError: Error, Equatable {
    /// `offset` is the byte at which the text stops being JSON; nil where the text did not come in one piece.
    case notJSON(reason: String, offset: Int?)
    /// The text is JSON, but its top value is no object.
    case notAnObject
    /// Longer, by itself or in what has to be kept of it, than the transcoder takes.
    case tooLarge(limit: Int)
    /// One element of a streamed list, or what comes in one message otherwise, is longer than a message may be.
    case messageTooLarge(limit: Int)
    /// An element of a streamed list is no object, and part of the list has been sent.
    case misfitElement
    /// The streamed list comes a second time, and part of the first has been sent.
    case secondList
}

extension JSONTranscodingError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notJSON(let reason, let offset?): "not JSON: \(reason) at byte \(offset)"
        case .notJSON(let reason, nil): "not JSON: \(reason)"
        case .notAnObject: "the JSON is not an object"
        case .tooLarge(let limit): "the JSON is over \(limit) bytes"
        case .messageTooLarge(let limit): "one message of the answer is over \(limit) bytes"
        case .misfitElement: "an element of the list is not an object, and others have been sent"
        case .secondList: "the list comes a second time, and elements of the first have been sent"
        }
    }
}

extension JSONTranscodingError {
    /// The same with an offset in the whole text instead of in a piece that begins at `start`.
    func moved(by start: Int) -> JSONTranscodingError {
        guard case .notJSON(let reason, let offset?) = self else { return self }
        return .notJSON(reason: reason, offset: start + offset)
    }
}
