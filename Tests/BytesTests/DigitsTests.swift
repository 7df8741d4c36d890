import Bytes
import Testing

struct DigitsTests {
    @Test(arguments: UInt8.min...UInt8.max)
    func `a digit is what the standard library takes for one`(byte: UInt8) {
        let character = String(decoding: [byte], as: UTF8.self)
        #expect(byte.hexadecimalDigit == (byte == 0x2B || byte == 0x2D ? nil : UInt8(character, radix: 16)))
        #expect(byte.decimalDigit == (byte == 0x2B || byte == 0x2D ? nil : UInt8(character)))
        #expect(byte.isDecimalDigit == (byte.decimalDigit != nil))
    }

    @Test func `a digit is written in either case, of the lowest four bits`() {
        let lowercase = (0..<16).map { UInt8(hexadecimalDigitOf: $0) }
        let uppercase = (0..<16).map { UInt8(hexadecimalDigitOf: 0x120 + $0, isUppercase: true) }
        #expect(lowercase.elementsEqual("0123456789abcdef".utf8))
        #expect(uppercase.elementsEqual("0123456789ABCDEF".utf8))
    }

    @Test func `percent-encoding leaves alone what is unreserved, and nothing else`() {
        let unreserved = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
        for byte in UInt8.min...UInt8.max {
            var text: [UInt8] = []
            text.append(percentEncoding: [byte])
            let hexadecimal = (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            #expect(text == (unreserved.contains(byte) ? [byte] : Array("%\(hexadecimal)".utf8)))
        }
    }
}
