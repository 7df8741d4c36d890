import Testing

@testable import Bytes

struct ProtobufReaderTests {
    /// The numbers of the fields, whose values are skipped.
    private func fields(_ bytes: [UInt8]) throws(ProtobufProblem) -> [UInt32] {
        let result = bytes.withUnsafeBytes { bytes in
            Result { () throws(ProtobufProblem) in
                var reader = ProtobufReader(bytes)
                var numbers: [UInt32] = []
                while !reader.isAtEnd {
                    let tag = try reader.readTag()
                    try reader.skipValue(tag)
                    numbers.append(tag.number)
                }
                return numbers
            }
        }
        return try result.get()
    }

    @Test func `values of every wire type are skipped, groups in groups too`() throws {
        #expect(try fields([]) == [])
        #expect(
            try fields([
                0x08, 0x96, 0x01, 0x11, 1, 2, 3, 4, 5, 6, 7, 8, 0x1A, 2, 0xFF, 0xFF, 0x25, 1, 2, 3, 4,
                0x2B, 0x08, 0x01, 0x33, 0x34, 0x2C,
            ]) == [1, 2, 3, 4, 5]
        )
    }

    @Test(
        arguments: [
            ([0x08], .varintTruncated), ([0x08, 0x80], .varintTruncated),
            ([0x08] + [UInt8](repeating: 0x80, count: 10) + [0], .varintTooLong),
            ([0x11, 1, 2, 3, 4, 5, 6, 7], .fixedTruncated), ([0x15, 1, 2, 3], .fixedTruncated),
            ([0x12, 2, 0], .lengthTooLarge), ([0x0C], .group), ([0x0B, 0x14], .group), ([0x0B], .varintTruncated),
        ] as [([UInt8], ProtobufProblem)]
    )
    func `what is cut off or malformed is refused`(bytes: [UInt8], problem: ProtobufProblem) {
        #expect(throws: problem) { try fields(bytes) }
    }

    @Test func `groups go a hundred deep and no deeper`() throws {
        func nested(_ depth: Int) -> [UInt8] {
            [UInt8](repeating: 0x0B, count: depth) + [UInt8](repeating: 0x0C, count: depth)
        }
        #expect(try fields(nested(100)) == [1])
        #expect(throws: ProtobufProblem.group) { try fields(nested(101)) }
    }

    @Test func `bytes and strings are lent from where they are, and a string is UTF-8`() throws {
        let bytes: [UInt8] = [2, 0xC3, 0xA9, 0, 1, 0xFF]
        let (text, empty, rest) = try bytes.withUnsafeBytes { bytes in
            var reader = ProtobufReader(bytes)
            return (Array(try reader.readString()), Array(try reader.readBytes()), Array(reader.unread))
        }
        #expect(text == Array("é".utf8))
        #expect(empty == [])
        #expect(rest == [1, 0xFF])
        #expect(throws: ProtobufProblem.notUTF8) {
            try rest.withUnsafeBytes { bytes in
                var reader = ProtobufReader(bytes)
                _ = try reader.readString()
            }
        }
    }
}
