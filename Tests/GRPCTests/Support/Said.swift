/// What a session says on one stream, or about the connection, as a client understands it.
enum Said: Equatable {
    case head([String], end: Bool)
    case data([UInt8], end: Bool)
    case reset(UInt32)
    case settings([[UInt8]])
    case acknowledgedSettings
    case ping([UInt8], isAnswer: Bool)
    case goaway(last: UInt32, code: UInt32)
    case windowUpdate(UInt32)

    init(_ frame: Frame, _ fields: Fields) {
        let end = frame.flags & Frame.endStream != 0
        switch frame.kind {
        case .headers: self = .head(fields.decode(frame.payload), end: end)
        case .data: self = .data(frame.payload, end: end)
        case .reset: self = .reset(Self.number(frame.payload[0..<4]))
        case .settings where end: self = .acknowledgedSettings
        case .settings:
            self = .settings(stride(from: 0, to: frame.payload.count, by: 6).map { Array(frame.payload[$0..<$0 + 6]) })
        case .ping: self = .ping(frame.payload, isAnswer: end)
        case .goaway:
            self = .goaway(last: Self.number(frame.payload[0..<4]), code: Self.number(frame.payload[4..<8]))
        case .windowUpdate: self = .windowUpdate(Self.number(frame.payload[0..<4]))
        default: preconditionFailure("a server does not say that")
        }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.reduce(0) { $0 << 8 | UInt32($1) }
    }

    static let answerHead = [
        ":status: 200", "content-type: application/grpc", "grpc-accept-encoding: identity,deflate,gzip",
    ]

    /// A whole unary answer.
    static func answer(_ payload: [UInt8]) -> [Said] {
        [
            .head(answerHead, end: false),
            .data(message(payload), end: false),
            .head(["grpc-status: 0"], end: true),
        ]
    }
}

/// A message behind its prefix.
func message(_ payload: [UInt8], flag: UInt8 = 0) -> [UInt8] {
    [flag] + Frame.big(UInt32(payload.count)) + payload
}
