internal import Bytes

/// A number of an indexed text: its token, and its value as far as it is known from reading the token.
struct JSONNumber {
    let token: UnsafeBufferPointer<UInt8>
    let isNegative: Bool
    let isInteger: Bool
    /// The digits without point and exponent, modulo 2^64.
    private let digits: UInt64
    /// How many there are, zeros in front included.
    private let digitCount: Int
    /// How many of them are behind the point.
    private let fractionCount: Int
    private let hasExponent: Bool

    /// Whether a number begins here, if anything does.
    @inline(__always)
    static func begins(at place: UnsafePointer<UInt8>) -> Bool {
        place.pointee.isDecimalDigit || place.pointee == UInt8(ascii: "-")
    }

    /// Reads the token by the grammar of RFC 8259, section 6.
    @inline(__always)
    init(_ text: IndexedText, at token: Int) throws(IndexedText.Doubt) {
        try self.init(at: text.place(of: token))
        try text.demandEnd(text.place(of: token) + self.token.count, before: token &+ 1)
    }

    /// Reads as far as it is a number.
    @inline(__always)
    init(at start: UnsafePointer<UInt8>) throws(IndexedText.Doubt) {
        var position = start
        isNegative = position.pointee == UInt8(ascii: "-")
        if isNegative { position += 1 }
        let first = position
        var digits: UInt64 = 0
        Self.readDigits(&position, &digits)
        var digitCount = position - first
        guard digitCount > 0, first.pointee != UInt8(ascii: "0") || digitCount == 1 else { throw IndexedText.Doubt() }
        var fractionCount = 0
        if position.pointee == UInt8(ascii: ".") {
            position += 1
            let fraction = position
            Self.readDigits(&position, &digits)
            fractionCount = position - fraction
            guard fractionCount > 0 else { throw IndexedText.Doubt() }
            digitCount &+= fractionCount
        }
        hasExponent = position.pointee | 0x20 == UInt8(ascii: "e")
        if hasExponent { try Self.skipExponent(&position) }
        self.token = UnsafeBufferPointer(start: start, count: position - start)
        self.digits = digits
        self.digitCount = digitCount
        self.fractionCount = fractionCount
        isInteger = fractionCount == 0 && !hasExponent
    }

    /// The last token of a text is no number, so that something ends this.
    @inline(__always)
    private static func readDigits(_ position: inout UnsafePointer<UInt8>, _ value: inout UInt64) {
        while true {
            let digit = position.pointee &- UInt8(ascii: "0")
            if digit > 9 { break }
            value = value &* 10 &+ UInt64(digit)
            position += 1
        }
    }

    @inline(never)
    private static func skipExponent(_ position: inout UnsafePointer<UInt8>) throws(IndexedText.Doubt) {
        position += 1
        if position.pointee == UInt8(ascii: "+") || position.pointee == UInt8(ascii: "-") { position += 1 }
        let first = position
        var value: UInt64 = 0
        readDigits(&position, &value)
        if position == first { throw IndexedText.Doubt() }
    }

    /// The number if it is an integer of 64 bits.
    @inline(__always)
    var int64: Int64? {
        guard isInteger else { return nil }
        // Nineteen digits fit into 64 bits.
        guard digitCount <= 19 else { return nil }
        if isNegative {
            return digits <= Int64.min.magnitude ? Int64(truncatingIfNeeded: 0 &- digits) : nil
        }
        return Int64(exactly: digits)
    }

    /// A decimal means the nearest Double, an integer means itself. Nil if there is none that is that.
    @inline(__always)
    var double: Double? {
        if isInteger {
            if let int64 { return Double(exactly: int64) }
            return Double(exactInteger: token)
        }
        return decimal
    }

    /// The double nearest to a decimal.
    @inline(__always)
    var decimal: Double? {
        // Both are exact, so that their quotient is the nearest there is.
        if !hasExponent && digitCount <= 15 && fractionCount > 0 && fractionCount <= 15 {
            let quotient = Double(digits) / Self.powerOfTen(fractionCount)
            return isNegative ? -quotient : quotient
        }
        return Double(decimal: token)
    }

    @inline(__always)
    private static func powerOfTen(_ exponent: Int) -> Double {
        var power: UInt64 = 1
        for _ in 0..<exponent { power &*= 10 }
        return Double(power)
    }
}
