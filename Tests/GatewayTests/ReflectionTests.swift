import Bytes
import Testing

@testable import Gateway

/// What is answered, by the numbers of reflection.proto.
struct ReflectionTests {
    private func reflection() throws -> Reflection { Reflection(try Carried.contract()) }

    /// A `ServerReflectionRequest`.
    private func request(_ number: UInt32, _ text: String, host: String = "") -> [UInt8] {
        var request = ProtobufWriter()
        request.append(field: 1, host)
        request.append(field: number, text)
        return request.bytes
    }

    /// The values of a message by their numbers, of which those with a length are in `bytes`.
    private struct Values {
        var bytes: [UInt32: [[UInt8]]] = [:]
        var numbers: [UInt32: UInt64] = [:]

        init(_ message: [UInt8]) throws {
            try message.withUnsafeBytes {
                var reader = ProtobufReader($0)
                while !reader.isAtEnd {
                    let tag = try reader.readTag()
                    if tag.wireType == .varint {
                        numbers[tag.number] = try reader.readVarint()
                    } else {
                        bytes[tag.number, default: []].append(Array(try reader.readBytes()))
                    }
                }
            }
        }

        func texts(_ number: UInt32) -> [String] { (bytes[number] ?? []).map { String(decoding: $0, as: UTF8.self) } }
    }

    private func answer(_ request: [UInt8], _ sent: inout Set<String>) throws -> Values {
        let parsed = try request.withUnsafeBytes { try ReflectionRequest($0) }
        return try Values(try reflection().answer(parsed, sent: &sent))
    }

    private func answer(_ request: [UInt8]) throws -> Values {
        var sent: Set<String> = []
        return try answer(request, &sent)
    }

    /// The names of the files of a `FileDescriptorResponse`.
    private func files(_ answer: Values) throws -> [String] {
        let response = try Values(#require(answer.bytes[4]?.first))
        return try (response.bytes[1] ?? []).map { try #require(try Values($0).texts(1).first) }
    }

    private func error(_ answer: Values) throws -> (code: UInt64?, message: String?) {
        let response = try Values(#require(answer.bytes[7]?.first))
        return (response.numbers[1], response.texts(2).first)
    }

    @Test func `the request comes back with its host`() throws {
        let asked = request(7, "*", host: "here") + [0x98, 6, 7]
        let answer = try answer(asked)
        #expect(answer.texts(1) == ["here"])
        #expect(answer.bytes[2] == [asked])
    }

    @Test func `all services are listed, whatever stands there`() throws {
        for text in ["", "*", "x"] {
            let answer = try answer([0x3A, UInt8(text.utf8.count)] + Array(text.utf8))
            let names = try (Values(#require(answer.bytes[6]?.first)).bytes[1] ?? []).map { try Values($0).texts(1) }
            #expect(
                Set(names) == [
                    ["pieces.models.v1.ModelsService"], ["pieces.gateway.v1.Control"], ["grpc.health.v1.Health"],
                    ["grpc.reflection.v1.ServerReflection"], ["grpc.reflection.v1alpha.ServerReflection"],
                ]
            )
        }
    }

    @Test func `a file comes with all that it needs, itself first and each once`() throws {
        let names = try files(answer(request(3, "pieces/models/v1/models.proto")))
        #expect(names.first == "pieces/models/v1/models.proto")
        #expect(
            Set(names) == [
                "pieces/models/v1/models.proto", "google/api/annotations.proto", "google/api/http.proto",
                "google/protobuf/descriptor.proto", "google/protobuf/empty.proto", "google/protobuf/timestamp.proto",
                "pieces/gateway/v1/options.proto",
            ]
        )
        #expect(names.count == Set(names).count)
        #expect(try files(answer(request(4, "pieces.models.v1.ModelsService.UnloadModels"))) == names)
    }

    @Test func `what a stream has had is not sent again, but for what is asked for`() throws {
        var sent: Set<String> = []
        let first = try files(answer(request(3, "google/api/annotations.proto"), &sent))
        #expect(
            first == ["google/api/annotations.proto", "google/api/http.proto", "google/protobuf/descriptor.proto"]
        )
        let second = try files(answer(request(4, "pieces.models.v1.Model"), &sent))
        #expect(second.first == "pieces/models/v1/models.proto")
        #expect(Set(second).isDisjoint(with: first))
        #expect(try files(answer(request(4, "pieces.models.v1.Model"), &sent)) == ["pieces/models/v1/models.proto"])
        #expect(try files(answer(request(3, "google/api/http.proto"), &sent)) == ["google/api/http.proto"])
    }

    @Test(
        arguments: [
            (3, "models.proto", "there is no file 'models.proto'"),
            (4, "no.Symbol", "there is no symbol 'no.Symbol'"),
            (6, "pieces.models.v1.ModelsService", "there is no message 'pieces.models.v1.ModelsService'"),
            (3, String(repeating: "é", count: 1_000), "there is no file '\(String(repeating: "é", count: 256))…'"),
        ] as [(UInt32, String, String)]
    )
    func `what is unknown is not found`(number: UInt32, name: String, message: String) throws {
        let error = try error(answer(request(number, name)))
        #expect(error.code == 5)
        #expect(error.message == message)
    }

    @Test func `no extension is known, and a message has none`() throws {
        let message = try answer(request(6, "google.protobuf.MethodOptions"))
        let response = try Values(#require(message.bytes[5]?.first))
        #expect(response.texts(1) == ["google.protobuf.MethodOptions"])
        #expect(response.bytes[2] == nil && response.numbers[2] == nil)
        let number: [UInt8] = [0x2A, 2, 0x10, 1]
        #expect(try error(answer(number)).code == 5)
    }

    @Test func `who asks for nothing that is known is told so, and the last of several questions counts`() throws {
        #expect(try error(answer([])).code == 3)
        #expect(try error(answer(request(9, "x"))).code == 3)
        #expect(try answer(request(3, "x") + request(7, "*")).bytes[6] != nil)
    }

    @Test(arguments: [[0x1A], [0x1A, 2, 0x78], [0x1A, 1, 0xFF], [0x0A, 1, 0xFF], [7]] as [[UInt8]])
    func `what is no protobuf is no question`(bytes: [UInt8]) throws {
        #expect(throws: ProtobufProblem.self) { try bytes.withUnsafeBytes { _ = try ReflectionRequest($0) } }
    }
}
