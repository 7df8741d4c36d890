extension Timestamp {
    /// The instant that `text` names, or nil if it is not RFC 3339 (section 5.6) or if a Timestamp is less than it: a leap
    /// second, a tenth fraction digit that is not 0, a year outside 0001 to 9999 here or in UTC.
    ///
    ///     2024-05-17T09:30:00.123456+02:00
    init?(rfc3339 text: UnsafeBufferPointer<UInt8>) {
        guard let start = text.baseAddress else { return nil }
        var scanner = Scanner(position: start, end: start + text.count)
        guard let year = scanner.digits(4), year > 0, scanner.skip("-"),
            let month = scanner.digits(2), 1...12 ~= month, scanner.skip("-"),
            let day = scanner.digits(2), 1...Self.days(in: month, of: year) ~= day, scanner.skip("T", or: "t"),
            let hour = scanner.digits(2), hour < 24, scanner.skip(":"),
            let minute = scanner.digits(2), minute < 60, scanner.skip(":"),
            let second = scanner.digits(2), second < 60,
            let nanos = scanner.fraction(),
            let offset = scanner.offset(), scanner.position == scanner.end
        else { return nil }
        let days = Self.daysSince1970(year, month, day)
        seconds = Int64(days * 86_400 + hour * 3_600 + minute * 60 + second - offset)
        self.nanos = Int32(nanos)
        guard Self.range ~= seconds else { return nil }
    }

    private static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Counts in years that begin in March, so that the leap day is the last of its year, and in cycles of 400 years, which
    /// all have the same 146,097 days. The years are positive.
    private static func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let years = month > 2 ? year : year - 1
        let (cycle, yearOfCycle) = (years / 400, years % 400)
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        let dayOfCycle = yearOfCycle * 365 + yearOfCycle / 4 - yearOfCycle / 100 + dayOfYear
        return cycle * 146_097 + dayOfCycle - 719_468
    }
}

extension Timestamp {
    /// Takes the pieces of a time from the front of a text.
    private struct Scanner {
        var position: UnsafePointer<UInt8>
        let end: UnsafePointer<UInt8>

        @inline(__always)
        mutating func digits(_ count: Int) -> Int? {
            guard end - position >= count else { return nil }
            var value = 0
            for index in 0..<count {
                let digit = position[index] &- UInt8(ascii: "0")
                guard digit < 10 else { return nil }
                value = value &* 10 &+ Int(digit)
            }
            position += count
            return value
        }

        @inline(__always)
        mutating func skip(_ one: Unicode.Scalar, or other: Unicode.Scalar? = nil) -> Bool {
            guard position < end else { return false }
            let byte = Unicode.Scalar(position.pointee)
            guard byte == one || byte == other else { return false }
            position += 1
            return true
        }

        /// Nanoseconds: 0 without a fraction, nil if nine digits are not enough for it.
        mutating func fraction() -> Int? {
            guard skip(".") else { return 0 }
            var (value, unit) = (0, 100_000_000)
            let begin = position
            while position < end {
                let digit = position.pointee &- UInt8(ascii: "0")
                guard digit < 10 else { break }
                if unit == 0 && digit != 0 { return nil }
                value += Int(digit) * unit
                unit /= 10
                position += 1
            }
            return position > begin ? value : nil
        }

        /// Seconds east of UTC.
        mutating func offset() -> Int? {
            if skip("Z", or: "z") { return 0 }
            let isEast = skip("+")
            guard isEast || skip("-"), let hours = digits(2), hours < 24, skip(":"), let minutes = digits(2),
                minutes < 60
            else { return nil }
            let seconds = hours * 3_600 + minutes * 60
            return isEast ? seconds : -seconds
        }
    }
}
