import Bytes
import Foundation
import Testing

@testable import Transcoding

@Suite struct TimestampRFC3339FormatTests {
    private func text(_ seconds: Int64, _ nanos: Int32 = 0) throws(RequestError) -> String {
        var text = ByteBuffer(capacity: 1)
        try Timestamp(seconds: seconds, nanos: nanos).appendRFC3339(to: &text)
        return String(decoding: text.bytes, as: UTF8.self)
    }

    @Test(
        arguments: [
            (-62_135_596_800, "0001-01-01T00:00:00.000Z"), (253_402_300_799, "9999-12-31T23:59:59.000Z"),
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.000Z"),
            (951_782_399, "2000-02-28T23:59:59.000Z"),
            (951_782_400, "2000-02-29T00:00:00.000Z"), (951_868_800, "2000-03-01T00:00:00.000Z"),
            (4_107_542_399, "2100-02-28T23:59:59.000Z"), (4_107_542_400, "2100-03-01T00:00:00.000Z"),
            (1_709_208_000, "2024-02-29T12:00:00.000Z"), (1_735_689_599, "2024-12-31T23:59:59.000Z"),
            (-2_208_988_801, "1899-12-31T23:59:59.000Z"),
        ] as [(Int64, String)]
    )
    func `an instant is written as the date of the Gregorian calendar`(seconds: Int64, expected: String) throws {
        #expect(try text(seconds) == expected)
    }

    @Test(
        arguments: [
            (0, "000"), (250_000_000, "250"), (1_000_000, "001"), (123_456_000, "123456"), (1_000, "000001"),
            (1, "000000001"),
            (999_999_999, "999999999"), (120_000_001, "120000001"),
        ] as [(Int32, String)]
    )
    func `a fraction has the fewest of 3, 6 and 9 digits that say it`(nanos: Int32, digits: String) throws {
        #expect(try text(0, nanos) == "1970-01-01T00:00:00.\(digits)Z")
        #expect(try text(-1, nanos) == "1969-12-31T23:59:59.\(digits)Z")
    }

    @Test(
        arguments: [
            (-62_135_596_801, 0), (253_402_300_800, 0), (.min, 0), (.max, 0), (0, -1), (0, 1_000_000_000), (0, .min),
            (0, .max),
        ] as [(Int64, Int32)]
    )
    func `an instant out of range is an error`(seconds: Int64, nanos: Int32) {
        #expect(throws: RequestError.self) { try text(seconds, nanos) }
    }

    @Test func `days agree with another calendar through all years`() throws {
        let formatter = ISO8601DateFormatter()
        // From 1583 on, the first full year that Foundation's calendar counts as Gregorian.
        for seconds in stride(from: Int64(-12_212_553_600), to: 253_402_300_799, by: 86_400 * 97 + 12_345) {
            let expected = formatter.string(from: Date(timeIntervalSince1970: Double(seconds)))
            #expect(try text(seconds) == expected.replacingOccurrences(of: "Z", with: ".000Z"))
        }
    }
}
