import Testing

@testable import TTRPC

struct FrameHeaderTests {
    @Test(arguments: GoldenFrame.all.indices)
    func `a header written by hand is read and written the same`(index: Int) {
        let golden = GoldenFrame.all[index]
        #expect(golden.bytes.withUnsafeBytes { FrameHeader(decoding: $0) } == golden.header)

        var encoded = [UInt8](repeating: 0xAA, count: FrameHeader.byteCount)
        encoded.withUnsafeMutableBytes { golden.header.encode(into: $0) }
        #expect(encoded == Array(golden.bytes.prefix(FrameHeader.byteCount)))
    }

    @Test func `a length may have all four bytes`() {
        let header = wire("fe dc ba 98  76 54 32 10  ff ff").withUnsafeBytes { FrameHeader(decoding: $0) }
        #expect(header.length == 0xFEDC_BA98)
        #expect(header.streamID == 0x7654_3210)
        #expect(header.type.rawValue == 255)
        #expect(header.flags.rawValue == 255)
    }
}
