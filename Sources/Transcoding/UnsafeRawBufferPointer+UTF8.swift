extension UnsafeRawBufferPointer {
    /// Well-formed by Unicode's table 3-7: shortest form, no surrogates, nothing above U+10FFFF.
    var isUTF8: Bool {
        var index = 0
        while index < count {
            let lead = self[index]
            index += 1
            if lead < 0x80 { continue }
            let second: ClosedRange<UInt8>
            let length: Int
            switch lead {
            case 0xC2...0xDF: (length, second) = (1, 0x80...0xBF)
            case 0xE0: (length, second) = (2, 0xA0...0xBF)
            case 0xED: (length, second) = (2, 0x80...0x9F)
            case 0xE1...0xEF: (length, second) = (2, 0x80...0xBF)
            case 0xF0: (length, second) = (3, 0x90...0xBF)
            case 0xF1...0xF3: (length, second) = (3, 0x80...0xBF)
            case 0xF4: (length, second) = (3, 0x80...0x8F)
            default: return false
            }
            guard count - index >= length, second ~= self[index] else { return false }
            for offset in 1..<length where self[index + offset] & 0xC0 != 0x80 { return false }
            index += length
        }
        return true
    }
}
