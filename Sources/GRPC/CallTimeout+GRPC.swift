internal import Bytes
internal import Calls

extension CallTimeout {
    /// Reads a `grpc-timeout`: one to eight digits and a unit. What is too long for 64 bits of nanoseconds saturates.
    init?(grpc text: UnsafeRawBufferPointer) {
        guard 2...9 ~= text.count, let unit = Self.nanoseconds(unit: text[text.count - 1]) else { return nil }
        var value: UInt64 = 0
        for byte in text.dropLast() {
            guard let digit = byte.decimalDigit else { return nil }
            value = 10 * value + UInt64(digit)
        }
        let (product, isTooLong) = value.multipliedReportingOverflow(by: unit)
        self = value == 0 ? .expired : .nanoseconds(isTooLong ? .max : product)
    }

    private static func nanoseconds(unit: UInt8) -> UInt64? {
        switch unit {
        case UInt8(ascii: "H"): 3_600_000_000_000
        case UInt8(ascii: "M"): 60_000_000_000
        case UInt8(ascii: "S"): 1_000_000_000
        case UInt8(ascii: "m"): 1_000_000
        case UInt8(ascii: "u"): 1_000
        case UInt8(ascii: "n"): 1
        default: nil
        }
    }
}
