import CProtobufC

@testable import Transcoding

/// Makes JSON texts that answers could be, by the descriptors: mostly well typed, with everything in between that the contract
/// has a rule for.
struct AnswerGenerator {
    private var random: SplitMix64
    /// Nothing that needs the strict parser: no member twice, no string that protobuf cannot carry, no escape in a name.
    private let isPlain: Bool

    init(seed: UInt64, isPlain: Bool = false) {
        random = SplitMix64(seed: seed)
        self.isPlain = isPlain
    }

    mutating func text(of descriptor: ProtobufCMessageDescriptor) -> String {
        space() + object(descriptor) + space()
    }

    private mutating func object(_ descriptor: ProtobufCMessageDescriptor) -> String {
        var members: [String] = []
        var names = Set((0..<Int(descriptor.n_fields)).map { descriptor.fields[$0].jsonName })
        for index in 0..<Int(descriptor.n_fields) where chance(2) {
            let field = descriptor.fields[index]
            if field.isAdditionalProperties { continue }
            members.append(member(field.jsonName, value(field)))
            // The same name again, now or behind everything else.
            if !isPlain && chance(40) {
                members.insert(
                    member(field.jsonName, value(field)),
                    at: Int.random(in: 0..<members.count, using: &random)
                )
            }
        }
        for _ in 0..<Int.random(in: 0...2, using: &random) where chance(3) {
            let name = pick(Self.unknownNames)
            if isPlain && (Self.needsEscapes(name) || !names.insert(name).inserted) { continue }
            members.append(member(name, anything(depth: 4)))
        }
        if chance(2) { members.shuffle(using: &random) }
        return "{" + space() + members.joined(separator: "," + space()) + space() + "}"
    }

    private mutating func member(_ name: String, _ value: String) -> String {
        string(name, escapes: !isPlain) + space() + ":" + space() + value
    }

    private mutating func value(_ field: ProtobufCFieldDescriptor) -> String {
        if chance(12) { return anything(depth: 3) }
        guard field.label == PROTOBUF_C_LABEL_REPEATED else { return single(field) }
        let elements = (0..<Int.random(in: 0...4, using: &random)).map { _ in single(field) }
        return "[" + space() + elements.joined(separator: space() + ",") + "]"
    }

    private mutating func single(_ field: ProtobufCFieldDescriptor) -> String {
        switch field.type {
        case PROTOBUF_C_TYPE_BOOL: return pick(["true", "false"])
        case PROTOBUF_C_TYPE_INT64, PROTOBUF_C_TYPE_DOUBLE: return pick(Self.numbers)
        case PROTOBUF_C_TYPE_STRING: return string(pick(Self.strings))
        case PROTOBUF_C_TYPE_ENUM:
            guard let type = field.descriptor?.load(as: ProtobufCEnumDescriptor.self), !chance(8) else {
                return "\"NEW\""
            }
            let index = Int.random(in: 0..<Int(type.n_values), using: &random)
            return string(type.jsonName(of: type.values[index]))
        default:
            guard let nested = field.descriptor?.load(as: ProtobufCMessageDescriptor.self) else { return "null" }
            if String(cString: nested.name) == "google.protobuf.Timestamp" { return string(pick(Self.times)) }
            return object(nested)
        }
    }

    private mutating func anything(depth: Int) -> String {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 5), using: &random) {
        case 0: return "null"
        case 1: return pick(["true", "false"])
        case 2: return pick(Self.numbers)
        case 3: return isPlain ? "\"\"" : pick(Self.rawStrings)
        case 4: return string(pick(Self.strings))
        case 5: return String(repeating: "[", count: 30) + anything(depth: 0) + String(repeating: "]", count: 30)
        case 6:
            let elements = (0..<Int.random(in: 0...3, using: &random)).map { _ in anything(depth: depth - 1) }
            return "[" + elements.joined(separator: ",") + space() + "]"
        default:
            var members: [String] = []
            for name in Self.unknownNames.shuffled(using: &random).prefix(Int.random(in: 0...3, using: &random))
            where !isPlain || !Self.needsEscapes(name) {
                members.append(member(name, anything(depth: depth - 1)))
            }
            return "{" + members.joined(separator: ",") + "}"
        }
    }

    /// The text in quotes, with some characters spelt as escapes.
    private mutating func string(_ text: String, escapes: Bool = true) -> String {
        var spelling = ""
        for unit in text.utf16 {
            let isSurrogate = UTF16.isTrailSurrogate(unit) || UTF16.isLeadSurrogate(unit)
            let mustEscape = unit < 0x20 || unit == 0x22 || unit == 0x5c || isSurrogate
            if mustEscape || escapes && chance(25) {
                let digits = String(unit, radix: 16, uppercase: chance(2))
                spelling += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            } else if let scalar = Unicode.Scalar(unit) {
                spelling.unicodeScalars.append(scalar)
            }
        }
        return "\"\(spelling)\""
    }

    private mutating func space() -> String { pick(["", "", "", " ", "\n\t", "\r\n"]) }

    private mutating func chance(_ oneIn: Int) -> Bool { Int.random(in: 0..<oneIn, using: &random) == 0 }

    private mutating func pick(_ choices: [String]) -> String {
        let choice = choices[Int.random(in: 0..<choices.count, using: &random)]
        return isPlain && Self.isSpecial(choice) ? choices[0] : choice
    }

    /// Whether a text with this in it needs the strict parser.
    private static func isSpecial(_ choice: String) -> Bool {
        choice.unicodeScalars.contains("\u{0}") || rawStrings.contains(choice)
    }

    /// Whether `string` cannot spell it otherwise.
    private static func needsEscapes(_ name: String) -> Bool {
        name.unicodeScalars.contains { $0 == "\u{0}" || $0.value > 0xFFFF }
    }

    private static let unknownNames = [
        "reference", "", "x", "new member", "additional_properties", "additionalProperties", "iterable", "ids", "\u{0}",
        "clé", "max_tokens", "😀", "a name that is longer than sixteen bytes", "schema ",
    ]

    private static let numbers = [
        "0", "-0", "1", "-1", "127", "128", "4096", "9007199254740991", "9007199254740993", "-9007199254740993",
        "9223372036854775807", "-9223372036854775808", "9223372036854775808", "-9223372036854775809",
        "18446744073709551615", "18446744073709551616", "100000000000000000000000", "123456789012345678901234567890",
        "0.0", "-0.0", "1.0", "1.5", "-2.5e-3", "1e2", "1E+2", "1e15", "1e16", "1e21", "0.1", "3.141592653589793",
        "1e308", "1.7976931348623157e308", "1e400", "-1e400", "1e-400", "-1e-400", "5e-324", "1e-323", "0e400",
        "0e-400",
        "0.00000000000000000000000001", "123456789.123456789",
    ]

    private static let strings = [
        "", "a", "Pieces", "8 bytes.", "a text of more than sixteen bytes", "Größe", "日本語", "😀 astral",
        "quote \" and \\",
        "line\nbreak\ttab", "\u{1}\u{1f}", "\u{0}", "before\u{0}after", "\u{7f}\u{80}\u{7ff}\u{800}\u{ffff}\u{10ffff}",
        "{[,]}:",
        "SPEED", "a text that is long enough to be copied by a call and not in pieces of sixteen bytes each, 100 bytes",
    ]

    /// What a Swift string cannot hold.
    private static let rawStrings = [
        #""\ud800""#, #""\udc00""#, #""\udc00\ud800""#, #""x\uDBFFy""#, #""\ud800\ud83d\ude00\udfff""#,
        #""\ud800\u0000""#,
        #""\/\b\f\n\r\t""#,
    ]

    private static let times = [
        "2024-05-17T09:30:00.123456Z", "2024-05-17T09:30:00.123Z", "2024-05-17t09:30:00z", "1970-01-01T00:00:00Z",
        "1969-12-31T23:59:59.999999999Z", "2024-02-29T12:00:00+02:00", "2024-05-17T09:30:00-23:59",
        "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01", "2024-05-17T09:30:00.1234567890Z", "2024-05-17T09:30:00.1234567891Z",
        "2024-05-17T09:30:60Z", "2024-05-17T09:30:00", "2024-05-17 09:30:00Z", "2023-02-29T00:00:00Z", "yesterday", "",
    ]
}
