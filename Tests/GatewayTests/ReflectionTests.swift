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
        var varints: [UInt32: [UInt64]] = [:]

        init(_ message: [UInt8]) throws {
            try message.withUnsafeBytes {
                var reader = ProtobufReader($0)
                while !reader.isAtEnd {
                    let tag = try reader.readTag()
                    if tag.wireType == .varint {
                        varints[tag.number, default: []].append(try reader.readVarint())
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
        return (response.varints[1]?.first, response.texts(2).first)
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
            (4, "google.api.no_extension", "there is no symbol 'google.api.no_extension'"),
            (6, "pieces.models.v1.ModelsService", "there is no message 'pieces.models.v1.ModelsService'"),
            (3, String(repeating: "é", count: 1_000), "there is no file '\(String(repeating: "é", count: 256))…'"),
        ] as [(UInt32, String, String)]
    )
    func `what is unknown is not found`(number: UInt32, name: String, message: String) throws {
        let error = try error(answer(request(number, name)))
        #expect(error.code == 5)
        #expect(error.message == message)
    }

    /// A question for the file of an extension.
    private func request(extension number: UInt64, of type: String) -> [UInt8] {
        var question = ProtobufWriter()
        question.append(field: 1, type)
        question.append(field: 2, varint: number)
        var request = ProtobufWriter()
        request.append(field: 5, message: question.bytes)
        return request.bytes
    }

    @Test(
        arguments: [
            ("google.api.http", "google.protobuf.MethodOptions", 72_295_728, "google/api/annotations.proto"),
            (
                "pieces.gateway.v1.always_allowed", "google.protobuf.MethodOptions", 50_001,
                "pieces/gateway/v1/options.proto"
            ),
            (
                "pieces.gateway.v1.nullable_required", "google.protobuf.FieldOptions", 50_001,
                "pieces/gateway/v1/options.proto"
            ),
        ] as [(String, String, UInt64, String)]
    )
    func `the file of an extension is found by its name and its number`(
        name: String,
        type: String,
        number: UInt64,
        file: String
    ) throws {
        let byNumber = try files(answer(request(extension: number, of: type)))
        #expect(byNumber.first == file)
        #expect(try files(answer(request(4, name))) == byNumber)
    }

    @Test(
        arguments: [
            ("google.protobuf.MethodOptions", [72_295_728, 50_001]), ("google.protobuf.FieldOptions", [50_001]),
            ("google.protobuf.FileOptions", []), ("pieces.models.v1.Model", []),
        ] as [(String, Set<UInt64>)]
    )
    func `the numbers of a message's extensions are listed`(type: String, numbers: Set<UInt64>) throws {
        let response = try Values(#require(answer(request(6, type)).bytes[5]?.first))
        #expect(response.texts(1) == [type])
        #expect(Set(response.varints[2] ?? []) == numbers)
        #expect((response.varints[2] ?? []).count == numbers.count)
    }

    @Test(
        arguments: [
            ("google.protobuf.FieldOptions", 72_295_728), ("pieces.models.v1.Model", 1), ("no.Type", 50_001), ("", 0),
        ] as [(String, UInt64)]
    )
    func `an extension that there is not is not found`(type: String, number: UInt64) throws {
        let error = try error(answer(request(extension: number, of: type)))
        #expect(error.code == 5)
        #expect(error.message == "there is no extension \(number) of '\(type)'")
    }

    @Test func `who asks for nothing that is known is told so, and the last of several questions counts`() throws {
        #expect(try error(answer([])).code == 3)
        #expect(try error(answer(request(9, "x"))).code == 3)
        #expect(try answer(request(3, "x") + request(7, "*")).bytes[6] != nil)
    }

    @Test(
        arguments: [[0x1A], [0x1A, 2, 0x78], [0x1A, 1, 0xFF], [0x0A, 1, 0xFF], [7], [0x2A, 1, 0x10]] as [[UInt8]]
    )
    func `what is no protobuf is no question`(bytes: [UInt8]) throws {
        #expect(throws: ProtobufProblem.self) { try bytes.withUnsafeBytes { _ = try ReflectionRequest($0) } }
    }
}
