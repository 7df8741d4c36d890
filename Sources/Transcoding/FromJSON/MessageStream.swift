internal import Bytes

/// Turns an answer that comes in chunks into messages that have parts of its list, with memory for one element and one part.
/// Laid end to end the messages are what `JSONTranscoder` makes of the whole text.
///
/// After an error it is of no more use. Belongs to one thread, like its transcoder.
package struct MessageStream: ~Copyable {
    private static let maximumElementText = 16 << 20
    private static let maximumText = 32 << 20

    private enum Place {
        /// In the top object, outside of the list.
        case skeleton
        /// In the list: behind `[`, behind a comma, inside of an element, behind an element.
        case listBegin, elementDue, element, elementEnd
        /// Everything is only kept: the list is nothing to be sent in parts, and nothing has been sent.
        case whole
    }

    private let transcoder: JSONTranscoder
    private let firstPartSize: Int
    private let partSize: Int
    private let schema: ListSchema
    private var place = Place.skeleton
    private var skeleton: SkeletonScanner
    private var scanner = ElementScanner()
    /// The element as far as it has come, if it began in an earlier chunk.
    private var element = ByteBuffer(capacity: 4096)
    /// The text from the beginning, until something has been emitted.
    private var text = ByteBuffer(capacity: 4096)
    private var part = ByteBuffer(capacity: 4096)
    private var hasEmitted = false
    /// Where in the text the chunk begins, and where the element.
    private var chunkStart = 0
    private var elementStart = 0

    /// Messages are emitted once they have `partSize` bytes: Go's clients drop a stream that has 64 of them waiting. The
    /// first leaves earlier, so that there is something to begin with.
    package init(
        transcoder: JSONTranscoder,
        schema: ListSchema,
        firstPartSize: Int = 64 << 10,
        partSize: Int = 256 << 10
    ) {
        self.transcoder = transcoder
        self.firstPartSize = min(firstPartSize, partSize)
        self.partSize = min(partSize, JSONTranscoder.maximumMessage)
        self.schema = schema
        skeleton = SkeletonScanner(member: schema.member)
    }

    /// Takes the next bytes of the text. `emit` is lent the bytes of a message; it must not call the stream.
    package mutating func consume(
        _ chunk: UnsafeRawBufferPointer,
        emit: (UnsafeRawBufferPointer) -> Void
    ) throws(JSONTranscodingError) {
        if !hasEmitted {
            guard text.count + chunk.count <= Self.maximumText else { throw .tooLarge(limit: Self.maximumText) }
            text.append(chunk)
        }
        let bytes = chunk.assumingMemoryBound(to: UInt8.self)
        var position = 0
        while position < bytes.count && place != .whole {
            do throws(JSONTranscodingError) {
                try advance(bytes, &position, emit)
            } catch {
                throw error.moved(by: chunkStart)
            }
        }
        chunkStart += chunk.count
    }

    /// Ends the text. Emits the last message, unless nothing is left for it and it is not the only one.
    package mutating func finish(emit: (UnsafeRawBufferPointer) -> Void) throws(JSONTranscodingError) {
        switch place {
        case .whole: try append(transcoder.transcode(text.padded(), as: schema.whole), emit)
        case .skeleton: try appendSkeleton(emit)
        default: throw .notJSON(reason: "ends inside of the list", offset: chunkStart)
        }
        if part.count > 0 || !hasEmitted { flush(emit) }
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
        let end = scanner.end(in: chunk, from: position)
        let piece = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: chunk[position..<(end ?? chunk.count)]))
        position += piece.count
        if end != nil && element.count == 0 && chunk.count - position >= JSONTranscoder.padding {
            try appendElement(piece, emit)
        } else {
            guard element.count + piece.count <= Self.maximumElementText else {
                throw .messageTooLarge(limit: JSONTranscoder.maximumMessage)
            }
            element.append(piece)
            guard end != nil else { return }
            try appendElement(element.padded(), emit)
            element.count = 0
        }
        place = .elementEnd
    }

    /// For a text whose list is nothing to be sent in parts: falls back to what a call in one piece would do, or fails if
    /// it is too late for that.
    private mutating func keepWhole(_ error: JSONTranscodingError) throws(JSONTranscodingError) {
        guard !hasEmitted else { throw error }
        part.count = 0
        place = .whole
    }
}

extension MessageStream {
    private mutating func appendElement(
        _ json: UnsafeRawBufferPointer,
        _ emit: (UnsafeRawBufferPointer) -> Void
    ) throws(JSONTranscodingError) {
        let message: UnsafeRawBufferPointer
        do throws(JSONTranscodingError) {
            message = try transcoder.transcode(json, as: schema.element)
        } catch {
            throw error.moved(by: elementStart - chunkStart)
        }
        let tag = schema.tag
        try makeRoom(tag.count + Varint.length(of: UInt64(message.count)) + message.count, emit)
        part.write(room: 16) {
            $0.put(tag)
            $0.putVarint(UInt64(message.count))
        }
        part.append(message)
        if part.count >= (hasEmitted ? partSize : firstPartSize) { flush(emit) }
    }

    /// Everything but the list. Its own offsets say nothing about the whole text.
    private mutating func appendSkeleton(
        _ emit: (UnsafeRawBufferPointer) -> Void
    ) throws(JSONTranscodingError) {
        do throws(JSONTranscodingError) {
            try append(transcoder.transcode(skeleton.text.padded(), as: schema.whole), emit)
        } catch {
            guard case .notJSON(let reason, _) = error else { throw error }
            throw .notJSON(reason: reason, offset: nil)
        }
    }

    private mutating func append(
        _ message: UnsafeRawBufferPointer,
        _ emit: (UnsafeRawBufferPointer) -> Void
    ) throws(JSONTranscodingError) {
        try makeRoom(message.count, emit)
        part.append(message)
    }

    private mutating func makeRoom(
        _ size: Int,
        _ emit: (UnsafeRawBufferPointer) -> Void
    ) throws(JSONTranscodingError) {
        let limit = JSONTranscoder.maximumMessage
        guard size <= limit else { throw .messageTooLarge(limit: limit) }
        if part.count + size > limit { flush(emit) }
    }

    private mutating func flush(_ emit: (UnsafeRawBufferPointer) -> Void) {
        emit(part.bytes)
        part.count = 0
        guard !hasEmitted else { return }
        hasEmitted = true
        text = ByteBuffer(capacity: 0)
    }
}
