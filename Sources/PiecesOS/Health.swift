import HTTP

/// What Pieces OS says when it is asked for its health.
enum Health: Equatable {
    case healthy
    /// There, but not ready; what it said.
    case notReady(String)

    /// Asks for it.
    nonisolated(unsafe) static let request = HTTPRequest(method: "GET", path: Array("/.well-known/health".utf8))
    /// Bytes of what it says that are looked at.
    static let longestQuote = 100

    /// - Parameter text: such as `ok:3fa85f64-5717-4562-b3fc-2c963f66afa6` or `migrating`, also as a JSON string.
    init(status: Int, saying text: [UInt8]) {
        let said = text.drop { $0 == UInt8(ascii: "\"") }
        if status == 200, said.prefix(2).map({ $0 | 0x20 }) == Array("ok".utf8) {
            self = .healthy
            return
        }
        let words = String(decoding: said.prefix { $0 != UInt8(ascii: "\"") }, as: UTF8.self)
        let quote = words.isEmpty ? "" : " '\(words)'"
        if status == 200 {
            self = .notReady(words.isEmpty ? "it says nothing" : "it says\(quote)")
        } else {
            self = .notReady("it answers HTTP status \(status)\(quote)")
        }
    }
}
