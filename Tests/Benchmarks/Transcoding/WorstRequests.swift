internal import Bytes
internal import Contract
internal import Glibc
internal import Transcoding

/// Measures what a request of 4 MiB costs at most, payload → JSON, for each way of being costly that is known, and prints
/// the milliseconds of the processor's time for each.
struct WorstRequests {
    private static let size = (4 << 20) - 64
    private static let turns = 7

    private let decoder = RequestDecoder()
    private let type: ProtobufMessageType

    init() throws {
        let contract = try Contract.carried()
        guard let request = contract.messages["pieces.models.v1.ModelsCreateNewModelRequest"] else {
            throw Failure(description: "the contract cannot create models")
        }
        type = try Schemas(contract).payloadType(of: request)
    }

    func measure() {
        for (name, payload) in Self.payloads {
            var outcome = ""
            let times = (0..<Self.turns).map { _ in
                let start = clock()
                outcome = payload.withUnsafeBytes(transcode)
                return clock() - start
            }
            print("\(Double(times.sorted()[Self.turns / 2]) / 1000) ms: \(name), \(outcome)")
        }
    }

    /// What the gateway does with a request, and what has become of it.
    private func transcode(_ payload: UnsafeRawBufferPointer) -> String {
        do throws(RequestError) {
            return try decoder.withMessage(payload, as: type) { message throws(RequestError) in
                var json = ByteBuffer(capacity: 6 * Self.size)
                guard message.has("seeded_model") else { return "no body" }
                try message.appendJSON(of: "seeded_model", to: &json)
                return "\(json.count) bytes of JSON"
            }
        } catch {
            return error.message
        }
    }

    private static var payloads: [(name: String, payload: [UInt8])] {
        [
            ("control characters", model(name(filled: [0x01]))),
            ("quotes", model(name(filled: Array("\"".utf8)))),
            ("characters of two bytes", model(name(filled: Array("é".utf8)))),
            ("characters of four bytes", model(name(filled: Array("😀".utf8)))),
            ("tiny fields, known", model(filled(by: [0x30, 0x01]))),
            ("tiny messages", model(filled(by: [0x3A, 0x00]))),
            ("tiny strings", model(filled(by: [0x12, 0x00]))),
            ("tiny fields, unknown, in the request", filled(by: [0x78, 0x00])),
            ("tiny fields, unknown, in the model", model(filled(by: [0x90, 0x03, 0x00]))),
            ("many additional properties", model(extras(#""x":0"#, [Int](0..<300_000).map { "\"\($0)\":0" }))),
            ("equal additional properties", model(extras(#""":0"#, Array(repeating: #""":0"#, count: 800_000)))),
            ("deep additional properties", model(extras(nested("[", "]")))),
            ("additional properties of many values", model(extras(filledList("0")))),
            ("additional properties of empty objects", model(extras(filledList("{}")))),
            ("additional properties of tiny members", model(extras(filledList(#"{"":0}"#)))),
            ("additional properties of tiny strings", model(extras(filledList(#""""#)))),
            ("an escaped string", model(extras(string(of: #"\\n"#)))),
            ("a string of characters of two bytes", model(extras(string(of: "é")))),
            ("a long number", model(extras("\"x\":" + String(repeating: "1", count: size - 100)))),
            ("whitespace", model(extras("\"x\":" + String(repeating: " ", count: size - 100) + "0"))),
            ("unfinished additional properties", model(extras("\"x\":" + String(repeating: "[", count: size - 100)))),
        ]
    }
}

extension WorstRequests {
    private static func model(_ fields: [UInt8]) -> [UInt8] { delimited(1, fields) }

    private static func name(filled text: [UInt8]) -> [UInt8] { delimited(2, filled(by: text)) }

    private static func filled(by part: [UInt8]) -> [UInt8] {
        [UInt8](Array(repeating: part, count: (size - 64) / part.count).joined())
    }

    private static func extras(_ first: String, _ members: [String] = []) -> [UInt8] {
        delimited(1000, Array("{\(([first] + members).joined(separator: ","))}".utf8))
    }

    private static func filledList(_ value: String) -> String {
        let count = (size - 100) / (value.utf8.count + 1)
        return "\"x\":[\(Array(repeating: value, count: count).joined(separator: ","))]"
    }

    private static func nested(_ begin: String, _ end: String) -> String {
        let count = (size - 100) / 2
        return "\"x\":" + String(repeating: begin, count: count) + String(repeating: end, count: count)
    }

    private static func string(of part: String) -> String {
        "\"x\":\"\(String(repeating: part, count: (size - 100) / part.utf8.count))\""
    }

    private static func delimited(_ number: Int, _ bytes: [UInt8]) -> [UInt8] {
        varint(number << 3 | 2) + varint(bytes.count) + bytes
    }

    private static func varint(_ value: Int) -> [UInt8] {
        value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7F | 0x80)] + varint(value >> 7)
    }
}
