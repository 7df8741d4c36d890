internal import Bytes
internal import CSimdJSON
internal import Glibc

/// Turns the upstream's JSON into the wire bytes of protobuf messages, and keeps its memory from one text to the next.
///
/// Belongs to one thread, like the buffers that it lends; that is why it is not Sendable.
package final class JSONTranscoder {
    /// Bytes that must be readable behind a text; what is in them does not matter.
    package static let padding = 64
    /// No message is longer.
    package static let maximumMessage = MessageWriter.maximumLength
    /// Longer texts are refused.
    package static let maximumLength = 256 << 20
    /// Longer texts are left to the strict parser: simdjson takes some fourteen bytes for each byte of text.
    private static let maximumFastLength = 16 << 20
    /// Memory for texts up to this length is kept.
    private static let keptLength = 4 << 20

    private let simdjson: OpaquePointer
    private var writer = MessageWriter()

    package init() {
        guard let parser = simdjson_parser_create() else { preconditionFailure("no memory for a parser") }
        simdjson = parser
    }

    deinit { simdjson_parser_destroy(simdjson) }

    /// The message that `json` is in the schema's eyes. The bytes are lent until the next call.
    ///
    /// `padding` bytes behind the text must be readable. A byte order mark in front is skipped.
    package func transcode(
        _ json: UnsafeRawBufferPointer,
        as schema: MessageSchema
    ) throws(JSONTranscodingError) -> UnsafeRawBufferPointer {
        guard json.count <= Self.maximumLength else { throw .tooLarge(limit: Self.maximumLength) }
        let mark = Self.byteOrderMarkLength(json)
        let text = UnsafeRawBufferPointer(rebasing: json[mark...])
        if let message = try transcodeFast(text, as: schema) { return message }
        return try transcodeStrictly(json, from: mark, as: schema)
    }

    /// Nil if simdjson refuses the text, or if its tape does not tell everything.
    func transcodeFast(
        _ text: UnsafeRawBufferPointer,
        as schema: MessageSchema
    ) throws(JSONTranscodingError) -> UnsafeRawBufferPointer? {
        guard text.count <= Self.maximumFastLength, !Self.mayHoldNUL(text) else { return nil }
        defer { simdjson_parser_trim(simdjson, Self.keptLength) }
        guard simdjson_parser_parse(simdjson, text.baseAddress, text.count) != 0,
            let words = simdjson_parser_tape(simdjson), let strings = simdjson_parser_strings(simdjson)
        else { return nil }
        let message = try write(Tape(words: words, strings: strings), as: schema)
        return writer.hasSeenZero && Self.mayHoldUnderflow(text) ? nil : message
    }

    /// Reads the text with the strict parser, which takes every JSON text there is and can say what is wrong with others.
    func transcodeStrictly(
        _ json: UnsafeRawBufferPointer,
        from offset: Int,
        as schema: MessageSchema
    ) throws(JSONTranscodingError) -> UnsafeRawBufferPointer {
        var parser = StrictJSONParser(text: json.assumingMemoryBound(to: UInt8.self), from: offset)
        try parser.parse()
        return try write(parser.tape, as: schema)
    }

    private func write(
        _ tape: Tape,
        as schema: MessageSchema
    ) throws(JSONTranscodingError) -> UnsafeRawBufferPointer {
        guard tape.tag(at: Tape.top) == Tape.Tag.object else { throw .notAnObject }
        writer.output.reset(keeping: Self.keptLength)
        writer.write(tape, as: schema.table)
        guard !writer.isTooLarge, writer.output.count <= Self.maximumMessage else {
            throw .messageTooLarge(limit: Self.maximumMessage)
        }
        return writer.output.bytes
    }

    private static func byteOrderMarkLength(_ text: UnsafeRawBufferPointer) -> Int {
        text.starts(with: [0xef, 0xbb, 0xbf] as [UInt8]) ? 3 : 0
    }

    /// Whether a string holds U+0000, which on simdjson's tape looks like any other character: only an escape can be one.
    private static func mayHoldNUL(_ text: UnsafeRawBufferPointer) -> Bool {
        contains(text, byte: UInt8(ascii: "\\")) { memcmp($0, "\\u0000", 6) == 0 }
    }

    /// Whether a decimal that is 0 on simdjson's tape may be another number: only with a negative exponent, or with over
    /// 300 zeros in a row.
    private static func mayHoldUnderflow(_ text: UnsafeRawBufferPointer) -> Bool {
        contains(text, byte: UInt8(ascii: "-")) { ($0 - 1).load(as: UInt8.self) | 0x20 == UInt8(ascii: "e") }
            || stride(from: 128, through: text.count, by: 128).contains { end in
                text[end - 128..<end].allSatisfy { $0 == UInt8(ascii: "0") }
            }
    }

    /// Whether `isIt` holds at one of the places where `byte` is, apart from the first byte of the text.
    @inline(__always)
    private static func contains(
        _ text: UnsafeRawBufferPointer,
        byte: UInt8,
        where isIt: (UnsafeRawPointer) -> Bool
    ) -> Bool {
        guard text.count > 1, var position = text.baseAddress.map({ $0 + 1 }) else { return false }
        let end = position + (text.count - 1)
        while let found = memchr(position, Int32(byte), end - position) {
            if isIt(found) { return true }
            position = UnsafeRawPointer(found) + 1
        }
        return false
    }
}

extension GrowingBuffer<UInt8> {
    /// The bytes as a text for the transcoder, which reads behind the end.
    mutating func padded() -> UnsafeRawBufferPointer {
        reserve(JSONTranscoder.padding)
        return bytes
    }
}
