internal import Bytes

extension UnsafeRawBufferPointer {
    /// Without the optional whitespace at both ends (RFC 9110, section 5.6.3).
    var trimmed: UnsafeRawBufferPointer {
        var start = 0
        var end = count
        while start < end, self[start].isHTTPWhitespace { start += 1 }
        while start < end, self[end - 1].isHTTPWhitespace { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: self[start..<end])
    }

    /// Compares without case. The bit that makes letters lower case would also make a '-' of a CR, which no line has.
    func isWord(_ lowercased: StaticString) -> Bool {
        guard count == lowercased.utf8CodeUnitCount else { return false }
        let word = lowercased.utf8Start
        for index in 0..<count where self[index] | 0x20 != word[index] { return false }
        return true
    }

    /// Hands over the elements of a list, which empty ones are no part of (RFC 9110, section 5.6.1).
    func forEachElement(_ body: (UnsafeRawBufferPointer) -> Void) {
        var start = 0
        for index in 0...count where index == count || self[index] == UInt8(ascii: ",") {
            let element = UnsafeRawBufferPointer(rebasing: self[start..<index]).trimmed
            if !element.isEmpty { body(element) }
            start = index + 1
        }
    }

    /// Where the first control character other than a tab is; `count` if there is none.
    var firstControl: Int {
        var index = firstControlOrTab(from: 0)
        while index < count, self[index] == UInt8(ascii: "\t") { index = firstControlOrTab(from: index + 1) }
        return index
    }

    var isPrintableASCII: Bool {
        guard count >= 8 else { return allSatisfy { $0 &- 0x20 <= 0x5E } }
        var index = 0
        while index < count {
            // The last eight may be some of those before them.
            let word = loadUnaligned(fromByteOffset: Swift.min(index, count &- 8), as: UInt64.self)
            // A byte has its highest bit set with 0x20 less than itself if it is below that, and with one more if it is 0x7F.
            let others = word | (word &- UInt64(eightTimes: 0x20)) | (word &+ UInt64(eightTimes: 1))
            guard others & UInt64(eightTimes: 0x80) == 0 else { return false }
            index &+= 8
        }
        return true
    }

    private func firstControlOrTab(from start: Int) -> Int {
        var index = start
        while count - index >= 8 {
            let word = UInt64(littleEndian: loadUnaligned(fromByteOffset: index, as: UInt64.self))
            let found = word.bytes(below: 0x20) | word.bytes(equalTo: 0x7F)
            if found != 0 { return index + found.trailingZeroBitCount / 8 }
            index += 8
        }
        while index < count, self[index] >= 0x20, self[index] != 0x7F { index += 1 }
        return index
    }
}
