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

    @Test(arguments: [
        (10, "18446744073709551609", "18446744073709551610"), (16, "FFFFFFFFFFFFFFEF", "fffffffffffffff0"),
    ])
    func `numbers grow as long as another digit has room whatever it is`(radix: UInt64, largest: String, next: String) {
        func number(_ text: String) -> UInt64? {
            text.utf8.reduce(0) { number, byte in
                byte.hexadecimalDigit.flatMap { number?.appending($0, radix: radix) }
            }
        }
        #expect(number("0") == 0)
        #expect(number(largest) == UInt64(largest, radix: Int(radix)))
        #expect(number("000" + largest) == UInt64(largest, radix: Int(radix)))
        #expect(number(next) == nil)
        #expect(number(largest + "0") == nil)
    }
}
