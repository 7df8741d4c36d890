@testable import Transcoding

extension JSONValue {
    /// Where two values differ in the contract's eyes: times are instants, decimals are the nearest double, everything else is
    /// exact.
    func differences(from other: JSONValue, at path: String = "") -> [String] {
        switch (self, other) {
        case (.null, .null): return []
        case (.bool(let one), .bool(let two)) where one == two: return []
        case (.number(let one), .number(let two)) where Self.areEqual(one, two): return []
        case (.string(let one), .string(let two)) where one == two: return []
        case (.string(let one), .string(let two)):
            guard let instant = Self.instant(one), instant == Self.instant(two) else { break }
            return []
        case (.array(let one), .array(let two)) where one.count == two.count:
            return zip(one, two).enumerated().flatMap { $1.0.differences(from: $1.1, at: "\(path)[\($0)]") }
        case (.object(let one), .object(let two)):
            return Set(one.keys).union(two.keys).flatMap { key in
                let name = "\(path).\(String(decoding: key, as: UTF16.self))"
                switch (one[key], two[key]) {
                case (let here?, let there?): return here.differences(from: there, at: name)
                case (let here?, nil): return ["\(name) is gone: \(here)"]
                case (nil, let there?): return ["\(name) is new: \(there)"]
                case (nil, nil): return []
                }
            }
        default: break
        }
        return ["\(path): \(self) became \(other)"]
    }

    private static func areEqual(_ one: String, _ two: String) -> Bool {
        if one == two || Set([one, two]) == ["0", "-0"] { return true }
        let areIntegers = [one, two].allSatisfy { $0.allSatisfy { $0.isNumber || $0 == "-" } }
        guard !areIntegers, let value = Double(one), value == Double(two) else { return false }
        // What is infinite or rounds to 0 must be the same token.
        return value.isFinite && (value != 0 || isZero(one) && isZero(two))
    }

    private static func isZero(_ token: String) -> Bool {
        token.prefix { $0 != "e" && $0 != "E" }.allSatisfy { "-0.".contains($0) }
    }

    private static func instant(_ text: [UInt16]) -> Timestamp? {
        Array(String(decoding: text, as: UTF16.self).utf8).withUnsafeBufferPointer { Timestamp(rfc3339: $0) }
    }
}
