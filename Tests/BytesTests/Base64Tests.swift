import Bytes
import Testing

struct Base64Tests {
    /// RFC 4648, section 10, without the padding.
    @Test(arguments: [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
        ("foobar", "Zm9vYmFy"),
    ])
    func `bytes become base64 without padding`(text: String, encoded: String) {
        var bytes: [UInt8] = []
        bytes.append(base64: Array(text.utf8))
        #expect(bytes == Array(encoded.utf8))
    }

    @Test func `every digit is there`() {
        var bytes: [UInt8] = []
        let groups = (0..<16).flatMap { group in
            let value = (0..<4).reduce(UInt32(0)) { $0 << 6 | UInt32(4 * group + $1) }
            return [UInt8(value >> 16), UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF)]
        }
        bytes.append(base64: groups)
        #expect(bytes == Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8))
    }
}
