import Testing

@testable import Bytes

struct ProtobufWriterTests {
    @Test func `a message has the fields that were appended, without those that are empty or 0`() {
        var writer = ProtobufWriter()
        writer.append(field: 1, varint: 150)
        writer.append(field: 2, varint: 0)
        writer.append(field: 3, "")
        writer.append(field: 4, "é")
        writer.append(field: 1000, [UInt8](repeating: 7, count: 128))
        #expect(
            writer.bytes
                == [0x08, 0x96, 0x01, 0x22, 0x02, 0xC3, 0xA9, 0xC2, 0x3E, 0x80, 0x01]
                + [UInt8](repeating: 7, count: 128)
        )
    }

    @Test func `a message is there also when nothing is in it`() {
        var writer = ProtobufWriter()
        writer.append(field: 1, message: [])
        #expect(writer.bytes == [0x0A, 0])
    }
}
