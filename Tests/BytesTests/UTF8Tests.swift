import Bytes
import Testing

/// The standard library's decoder says what is right.
struct UTF8Tests {
    private func agrees(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { $0.isUTF8 } == (String(validating: bytes, as: UTF8.self) != nil)
    }

    @Test func `sequences at every border are judged as RFC 3629 has it`() {
        let borders: [UInt8] = [
            0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF,
            0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
        ]
        for first in borders {
            #expect(agrees([first]))
            for second in borders {
                #expect(agrees([first, second]))
                for third in borders {
                    let three = [first, second, third]
                    let wrong = [0x00, 0x7F, 0x80, 0xBF, 0xC0].filter { !agrees(three + [$0]) }
                    #expect(agrees(three) && wrong.isEmpty)
                }
            }
        }
    }

    @Test func `text is judged alike wherever in it the trouble is`() {
        let text = Array("plain text of some length, é € 😀 and plain again".utf8)
        for index in text.indices {
            #expect(agrees(Array(text[..<index])))
            #expect(agrees(Array(text[index...])))
            for byte in [0x80, 0xC3, 0xED, 0xF4, 0xFF] as [UInt8] {
                var changed = text
                changed[index] = byte
                #expect(agrees(changed))
            }
        }
    }
}
