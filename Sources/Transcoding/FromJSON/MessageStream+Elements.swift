internal import Bytes

/// What becomes of elements that are whole, and of the rest of the text.
extension MessageStream {
    /// Appends the element that ends at `position`, and in one go with it those behind it that are in the chunk, as far as the
    /// part has room. Leaves `position` behind the last one.
    mutating func appendElements(
        _ chunk: UnsafeBufferPointer<UInt8>,
        from begin: Int,
        _ position: inout Int,
        _ emit: (UnsafeRawBufferPointer) -> Void
    ) throws(JSONTranscodingError) {
        let limit = min(begin + parts.dueSize - parts.byteCount, chunk.count - JSONTranscoder.padding)
        if let fields = transcodeFirstElements(chunk, from: begin, &position, limit) {
            try parts.append(fields, emit)
        } else {
            try appendScannedElements(chunk, from: begin, &position, limit, emit)
        }
        if parts.hasEmitted { text = ByteBuffer(capacity: 0) }
    }

    /// Those that have no whitespace in and between them; nil if there are not several. Where each ends need not be known.
    private func transcodeFirstElements(
        _ chunk: UnsafeBufferPointer<UInt8>,
        from begin: Int,
        _ position: inout Int,
        _ limit: Int
    ) -> UnsafeRawBufferPointer? {
        guard position < limit, let end = chunk[position..<limit].lastIndex(of: UInt8(ascii: "}")) else { return nil }
        let elements = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: chunk[begin...end]))
        guard let (fields, length) = transcoder.transcodeFirstElements(elements, as: schema),
            begin + length > position
        else { return nil }
        position = begin + length
        return fields
    }

    /// Several in one go by an index, or one.
    private mutating func appendScannedElements(
        _ chunk: UnsafeBufferPointer<UInt8>,
        from begin: Int,
        _ position: inout Int,
        _ limit: Int,
        _ emit: (UnsafeRawBufferPointer) -> Void
    ) throws(JSONTranscodingError) {
        var element = begin..<position
        while let next = ElementScanner.nextElement(in: chunk, behind: position, limit) { position = next.upperBound }
        let elements = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: chunk[begin..<position]))
        if position > element.upperBound, let fields = transcoder.transcodeIndexedElements(elements, as: schema) {
            try parts.append(fields, emit)
        } else {
            // One by one, which also tells which of them is to blame.
            while true {
                elementStart = chunkStart + element.lowerBound
                try appendElement(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: chunk[element])), emit)
                guard let next = ElementScanner.nextElement(in: chunk, behind: element.upperBound, position) else {
                    break
                }
                element = next
            }
        }
    }

    mutating func appendElement(
        _ json: UnsafeRawBufferPointer,
        _ emit: (UnsafeRawBufferPointer) -> Void
    ) throws(JSONTranscodingError) {
        let message: UnsafeRawBufferPointer
        do throws(JSONTranscodingError) {
            message = try transcoder.transcode(json, as: schema.element)
        } catch {
            throw error.moved(by: elementStart - chunkStart)
        }
        try parts.append(schema.tag, message, emit)
    }

    /// Everything but the list. Its own offsets say nothing about the whole text.
    mutating func appendSkeleton(
        _ emit: (UnsafeRawBufferPointer) -> Void
    ) throws(JSONTranscodingError) {
        do throws(JSONTranscodingError) {
            try parts.append(transcoder.transcode(skeleton.text.padded(), as: schema.whole), emit)
        } catch {
            guard case .notJSON(let reason, _) = error else { throw error }
            throw .notJSON(reason: reason, offset: nil)
        }
    }
}
