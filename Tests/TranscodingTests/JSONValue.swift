/// A JSON value as a reader sees it, for comparing texts; read by other code than the transcoder's, and only for texts that
/// are known to be JSON.
enum JSONValue {
    case null
    case bool(Bool)
    /// The token.
    case number(String)
    /// UTF-16, because a JSON string may hold lone surrogates.
    case string([UInt16])
    case array([JSONValue])
    /// Of duplicates the last.
    case object([[UInt16]: JSONValue])

    init(_ text: String) {
        var reader = Reader(rest: Array(text.utf16)[...])
        if reader.rest.first == 0xfeff { reader.rest = reader.rest.dropFirst() }
        self = reader.value()
    }

    private struct Reader {
        var rest: ArraySlice<UInt16>

        mutating func value() -> JSONValue {
            switch next() {
            case "{": return .object(object())
            case "[": return .array(array())
            case "\"": return .string(string())
            case "t": return literal("rue", .bool(true))
            case "f": return literal("alse", .bool(false))
            case "n": return literal("ull", .null)
            case let first:
                let token = rest.prefix { "+-.0123456789eE".utf16.contains($0) }
                rest = rest.dropFirst(token.count)
                return .number(String(first) + String(decoding: token, as: UTF16.self))
            }
        }

        private mutating func object() -> [[UInt16]: JSONValue] {
            var members: [[UInt16]: JSONValue] = [:]
            var separator = next()
            while separator != "}" {
                if separator == "," { separator = next() }
                let name = string()
                _ = next()
                members[name] = value()
                separator = next()
            }
            return members
        }

        private mutating func array() -> [JSONValue] {
            var elements: [JSONValue] = []
            while let peeked = peek(), peeked != "]" {
                if peeked == "," { _ = next() }
                elements.append(value())
            }
            _ = next()
            return elements
        }

        /// Behind the first quote.
        private mutating func string() -> [UInt16] {
            var units: [UInt16] = []
            while let unit = rest.popFirst(), unit != 0x22 {
                guard unit == 0x5c, let escape = rest.popFirst() else {
                    units.append(unit)
                    continue
                }
                switch Unicode.Scalar(escape) {
                case "u":
                    units.append(UInt16(String(decoding: rest.prefix(4), as: UTF16.self), radix: 16) ?? 0)
                    rest = rest.dropFirst(4)
                case "b": units.append(8)
                case "f": units.append(12)
                case "n": units.append(10)
                case "r": units.append(13)
                case "t": units.append(9)
                default: units.append(escape)
                }
            }
            return units
        }

        private mutating func literal(_ tail: String, _ value: JSONValue) -> JSONValue {
            rest = rest.dropFirst(tail.utf16.count)
            return value
        }

        private mutating func peek() -> Unicode.Scalar? {
            rest = rest.drop { [0x20, 0x09, 0x0a, 0x0d].contains($0) }
            return rest.first.flatMap { Unicode.Scalar($0) }
        }

        private mutating func next() -> Unicode.Scalar {
            let scalar = peek() ?? " "
            rest = rest.dropFirst()
            return scalar
        }
    }
}
