import Testing

@testable import Transcoding

@Suite struct `Times of RFC 3339` {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0, 0), ("1970-01-01T00:00:00-00:00", 0, 0),
            ("2024-05-17t09:30:00z", 1_715_938_200, 0),
            ("2024-05-17T09:30:00.5Z", 1_715_938_200, 500_000_000),
            ("2024-05-17T09:30:00.123456789Z", 1_715_938_200, 123_456_789),
            ("2024-05-17T09:30:00.123456Z", 1_715_938_200, 123_456_000),
            ("2024-05-17T09:30:00.1234567890000Z", 1_715_938_200, 123_456_789),
            ("2024-05-17T11:30:00+02:00", 1_715_938_200, 0), ("2024-05-16T09:31:00-23:59", 1_715_938_200, 0),
            ("1969-12-31T23:59:59.999Z", -1, 999_000_000), ("2000-02-29T00:00:00Z", 951_782_400, 0),
            ("0001-01-01T00:00:00Z", -62_135_596_800, 0),
            ("9999-12-31T23:59:59.999999999Z", 253_402_300_799, 999_999_999),
            ("1900-03-01T00:00:00Z", -2_203_891_200, 0),
        ] as [(String, Int64, Int32)]
    )
    func `an instant is seconds and nanos`(text: String, seconds: Int64, nanos: Int32) throws {
        #expect(try parsed(text) == Timestamp(seconds: seconds, nanos: nanos))
    }

    @Test(arguments: [
        "", "yesterday", "2024-05-17", "2024-05-17T09:30:00", "2024-05-17 09:30:00Z", "2024-05-17T09:30Z",
        "2024-05-17T09:30:00+0200",
        "2024-05-17T09:30:00+02", "2024-05-17T09:30:00.Z", "2024-05-17T09:30:00,5Z", "2024-05-17T09:30:00Z ",
        " 2024-05-17T09:30:00Z",
        "24-05-17T09:30:00Z", "+2024-05-17T09:30:00Z", "2024-5-17T09:30:00Z", "2024-05-17T9:30:00Z",
        "2024-05-17T09:30:00ZZ",
        "2024-05-17T09:30:00+24:00", "2024-05-17T09:30:00+01:60", "20240517T093000Z", "２024-05-17T09:30:00Z",
    ])
    func `what is not RFC 3339 with an offset is none`(text: String) throws {
        #expect(try parsed(text) == nil)
    }

    @Test(arguments: [
        "2024-00-17T09:30:00Z", "2024-13-17T09:30:00Z", "2024-04-31T09:30:00Z", "2024-05-00T09:30:00Z",
        "2023-02-29T09:30:00Z",
        "1900-02-29T09:30:00Z", "2024-05-17T24:00:00Z", "2024-05-17T09:60:00Z",
    ])
    func `a day or an hour that does not exist is none`(text: String) throws {
        #expect(try parsed(text) == nil)
    }

    @Test(arguments: [
        "2016-12-31T23:59:60Z", "2024-05-17T09:30:00.1234567891Z", "0000-12-31T23:59:59Z", "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01", "0000-12-31T23:59:59-01:00", "10000-01-01T00:00:00Z",
    ])
    func `what a Timestamp is less than is none`(text: String) throws {
        #expect(try parsed(text) == nil)
    }

    @Test func `every day from year 1 to year 9999 follows the day before`() throws {
        var seconds = Timestamp.range.lowerBound
        for year in 1...9999 {
            for (month, days) in zip(1...12, [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]) {
                let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
                // The first and the last day of each month are enough to see every step.
                let last = Int64(days + (month == 2 && isLeap ? 1 : 0))
                #expect(try parsed(date(year, month, 1))?.seconds == seconds)
                #expect(try parsed(date(year, month, Int(last)))?.seconds == seconds + (last - 1) * 86_400)
                seconds += last * 86_400
            }
        }
        #expect(seconds == Timestamp.range.upperBound + 1)
    }

    @Test func `a time that is none is carried as it is`() throws {
        #expect(
            try model(#"{"created":{"value":"2016-12-31T23:59:60Z"}}"#)
                == "created:{\(extras(#"{"value":"2016-12-31T23:59:60Z"}"#))}"
        )
        #expect(try model(#"{"created":{"value":"1970-01-01T00:00:00Z"}}"#) == "created:{value:{}}")
    }

    private func parsed(_ text: String) throws -> Timestamp? {
        Array(text.utf8).withUnsafeBufferPointer { Timestamp(rfc3339: $0) }
    }

    private func date(_ year: Int, _ month: Int, _ day: Int) -> String {
        func digits(_ value: Int, _ count: Int) -> String {
            String(repeating: "0", count: count - String(value).count) + String(value)
        }
        return "\(digits(year, 4))-\(digits(month, 2))-\(digits(day, 2))T00:00:00Z"
    }
}
