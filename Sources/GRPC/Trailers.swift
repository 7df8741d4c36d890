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
            return
        }
        var fitting = min(Self.keptMessageLength + 3, status.message.utf8.count)
        var tooLong = status.message.utf8.count
        while tooLong - fitting > 1 {
            let middle = (fitting + tooLong) / 2
            if Trailers(uncut: status.cut(to: middle)).length < Self.maximumLength {
                fitting = middle
            } else {
                tooLong = middle
            }
        }
        self.init(uncut: status.cut(to: fitting))
    }

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
