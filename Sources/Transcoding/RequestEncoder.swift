internal import Bytes
package import Contract

/// Makes the payload of a request from JSON, as whoever calls a method by hand writes it.
package final class RequestEncoder {
    private let transcoder = JSONTranscoder()
    private let schemas: Schemas

    package init(_ schemas: Schemas) {
        self.schemas = schemas
    }

    /// Why JSON is no request.
    package enum Problem: Error {
        /// What the request is made of cannot be written as JSON.
        case contract(ContractError)
        case json(JSONTranscodingError)
        /// Members that the request does not have, or that have values of another type: as JSON text.
        case misfits(String)
    }

    /// The payload that is the request itself.
    package func payload(of json: [UInt8], as request: MessageType) throws(Problem) -> [UInt8] {
        let schema: MessageSchema
        do throws(ContractError) { schema = try schemas.requestSchema(of: request) } catch { throw .contract(error) }
        let payload = try transcoded(json, as: schema)
        if let misfits = Self.misfits(in: payload) { throw .misfits(misfits) }
        return payload
    }

    /// The payload of a request whose field `field` is the message that the JSON is.
    package func payload(of json: [UInt8], in field: Field, as message: MessageType) throws(Problem) -> [UInt8] {
        let schema: MessageSchema
        do throws(ContractError) { schema = try schemas.schema(of: message) } catch { throw .contract(error) }
        var writer = ProtobufWriter()
        writer.append(field: field.number, message: try transcoded(json, as: schema))
        return writer.bytes
    }

    private func transcoded(_ json: [UInt8], as schema: MessageSchema) throws(Problem) -> [UInt8] {
        let padded = json + [UInt8](repeating: 0, count: JSONTranscoder.padding)
        let payload = padded.withUnsafeBytes { bytes in
            Result { () throws(JSONTranscodingError) in
                Array(try transcoder.transcode(UnsafeRawBufferPointer(rebasing: bytes[..<json.count]), as: schema))
            }
        }
        return try payload.mapError { Problem.json($0) }.get()
    }

    private static func misfits(in payload: [UInt8]) -> String? {
        payload.withUnsafeBytes { bytes in
            var reader = ProtobufReader(bytes)
            do throws(ProtobufProblem) {
                while !reader.isAtEnd {
                    let tag = try reader.readTag()
                    if tag.number == Field.additionalPropertiesNumber {
                        return String(decoding: try reader.readBytes(), as: UTF8.self)
                    }
                    try reader.skipValue(tag)
                }
            } catch {
                preconditionFailure("the transcoder writes protobuf")
            }
            return nil
        }
    }
}

/// Belongs to one thread, like its memory.
@available(*, unavailable) extension RequestEncoder: Sendable {}
