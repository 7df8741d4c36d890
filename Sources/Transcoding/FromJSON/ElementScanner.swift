internal import Bytes

/// Finds where an object of a list ends, without reading it: counts brackets outside of strings. Takes the text in pieces.
///
/// Brackets of the wrong kind count too; whoever parses the element sees that.
struct ElementScanner {
    private var depth = 0
    private var isInString = false
    private var isEscaped = false

    /// The index behind the element's last byte, or nil if it ends in a later chunk. An element begins at `start` or goes
    /// on there.
    mutating func end(in chunk: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        guard let bytes = chunk.baseAddress else { return nil }
        var position = start
        while position < chunk.count {
            if isInString {
                position = endOfString(bytes, position, chunk.count)
                continue
            }
            let byte = bytes[position]
            position &+= 1
            // Brackets differ from braces in this bit alone.
            switch byte | 0x20 {
            case UInt8(ascii: "{"): depth &+= 1
            case UInt8(ascii: "}"):
                depth &-= 1
                if depth == 0 { return position }
            default: isInString = byte == UInt8(ascii: "\"")
            }
        }
        return nil
    }

    /// The index behind the string that goes on at `start`, or `end`.
    @inline(__always)
    private mutating func endOfString(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
        var position = start
        while position < end {
            if isEscaped {
                isEscaped = false
                position &+= 1
                continue
            }
            while position &+ 8 <= end {
                let word = UnsafeRawPointer(bytes + position).loadUnaligned(as: UInt64.self).littleEndian
                let special = word.bytes(equalTo: UInt8(ascii: "\"")) | word.bytes(equalTo: UInt8(ascii: "\\"))
                position &+= special == 0 ? 8 : special.trailingZeroBitCount &>> 3
                if special != 0 { break }
            }
            guard position < end else { break }
            let byte = bytes[position]
            position &+= 1
            if byte == UInt8(ascii: "\"") {
                isInString = false
                break
            }
            isEscaped = byte == UInt8(ascii: "\\")
        }
        return position
    }
}

extension ElementScanner {
    /// Where an element is that is whole, begins behind a comma and ends before `limit`.
    @inline(never)
    static func nextElement(
        in chunk: UnsafeBufferPointer<UInt8>,
        behind end: Int,
        _ limit: Int
    ) -> Range<Int>? {
        func skipWhitespace(from start: Int) -> Int {
            var position = start
            while position < limit && chunk[position].isJSONWhitespace { position += 1 }
            return position
        }
        let comma = skipWhitespace(from: end)
        guard comma < limit && chunk[comma] == UInt8(ascii: ",") else { return nil }
        let begin = skipWhitespace(from: comma + 1)
        guard begin < limit && chunk[begin] == UInt8(ascii: "{") else { return nil }
        var scanner = ElementScanner()
        return scanner.end(in: UnsafeBufferPointer(rebasing: chunk[..<limit]), from: begin).map { begin..<$0 }
    }
}
