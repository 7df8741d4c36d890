internal import Bytes
internal import Glibc

extension Double {
    /// The double nearest to a JSON decimal, or nil if that is infinite, or 0 while the decimal is not.
    ///
    /// Behind the token there must be a byte that no number goes on with.
    init?(decimal token: UnsafeBufferPointer<UInt8>) {
        guard let start = token.baseAddress else { return nil }
        self = start.withMemoryRebound(to: CChar.self, capacity: token.count + 1) { strtod($0, nil) }
        if self == 0 {
            let mantissa = token.prefix { $0 | 0x20 != UInt8(ascii: "e") }
            if mantissa.contains(where: { UInt8(ascii: "1")...UInt8(ascii: "9") ~= $0 }) { return nil }
        } else if !isFinite {
            return nil
        }
    }
}
