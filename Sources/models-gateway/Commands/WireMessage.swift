import Bytes
import Contract

/// A message, read by the names that its fields have in the contract. What is not set is empty, 0, or nil.
struct WireMessage {
    private enum Value {
        /// Of a varint, or of eight bytes.
        case number(UInt64)
        case bytes([UInt8])
    }

    let bytes: [UInt8]
    private let type: MessageType
    private let contract: Contract
    private var values: [UInt32: [Value]] = [:]
    private var places: [UInt32: [Range<Int>]] = [:]

    init(_ bytes: [UInt8], _ type: MessageType, _ contract: Contract) throws {
        self.bytes = bytes
        self.type = type
        self.contract = contract
        do {
            try read()
        } catch let problem as ProtobufProblem {
            throw CallFailure(code: "INTERNAL", message: "The answer is no \(type.name): \(problem.rawValue).")
        }
    }

    private mutating func read() throws {
        var (values, places): ([UInt32: [Value]], [UInt32: [Range<Int>]]) = ([:], [:])
        try bytes.withUnsafeBytes { all in
            var reader = ProtobufReader(all)
            while !reader.isAtEnd {
                let begin = all.count - reader.unread.count
                let tag = try reader.readTag()
                switch tag.wireType {
                case .varint: values[tag.number, default: []].append(.number(try reader.readVarint()))
                case .fixed64:
                    let bytes = try reader.readBytes(8)
                    values[tag.number, default: []].append(.number(bytes.loadUnaligned(as: UInt64.self).littleEndian))
                case .lengthDelimited: values[tag.number, default: []].append(.bytes(Array(try reader.readBytes())))
                default: try reader.skipValue(tag)
                }
                places[tag.number, default: []].append(begin..<all.count - reader.unread.count)
            }
        }
        (self.values, self.places) = (values, places)
    }

    func string(_ name: String) -> String { strings(name).last ?? "" }

    func strings(_ name: String) -> [String] {
        allBytes(name).map { String(decoding: $0, as: UTF8.self) }
    }

    func integer(_ name: String) -> Int64? {
        guard case .number(let number)? = values[field(name).number]?.last else { return nil }
        return Int64(bitPattern: number)
    }

    func double(_ name: String) -> Double? { integer(name).map { Double(bitPattern: UInt64(bitPattern: $0)) } }

    func bool(_ name: String) -> Bool { integer(name) ?? 0 != 0 }

    /// As JSON has it, or by its number when the contract does not know that.
    func enumeration(_ name: String) -> String {
        guard let number = integer(name), case .enumeration(let type) = field(name).kind else { return "" }
        let value = contract.enums[type]?.values.first { Int64($0.number) == number }
        return value.map { $0.jsonName.isEmpty ? $0.name : $0.jsonName } ?? String(number)
    }

    /// Of a list, all; else the one that is set.
    func messages(_ name: String) throws -> [WireMessage] {
        guard case .message(let type) = field(name).kind, let type = contract.messages[type] else { return [] }
        return try allBytes(name).map { try WireMessage($0, type, contract) }
    }

    func message(_ name: String) throws -> WireMessage? { try messages(name).last }

    /// The message with those elements of a list alone for which `isKept` is true.
    func keeping(_ name: String, where isKept: (Int) -> Bool) -> [UInt8] {
        var kept: [UInt8] = []
        var next = 0
        for (index, place) in (places[field(name).number] ?? []).enumerated() where !isKept(index) {
            kept += bytes[next..<place.lowerBound]
            next = place.upperBound
        }
        return kept + bytes[next...]
    }

    private func allBytes(_ name: String) -> [[UInt8]] {
        (values[field(name).number] ?? []).compactMap { if case .bytes(let bytes) = $0 { bytes } else { nil } }
    }

    private func field(_ name: String) -> Field {
        guard let field = type.field(named: name) else { preconditionFailure("\(type.name) has no field \(name)") }
        return field
    }
}
