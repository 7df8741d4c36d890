import Bytes
import FuzzSupport

@testable import GRPC

private let limit = 1_000

/// Messages behind their prefixes, however they are cut into pieces, and unpacked within the limit.
func checkMessages(_ input: FuzzInput) {
    var plain = PlainMessages(input.bytes)
    var reader = MessageReader()
    var inflated = ByteBuffer(capacity: 0)
    for range in input.pieces(of: 1 + input.control % 64) {
        input.withCopy(of: range, padding: 0) { piece in
            var unread = piece
            while !plain.isOver, !unread.isEmpty {
                switch reader.next(&unread, limit: limit) {
                case .incomplete: demand(unread.isEmpty, "a reader that waits for more has left something")
                case .badFlag(let flag): plain.expect(badFlag: flag)
                case .tooLong(let length): plain.expect(tooLong: length)
                case .message(let message, let isCompressed):
                    plain.expect(message, isCompressed: isCompressed)
                    if isCompressed { inflate(message, input.control & 64 == 0 ? .gzip : .deflate, &inflated) }
                }
            }
        }
    }
    demand(plain.isOver || plain.isUsedUp, "something that is whole has not come")
    demand(plain.isOver || reader.isMidMessage != plain.isEmpty, "a message is cut off, or not")
    checkKept(input)
}

/// What is unpacked is bounded, and the same again in memory that has been used.
private func inflate(_ message: UnsafeRawBufferPointer, _ encoding: RequestEncoding, _ buffer: inout ByteBuffer) {
    buffer.reset(keeping: MessageReader.keptCapacity)
    do throws(Inflation.Problem) {
        try Inflation.inflate(message, encoding, into: &buffer, limit: limit)
        demand(buffer.count <= limit, "more is unpacked than the limit")
    } catch {
        demand(error == .broken || buffer.count > limit, "a message is too long that is not")
    }
}

/// The message of a unary call outlives the piece that it came in.
private func checkKept(_ input: FuzzInput) {
    var reader = MessageReader()
    for range in input.pieces(of: 1 + input.control % 64) {
        var whole: [UInt8]?
        let isOver = input.withCopy(of: range, padding: 0) { piece in
            var unread = piece
            switch reader.next(&unread, limit: limit) {
            case .incomplete: return false
            case .badFlag, .tooLong: return true
            case .message(let message, _):
                whole = Array(message)
                reader.keep(message)
                return true
            }
        }
        if let whole { demand(reader.kept.elementsEqual(whole), "a message that is kept is another") }
        if isOver { break }
    }
}

/// What is to come of all bytes, read in one go.
private struct PlainMessages {
    private var rest: UnsafeRawBufferPointer
    private(set) var isOver = false

    init(_ bytes: UnsafeRawBufferPointer) {
        rest = bytes
    }

    var isEmpty: Bool { rest.isEmpty }

    /// What is left is the beginning of a message.
    var isUsedUp: Bool {
        isEmpty || rest[0] <= 1 && (rest.count < 5 || length <= limit && rest.count < 5 + length)
    }

    private var length: Int { rest[1..<5].reduce(0) { $0 << 8 | Int($1) } }

    mutating func expect(badFlag flag: UInt8) {
        demand(rest[0] == flag && flag > 1, "a flag that is bad")
        isOver = true
    }

    mutating func expect(tooLong length: Int) {
        demand(self.length == length && length > limit, "a message that is too long")
        isOver = true
    }

    mutating func expect(_ message: UnsafeRawBufferPointer, isCompressed: Bool) {
        demand(rest[0] == (isCompressed ? 1 : 0) && length == message.count, "a message's prefix")
        demand(message.elementsEqual(rest[5..<5 + message.count]), "a message is another")
        rest = UnsafeRawBufferPointer(rebasing: rest[(5 + message.count)...])
    }
}
