internal import Bytes
internal import Calls

/// What ends a call that has failed, short enough for every client: C-core loses calls at random when a header list is
/// longer than 8 KiB.
struct Trailers {
    /// Less than so much is sent, counted as header lists are (RFC 9113, section 6.5.2).
    static let maximumLength = 7_680
    /// So much of a message is never cut away, and up to three bytes more where a character would be cut.
    static let keptMessageLength = 512
    /// The other fields of an answer that begins and ends with them: `:status`, `content-type`, `grpc-accept-encoding`.
    private static let headLength = 175
    private static let fieldOverhead = 32

    let code: [UInt8]
    let message: [UInt8]
    let details: [UInt8]

    init(_ status: Status) {
        let whole = Trailers(uncut: status)
        if whole.length < Self.maximumLength {
            self = whole
        } else {
            self.init(uncut: status.cut(to: whole.fittingLength(of: status)))
        }
    }

    /// How many bytes of the message have room if these trailers of all of it have not: found by counting, because every try
    /// would cost as much as the answer.
    private func fittingLength(of status: Status) -> Int {
        let text = status.message.utf8
        var fitting = min(Self.keptMessageLength + 3, text.count)
        let others = length - message.count - details.count
        // With the length in front of the message, which takes two bytes from 128 on.
        let otherDetails = status.encoded().count - text.count
        var encoded = 0
        var last: UInt8 = 0
        for (index, byte) in text.enumerated() {
            let isCharacter = byte & 0xC0 != 0x80
            let length = others + encoded + Self.base64Length(otherDetails + index)
            let isBlankAtEnd = last == UInt8(ascii: " ")
            if isCharacter, length + (isBlankAtEnd ? 2 : 0) < Self.maximumLength { fitting = max(fitting, index) }
            let isBlankAtStart = index == 0 && byte == UInt8(ascii: " ")
            encoded += byte.isPlainInGRPCMessage && !isBlankAtStart ? 1 : 3
            last = byte
        }
        return fitting
    }

    /// Without padding.
    private static func base64Length(_ count: Int) -> Int { (4 * count + 2) / 3 }

    private init(uncut status: Status) {
        code = Array(String(status.code.rawValue).utf8)
        var message: [UInt8] = []
        message.append(grpcMessage: status.message)
        self.message = message
        var details: [UInt8] = []
        details.append(base64: status.encoded())
        self.details = details
    }

    var length: Int {
        let names = "grpc-status".utf8.count + "grpc-message".utf8.count + "grpc-status-details-bin".utf8.count
        let values = code.count + message.count + details.count
        return Self.headLength + names + values + 3 * Self.fieldOverhead
    }
}
