internal import Bytes

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
    /// Longer texts are left to the strict parser: simdjson takes four bytes for each byte of text where there is whitespace.
    private static let maximumFastLength = 16 << 20
    /// Memory for texts up to this length is kept.
    private static let keptLength = 4 << 20
    /// The same for texts that few send.
    private static let keptStrictLength = 64 << 10

    var writer = FastMessageWriter()
    private var strictWriter = MessageWriter()

    package init() {}

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

    /// Nil if simdjson refuses the text, or if something in it is so seldom that only the strict parser knows it.
    func transcodeFast(
        _ text: UnsafeRawBufferPointer,
        as schema: MessageSchema
    ) throws(JSONTranscodingError) -> UnsafeRawBufferPointer? {
        guard text.count <= Self.maximumFastLength else { return nil }
        if let message = try transcodeCompact(text, as: schema) { return message }
        return try transcodeIndexed(text, as: schema)
    }

    /// The same for texts without whitespace between their tokens.
    func transcodeCompact(
        _ text: UnsafeRawBufferPointer,
        as schema: MessageSchema
    ) throws(JSONTranscodingError) -> UnsafeRawBufferPointer? {
        try writeFast { writer throws(IndexedText.Doubt) in
            try writer.writeCompact(text.assumingMemoryBound(to: UInt8.self), as: schema.table)
        }
    }

    /// The same by an index of the tokens.
    func transcodeIndexed(
        _ text: UnsafeRawBufferPointer,
        as schema: MessageSchema
    ) throws(JSONTranscodingError) -> UnsafeRawBufferPointer? {
        try writeFast { writer throws(IndexedText.Doubt) in
            try writer.write(text.assumingMemoryBound(to: UInt8.self), as: schema.table)
        }
    }

    private func writeFast(
        _ write: (inout FastMessageWriter) throws(IndexedText.Doubt) -> Void
    ) throws(JSONTranscodingError) -> UnsafeRawBufferPointer? {
        let message = written(write)
        if let message { try Self.checkLength(message.count) }
        return message
    }

    /// The fields that a list has of these elements, which have commas between them; or nil if they are to be transcoded one by
    /// one, as somewhere something is wrong or seldom. Lent until the next call.
    func transcodeElements(_ text: UnsafeRawBufferPointer, as list: ListSchema) -> UnsafeRawBufferPointer? {
        if let (fields, length) = transcodeFirstElements(text, as: list), length == text.count { return fields }
        return transcodeIndexedElements(text, as: list)
    }

    /// The same by an index of the tokens.
    func transcodeIndexedElements(_ text: UnsafeRawBufferPointer, as list: ListSchema) -> UnsafeRawBufferPointer? {
        let text = text.assumingMemoryBound(to: UInt8.self)
        let fields = written { writer throws(IndexedText.Doubt) in
            try writer.writeElements(text, list.tag, as: list.element.table)
        }
        return fields.flatMap { $0.count <= Self.maximumMessage ? $0 : nil }
    }

    /// The same of those at the beginning of a text that are whole and have no whitespace between their tokens, and how much of
    /// the text they are.
    func transcodeFirstElements(
        _ text: UnsafeRawBufferPointer,
        as list: ListSchema
    ) -> (fields: UnsafeRawBufferPointer, length: Int)? {
        let text = text.assumingMemoryBound(to: UInt8.self)
        var length = 0
        let fields = written { writer throws(IndexedText.Doubt) in
            length = try writer.writeFirstCompactElements(text, list.tag, as: list.element.table)
        }
        return fields.flatMap { $0.count <= Self.maximumMessage ? ($0, length) : nil }
    }

    /// What is written; nil if something is doubtful.
    private func written(
        _ write: (inout FastMessageWriter) throws(IndexedText.Doubt) -> Void
    ) -> UnsafeRawBufferPointer? {
        defer { writer.indexer.trim(keeping: Self.keptLength) }
        writer.output.reset(keeping: Self.keptLength)
        do throws(IndexedText.Doubt) {
            try write(&writer)
        } catch {
            writer.elements.count = 0
            return nil
        }
        return writer.output.bytes
    }

    /// Reads the text with the strict parser, which takes every JSON text there is and can say what is wrong with others.
    func transcodeStrictly(
        _ json: UnsafeRawBufferPointer,
        from offset: Int,
        as schema: MessageSchema
    ) throws(JSONTranscodingError) -> UnsafeRawBufferPointer {
        var parser = StrictJSONParser(text: json.assumingMemoryBound(to: UInt8.self), from: offset)
        try parser.parse()
        guard parser.tape.tag(at: Tape.top) == Tape.Tag.object else { throw .notAnObject }
        strictWriter.output.reset(keeping: Self.keptStrictLength)
        strictWriter.write(parser.tape, as: schema.table)
        try Self.checkLength(strictWriter.isTooLarge ? .max : strictWriter.output.count)
        return strictWriter.output.bytes
    }

    private static func checkLength(_ length: Int) throws(JSONTranscodingError) {
        guard length <= maximumMessage else { throw .messageTooLarge(limit: maximumMessage) }
    }

    static func byteOrderMarkLength(_ text: UnsafeRawBufferPointer) -> Int {
        text.starts(with: [0xef, 0xbb, 0xbf] as [UInt8]) ? 3 : 0
    }
}

extension GrowingBuffer<UInt8> {
    /// The bytes as a text for the transcoder, which reads behind the end.
    mutating func padded() -> UnsafeRawBufferPointer {
        reserve(JSONTranscoder.padding)
        return bytes
    }
}
