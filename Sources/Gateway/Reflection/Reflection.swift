import Bytes
import Calls
import Contract

/// Answers what clients ask about the contract. Field numbers are those of reflection.proto.
struct Reflection {
    /// Scalars of a name that is quoted. The whole of it is in the request, which goes back too.
    private static let longestQuote = 256

    private let contract: Contract

    init(_ contract: Contract) {
        self.contract = contract
    }

    /// The `ServerReflectionResponse`.
    /// - Parameter sent: names of the files that the stream has had.
    func answer(_ request: ReflectionRequest, sent: inout Set<String>) -> [UInt8] {
        var response = ProtobufWriter()
        response.append(field: 1, request.host)
        response.append(field: 2, request.bytes)
        do throws(Refusal) {
            switch request.question {
            case .file(let name):
                response.append(field: 4, files(try file(named: name), sent: &sent))
            case .symbol(let name):
                response.append(field: 4, files(try file(declaring: name), sent: &sent))
            case .fileOfExtension(let type, let number):
                response.append(field: 4, files(try file(extending: type, by: number), sent: &sent))
            case .extensionNumbers(let type):
                response.append(field: 5, try extensionNumbers(of: type))
            case .services: response.append(field: 6, services())
            case nil: throw Refusal(code: .invalidArgument, message: "the request asks for nothing that is known here")
            }
        } catch {
            response.append(field: 7, error.response)
        }
        return response.bytes
    }

    private func file(named name: String) throws(Refusal) -> File {
        guard let file = contract.file(named: name) else { throw notFound("file", name) }
        return file
    }

    private func file(declaring symbol: String) throws(Refusal) -> File {
        guard let file = contract.file(declaring: symbol) else { throw notFound("symbol", symbol) }
        return file
    }

    private func file(extending type: String, by number: UInt32) throws(Refusal) -> File {
        guard let file = contract.file(extending: type, by: number) else {
            throw notFound("extension \(number) of", type)
        }
        return file
    }

    /// `FileDescriptorResponse { 1 file_descriptor_proto }`: the file, in front of those that it needs. A file that was sent has
    /// all that it needs.
    private func files(_ file: File, sent: inout Set<String>) -> [UInt8] {
        var response = ProtobufWriter()
        var waiting = [file]
        sent.insert(file.name)
        var next = 0
        while next < waiting.count {
            response.append(field: 1, Array(contract.descriptor(of: waiting[next])))
            for name in waiting[next].dependencies where sent.insert(name).inserted {
                if let file = contract.file(named: name) { waiting.append(file) }
            }
            next += 1
        }
        return response.bytes
    }

    /// `ExtensionNumberResponse { 1 base_type_name  2 extension_number }`.
    private func extensionNumbers(of type: String) throws(Refusal) -> [UInt8] {
        guard contract.messages[type] != nil else { throw notFound("message", type) }
        var response = ProtobufWriter()
        response.append(field: 1, type)
        for field in contract.extensions where field.extendee == type {
            response.append(field: 2, varint: UInt64(field.number))
        }
        return response.bytes
    }

    /// `ListServiceResponse { 1 service { 1 name } }`.
    private func services() -> [UInt8] {
        var response = ProtobufWriter()
        for service in contract.services {
            var entry = ProtobufWriter()
            entry.append(field: 1, service.name)
            response.append(field: 1, entry.bytes)
        }
        return response.bytes
    }

    private func notFound(_ kind: String, _ name: String) -> Refusal {
        let scalars = name.unicodeScalars
        let quote = scalars.count > Self.longestQuote ? "\(String(scalars.prefix(Self.longestQuote)))…" : name
        return Refusal(code: .notFound, message: "there is no \(kind) '\(quote)'")
    }
}

extension Reflection {
    /// Why there is no answer to one request; the stream goes on.
    private struct Refusal: Error {
        let code: Status.Code
        let message: String

        /// `ErrorResponse { 1 error_code  2 error_message }`.
        var response: [UInt8] {
            var response = ProtobufWriter()
            response.append(field: 1, varint: UInt64(code.rawValue))
            response.append(field: 2, message)
            return response.bytes
        }
    }
}
