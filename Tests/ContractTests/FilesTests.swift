import ContractTesting
import Testing

@testable import Contract

struct FilesTests {
    @Test(arguments: [
        ("pieces.models.v1.ModelsService", "pieces/models/v1/models.proto"),
        ("pieces.models.v1.ModelsService.UnloadModels", "pieces/models/v1/models.proto"),
        ("pieces.models.v1.Model", "pieces/models/v1/models.proto"),
        ("pieces.models.v1.Model.name", "pieces/models/v1/models.proto"),
        ("pieces.models.v1.ModelType", "pieces/models/v1/models.proto"),
        ("pieces.models.v1.MODEL_TYPE_SPEED", "pieces/models/v1/models.proto"),
        ("pieces.gateway.v1.Control.Cancel", "pieces/gateway/v1/control.proto"),
        ("grpc.health.v1.HealthCheckResponse.ServingStatus", "grpc/health/v1/health.proto"),
        ("grpc.health.v1.HealthCheckResponse.SERVING", "grpc/health/v1/health.proto"),
        ("grpc.health.v1.HealthListResponse.StatusesEntry.key", "grpc/health/v1/health.proto"),
        ("grpc.reflection.v1alpha.ServerReflection", "grpc/reflection/v1alpha/reflection.proto"),
        ("google.rpc.ErrorInfo", "google/rpc/error_details.proto"),
        ("google.rpc.Status.details", "google/rpc/status.proto"),
        ("google.protobuf.Any", "google/protobuf/any.proto"),
        ("google.protobuf.Empty", "google/protobuf/empty.proto"),
        ("google.protobuf.Timestamp.nanos", "google/protobuf/timestamp.proto"),
        ("google.protobuf.FieldDescriptorProto.TYPE_GROUP", "google/protobuf/descriptor.proto"),
        ("google.api.http", "google/api/annotations.proto"),
        ("pieces.gateway.v1.nullable_required", "pieces/gateway/v1/options.proto"),
        ("pieces.gateway.v1.always_allowed", "pieces/gateway/v1/options.proto"),
    ])
    func `a symbol leads to the file that declares it`(symbol: String, file: String) throws {
        #expect(try Contract.carried().file(declaring: symbol)?.name == file)
    }

    @Test(arguments: [
        "", ".", "pieces", "pieces.models.v1", "Model", ".pieces.models.v1.Model", "pieces.models.v1.Model.",
        "pieces.models.v1.Model.no_field", "pieces.models.v1.ModelsService.Cancel", "pieces.models.v1.NO_VALUE",
        "pieces.models.v1.ModelType.MODEL_TYPE_SPEED", "grpc.health.v1.SERVING", "MODEL_TYPE_SPEED",
        "google.protobuf.MethodOptions.http", "http",
    ])
    func `what is declared nowhere is in no file`(symbol: String) throws {
        #expect(try Contract.carried().file(declaring: symbol) == nil)
    }

    @Test func `an extension leads to the file that declares it, by what it extends and its number`() throws {
        let contract = try Contract.carried()
        let annotations = contract.file(extending: "google.protobuf.MethodOptions", by: 72_295_728)
        #expect(annotations?.name == "google/api/annotations.proto")
        for message in ["google.protobuf.MethodOptions", "google.protobuf.FieldOptions"] {
            #expect(contract.file(extending: message, by: 50_001)?.name == "pieces/gateway/v1/options.proto")
        }
        #expect(contract.file(extending: "google.protobuf.FieldOptions", by: 72_295_728) == nil)
        #expect(contract.file(extending: "pieces.models.v1.Model", by: 1) == nil)
    }

    @Test func `a file is found by its name, with its descriptor`() throws {
        let contract = try Contract.carried()
        for file in contract.files {
            #expect(contract.file(named: file.name) == file)
            // A FileDescriptorProto begins with its name: field 1, length, text.
            let name = Array(file.name.utf8)
            #expect(contract.descriptor(of: file).starts(with: [0x0a, UInt8(name.count)] + name))
        }
        #expect(contract.file(named: "models.proto") == nil)
    }

    @Test func `a contract keeps the descriptors that it was made of`() throws {
        let contract = try Shelf.contract()
        let set = try Shelf.descriptorSet()
        for file in contract.files { #expect(contract.descriptor(of: file) == set[file.bytes]) }
    }
}
