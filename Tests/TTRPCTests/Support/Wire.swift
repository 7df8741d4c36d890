/// Bytes written out by hand: hexadecimal pairs, and text in single quotes for what is text on the wire.
func wire(_ notation: String) -> [UInt8] {
    var bytes: [UInt8] = []
    for (index, part) in notation.split(separator: "'", omittingEmptySubsequences: false).enumerated() {
        if index % 2 == 1 {
            bytes += part.utf8
        } else {
            bytes += part.split(whereSeparator: \.isWhitespace).map { pair in
                guard pair.utf8.count == 2, let byte = UInt8(pair, radix: 16) else {
                    preconditionFailure("'\(pair)' is no byte")
                }
                return byte
            }
        }
    }
    return bytes
}

extension UnsafeRawBufferPointer {
    var text: String { String(decoding: self, as: UTF8.self) }
}
