internal import Bytes

extension Timestamp {
    /// Writes the instant as RFC 3339 has it, in UTC, with the fewest of 3, 6 or 9 fraction digits that say it exactly:
    /// `2024-02-29T12:00:00.250Z`.
    func appendRFC3339(to text: inout ByteBuffer) throws(RequestError) {
        guard Self.range ~= seconds else {
            throw .invalid("is not in the years 0001 to 9999: \(seconds) seconds")
        }
        guard 0...999_999_999 ~= nanos else {
            throw .invalid("has \(nanos) nanos, which is not 0 to 999,999,999")
        }
        let day = Int(seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400)
        let second = Int(seconds) - day * 86_400
        let date = Self.date(daysSince1970: day)
        text.appendDecimal(date.year, digits: 4)
        text.append(UInt8(ascii: "-"))
        text.appendDecimal(date.month, digits: 2)
        text.append(UInt8(ascii: "-"))
        text.appendDecimal(date.day, digits: 2)
        text.append(UInt8(ascii: "T"))
        text.appendDecimal(second / 3600, digits: 2)
        text.append(UInt8(ascii: ":"))
        text.appendDecimal(second / 60 % 60, digits: 2)
        text.append(UInt8(ascii: ":"))
        text.appendDecimal(second % 60, digits: 2)
        text.append(UInt8(ascii: "."))
        text.appendFraction(nanos: Int(nanos))
        text.append(UInt8(ascii: "Z"))
    }

    /// The Gregorian date. Years are counted from March, so that a leap day is the last day of its year; 400 of them have
    /// 146,097 days, 100 have 36,524 and 4 have 1,461, except where a period of higher order ends.
    private static func date(daysSince1970: Int) -> (year: Int, month: Int, day: Int) {
        let daysSinceMarch0000 = daysSince1970 + 719_468
        let (period, dayOfPeriod) = daysSinceMarch0000.quotientAndRemainder(dividingBy: 146_097)
        let yearOfPeriod = (dayOfPeriod - dayOfPeriod / 1_460 + dayOfPeriod / 36_524 - dayOfPeriod / 146_096) / 365
        let dayOfYear = dayOfPeriod - (365 * yearOfPeriod + yearOfPeriod / 4 - yearOfPeriod / 100)
        // From March on, five months have 153 days, again and again.
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (400 * period + yearOfPeriod + (month <= 2 ? 1 : 0), month, day)
    }
}

extension GrowingBuffer<UInt8> {
    fileprivate mutating func appendFraction(nanos: Int) {
        if nanos % 1_000_000 == 0 {
            appendDecimal(nanos / 1_000_000, digits: 3)
        } else if nanos % 1_000 == 0 {
            appendDecimal(nanos / 1_000, digits: 6)
        } else {
            appendDecimal(nanos, digits: 9)
        }
    }

    fileprivate mutating func appendDecimal(_ value: Int, digits: Int) {
        var unit = 1
        for _ in 1..<digits { unit *= 10 }
        while unit > 0 {
            append(UInt8(ascii: "0") + UInt8(value / unit % 10))
            unit /= 10
        }
    }
}
