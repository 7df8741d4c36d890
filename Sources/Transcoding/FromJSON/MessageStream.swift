internal import Bytes

/// Turns an answer that comes in chunks into messages that have parts of its list, with memory for one element and one part.
/// Laid end to end the messages are what `JSONTranscoder` makes of the whole text.
///
/// After an error it is of no more use. Belongs to one thread, like its transcoder.
package struct MessageStream: ~Copyable {
    /// What is kept of an element that has begun, of the text before anything has been emitted, or of the top object without
    /// the list. A message of 4 MiB has more text than this only if a fifth of it is escapes, whitespace or members that come
    /// twice; and 32 streams that have one such element open take 160 MiB.
    static let maximumText = 5 << 20
    /// Until something has been emitted, a chunk is taken in pieces of this size, since all of them are kept.
    private static let pieceSize = 64 << 10
    /// Memory for an element of this length is kept.
    private static let keptSize = 64 << 10

    private enum Place {
        /// In the top object, outside of the list.
        case skeleton
        /// In the list: behind `[`, behind a comma, inside of an element, behind an element.
        case listBegin, elementDue, element, elementEnd
        /// Everything is only kept: the list is nothing to be sent in parts, and nothing has been sent.
        case whole
    }

    let transcoder: JSONTranscoder
    let schema: ListSchema
    private var place = Place.skeleton
    var skeleton: SkeletonScanner
    private var scanner = ElementScanner()
    /// The element as far as it has come, if it began in an earlier chunk and the text is not kept.
    private var element = ByteBuffer(capacity: 0)
    /// The text from the beginning, until something has been emitted.
    var text = ByteBuffer(capacity: 0)
    var parts: MessageParts
    /// Where in the text the chunk begins, and where the element.
    var chunkStart = 0
    var elementStart = 0

    /// Messages are emitted once they have `partSize` bytes: Go's clients drop a stream that has 64 of them waiting. The
    /// first leaves earlier, so that there is something to begin with.
    package init(
        transcoder: JSONTranscoder,
        schema: ListSchema,
        firstPartSize: Int = 64 << 10,
        partSize: Int = 256 << 10
    ) {
        self.transcoder = transcoder
        parts = MessageParts(firstSize: firstPartSize, size: partSize)
        self.schema = schema
        skeleton = SkeletonScanner(member: schema.member, limit: Self.maximumText)
    }

    /// How many bytes it keeps: of the text, and of what has not been emitted.
    package var heldByteCount: Int { text.count + element.count + skeleton.text.count + parts.byteCount }

    /// Takes the next bytes of the text. `emit` is lent the bytes of a message; it must not call the stream.
    package mutating func consume(
        _ chunk: UnsafeRawBufferPointer,
        emit: (UnsafeRawBufferPointer) -> Void
    ) throws(JSONTranscodingError) {
        var rest = chunk
        while !rest.isEmpty {
            let piece = rest.removePrefix(atMost: parts.hasEmitted ? rest.count : Self.pieceSize)
            try keepText(piece, emit)
            let bytes = piece.assumingMemoryBound(to: UInt8.self)
            var position = 0
            while position < bytes.count && place != .whole {
                do throws(JSONTranscodingError) {
                    try advance(bytes, &position, emit)
                } catch {
                    throw error.moved(by: chunkStart)
                }
            }
            chunkStart += piece.count
        }
    }

    private mutating func keepText(
        _ piece: UnsafeRawBufferPointer,
        _ emit: (UnsafeRawBufferPointer) -> Void
    ) throws(JSONTranscodingError) {
        guard !parts.hasEmitted else { return }
        guard text.count + piece.count > Self.maximumText else { return text.append(piece) }
        guard parts.byteCount > 0 else {
            throw place == .element
                ? .messageTooLarge(limit: JSONTranscoder.maximumMessage) : .tooLarge(limit: Self.maximumText)
        }
        // What is there leaves early, and only the open element is still needed.
        if place == .element { element.append(UnsafeRawBufferPointer(rebasing: text.bytes[elementStart...])) }
        parts.flush(emit)
        text = ByteBuffer(capacity: 0)
    }

    /// Ends the text. Emits the last message, unless nothing is left for it and it is not the only one.
    package mutating func finish(emit: (UnsafeRawBufferPointer) -> Void) throws(JSONTranscodingError) {
        switch place {
        case .whole: try parts.append(transcoder.transcode(text.padded(), as: schema.whole), emit)
        case .skeleton: try appendSkeleton(emit)
        default: throw .notJSON(reason: "ends inside of the list", offset: chunkStart)
        }
        if parts.byteCount > 0 || !parts.hasEmitted { parts.flush(emit) }
    }
}

extension MessageStream {
    private mutating func advance(
        _ chunk: UnsafeBufferPointer<UInt8>,
        _ position: inout Int,
        _ emit: (UnsafeRawBufferPointer) -> Void
    ) throws(JSONTranscodingError) {
        switch place {
        case .skeleton:
            switch try skeleton.scan(chunk, &position) {
            case .chunk: break
            case .list: place = .listBegin
            case .secondList: try keepWhole(.secondList)
            }
        case .element: try advanceElement(chunk, &position, emit)
        case .listBegin, .elementDue, .elementEnd: try advanceBetweenElements(chunk, &position)
        case .whole: position = chunk.count
        }
    }

    private mutating func advanceBetweenElements(
        _ chunk: UnsafeBufferPointer<UInt8>,
        _ position: inout Int
    ) throws(JSONTranscodingError) {
        switch (chunk[position], place) {
        case (UInt8(ascii: " "), _), (UInt8(ascii: "\n"), _), (UInt8(ascii: "\r"), _), (UInt8(ascii: "\t"), _):
            position += 1
        case (UInt8(ascii: ","), .elementEnd):
            position += 1
            place = .elementDue
        case (UInt8(ascii: "]"), .listBegin), (UInt8(ascii: "]"), .elementEnd):
            place = .skeleton
        case (_, .elementEnd), (UInt8(ascii: ","), _), (UInt8(ascii: "]"), _):
            throw .notJSON(reason: "a list that is not well formed", offset: position)
        case (UInt8(ascii: "{"), _):
            elementStart = chunkStart + position
            scanner = ElementScanner()
            place = .element
        default: try keepWhole(.misfitElement)
        }
    }

    private mutating func advanceElement(
        _ chunk: UnsafeBufferPointer<UInt8>,
        _ position: inout Int,
        _ emit: (UnsafeRawBufferPointer) -> Void
    ) throws(JSONTranscodingError) {
        let begin = position
        let end = scanner.end(in: chunk, from: begin)
        position = end ?? chunk.count
        if end != nil && elementStart >= chunkStart && chunk.count - position >= JSONTranscoder.padding {
            try appendElements(chunk, from: begin, &position, emit)
        } else {
            if parts.hasEmitted {
                guard element.count + position - begin <= Self.maximumText else {
                    throw .messageTooLarge(limit: JSONTranscoder.maximumMessage)
                }
                element.append(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: chunk[begin..<position])))
            }
            guard end != nil else { return }
            try appendKeptElement(upTo: chunkStart + position, emit)
        }
        place = .elementEnd
    }

    private mutating func appendKeptElement(
        upTo end: Int,
        _ emit: (UnsafeRawBufferPointer) -> Void
    ) throws(JSONTranscodingError) {
        if parts.hasEmitted {
            try appendElement(element.padded(), emit)
            element.reset(keeping: Self.keptSize)
        } else {
            try appendElement(UnsafeRawBufferPointer(rebasing: text.padded()[elementStart..<end]), emit)
            if parts.hasEmitted { text = ByteBuffer(capacity: 0) }
        }
    }

    /// For a text whose list is nothing to be sent in parts: falls back to what a call in one piece would do, or fails if
    /// it is too late for that.
    private mutating func keepWhole(_ error: JSONTranscodingError) throws(JSONTranscodingError) {
        guard !parts.hasEmitted else { throw error }
        parts.clear()
        place = .whole
    }
}
