internal import Bytes

/// Texts that come again and again with few elements changed.
extension JSONTranscoder {
    /// The message that `json` is in the schema's eyes, made of what is remembered of the last one as far as that goes. The bytes
    /// are lent until the next call, of the transcoder or with the memo.
    package func transcode(
        _ json: UnsafeRawBufferPointer,
        as list: ListSchema,
        remembering memo: inout ListMemo
    ) throws(JSONTranscodingError) -> UnsafeRawBufferPointer {
        if patch(json, as: list, &memo) { return memo.message.bytes }
        writer.recordedList = list.elementField
        defer { writer.recordedList = nil }
        writer.elements.count = 0
        let message = try transcode(json, as: list.whole)
        // Places are counted from behind a byte order mark.
        if Self.byteOrderMarkLength(json) > 0 { writer.elements.count = 0 }
        memo.remember(json, message, writer.elements)
        return message
    }

    /// Whether the memo now has `json` and its message: if the text differs from the last one in few elements only.
    func patch(_ json: UnsafeRawBufferPointer, as list: ListSchema, _ memo: inout ListMemo) -> Bool {
        guard memo.hasSameHead(json) else { return false }
        memo.beginNext()
        let first = memo.elements[0]
        memo.nextMessage.append(UnsafeRawBufferPointer(rebasing: memo.message.bytes[..<first.field.lowerBound]))
        var position = first.text.lowerBound
        var index = 0
        var differenceCount = 0
        while true {
            let fieldStart = memo.nextMessage.count
            let end: Int
            if let same = memo.index(of: json, at: position, around: index) {
                end = position + memo.elements[same].text.count
                memo.nextMessage.append(UnsafeRawBufferPointer(rebasing: memo.message.bytes[memo.elements[same].field]))
                index = same + 1
            } else {
                differenceCount += 1
                guard differenceCount <= memo.maximumDifference, let other = Self.endOfElement(json, position),
                    let field = transcodeElements(UnsafeRawBufferPointer(rebasing: json[position..<other]), as: list)
                else { return false }
                end = other
                memo.nextMessage.append(field)
                index += 1
            }
            memo.nextElements.append(ListMemo.Element(text: position..<end, field: fieldStart..<memo.nextMessage.count))
            if memo.hasSameTail(json, from: end) {
                let last = memo.elements[memo.elements.count - 1]
                memo.nextMessage.append(UnsafeRawBufferPointer(rebasing: memo.message.bytes[last.field.upperBound...]))
                guard memo.nextMessage.count <= Self.maximumMessage else { return false }
                memo.takeNext(json)
                return true
            }
            guard let next = Self.startOfNextElement(json, end) else { return false }
            position = next
        }
    }

    private static func endOfElement(_ json: UnsafeRawBufferPointer, _ start: Int) -> Int? {
        guard start < json.count && json[start] == UInt8(ascii: "{") else { return nil }
        var scanner = ElementScanner()
        return scanner.end(in: json.assumingMemoryBound(to: UInt8.self), from: start)
    }

    /// Nil if not a comma stands in between.
    private static func startOfNextElement(_ json: UnsafeRawBufferPointer, _ end: Int) -> Int? {
        func skipWhitespace(from start: Int) -> Int {
            var position = start
            while position < json.count && json[position].isJSONWhitespace { position += 1 }
            return position
        }
        let comma = skipWhitespace(from: end)
        guard comma < json.count && json[comma] == UInt8(ascii: ",") else { return nil }
        return skipWhitespace(from: comma + 1)
    }
}
