import ArgumentParser
import Bytes
import Contract
import Transcoding

/// Messages as JSON, and JSON as requests.
struct MessageText {
    private let contract: Contract
    private let schemas: Schemas
    private let encoder: RequestEncoder
    private let decoder = RequestDecoder(memoryBudget: 1 << 30, style: .answer)

    init(_ contract: Contract) {
        self.contract = contract
        schemas = Schemas(contract)
        encoder = RequestEncoder(schemas)
    }

    /// One line.
    func json(_ bytes: [UInt8], as message: MessageType) throws -> [UInt8] {
        var json = ByteBuffer(capacity: bytes.count)
        do {
            let type = try schemas.payloadType(of: message)
            try bytes.withUnsafeBytes { bytes in
                try decoder.withMessage(bytes, as: type) { (message) throws(RequestError) in
                    try message.appendJSON(to: &json)
                }
            }
        } catch let error as RequestError {
            throw CallFailure(code: "INTERNAL", message: "The answer cannot be written as JSON: \(error.message).")
        }
        return printableJSON(Array(json.bytes)) + [UInt8(ascii: "\n")]
    }

    /// The request of a method, as JSON has it.
    func request(_ json: [UInt8], of method: Method) throws -> [UInt8] {
        do {
            return try encoder.payload(of: json, as: method.input)
        } catch .misfits(let members) {
            let fields = method.input.fields.map(\.jsonName)
            let choice = fields.isEmpty ? "it has none" : "it has \(fields.joined(separator: ", "))"
            throw ValidationError(
                "\(escaped(members)) is nothing that the request of \(method.name) has room for; \(choice). "
                    + "See them: models-gateway methods"
            )
        } catch {
            throw ValidationError(Self.text(of: error))
        }
    }

    /// The request of a method whose only field is the message that the JSON is.
    func request(_ json: [UInt8], inBodyOf method: Method) throws -> [UInt8] {
        guard let field = method.route?.body, case .message(let name) = field.kind, let type = contract.messages[name]
        else { preconditionFailure("\(method.fullName) has a body") }
        do {
            return try encoder.payload(of: json, in: field, as: type)
        } catch {
            throw ValidationError(Self.text(of: error))
        }
    }

    private static func text(of problem: RequestEncoder.Problem) -> String {
        switch problem {
        case .contract(let error): "\(error)"
        case .json(let error): "what is sent has to be the JSON of one object: \(error)"
        case .misfits(let members): "there is no room for \(escaped(members))"
        }
    }
}
