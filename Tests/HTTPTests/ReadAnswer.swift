import Testing

@testable import HTTP

/// What a reader makes of the bytes of an answer.
enum ReadAnswer: Equatable, Sendable, CustomTestStringConvertible {
    case needsMore
    case complete(Int, String, canGoOn: Bool)
    case badHTTP
    case tooLarge
    case connectionLost

    init(_ error: HTTPError) {
        switch error {
        case .badHTTP: self = .badHTTP
        case .tooLarge: self = .tooLarge
        }
    }

    var testDescription: String { "\(self)" }
}
