import Contract
import Testing

@Suite("The contract that the program carries")
struct CarriedContractTests {
    let contract = Result { () throws(ContractError) in try Contract.carried() }

    @Test("has the routes of the Models API")
    func routes() throws {
        let methods = try #require(try contract.get().service(named: "pieces.models.v1.ModelsService")).methods
        #expect(
            methods.map { "\($0.name): \($0.routeText)" } == [
                "ModelsSnapshot: GET /models -> pieces.models.v1.Models",
                "StreamModelsSnapshot: GET /models -> pieces.models.v1.Models by iterable",
                "ModelsCreateNewModel: POST /models/create seeded_model -> pieces.models.v1.Model",
                "ModelsDeleteSpecificModel: POST /models/{model}/delete -> nothing",
                "ModelsDeleteSpecificModelCache: POST /models/{model}/delete/cache model_delete_cache_input"
                    + " -> pieces.models.v1.ModelDeleteCacheOutput",
                "UnloadModels: POST /models/unload -> nothing",
            ]
        )
    }

    @Test("has Control/Cancel, which the gateway itself answers and no policy refuses")
    func cancel() throws {
        let cancel = try #require(try contract.get().method("pieces.gateway.v1.Control", "Cancel"))
        #expect(cancel.route == nil)
        #expect(cancel.isAlwaysAllowed)
        #expect(cancel.input.fields.map(\.name) == ["stream_id"])
        #expect(cancel.input.fields.map(\.kind) == [.scalar(.uint32)])
        #expect(try contract.get().methods.filter(\.isAlwaysAllowed).map(\.name) == ["Cancel"])
    }

    @Test("knows the members of a model by their JSON names")
    func members() throws {
        let messages = try contract.get().messages
        let model = try #require(messages["pieces.models.v1.Model"])
        #expect(model.fields.count == 27)
        #expect(model.field(named: "max_tokens")?.jsonName == "maxTokens")
        #expect(model.field(named: "max_tokens")?.kind == .message("pieces.models.v1.ModelMaxTokens"))
        #expect(model.field(named: "type")?.kind == .enumeration("pieces.models.v1.ModelType"))
        #expect(model.fields.last?.isAdditionalProperties == true)
        #expect(model.package == "pieces.models.v1")
        #expect(model.file == "pieces/models/v1/models.proto")
    }

    @Test("knows the one member that is required and may be null")
    func nullable() throws {
        let messages = try contract.get().messages.values
        let nullable = messages.flatMap { message in
            message.fields.filter(\.isNullableRequired).map { "\(message.name).\($0.name)" }
        }
        #expect(nullable == ["pieces.models.v1.ModelMaxTokens.total"])
    }

    @Test("knows the JSON strings of the enums")
    func enums() throws {
        let type = try #require(try contract.get().enums["pieces.models.v1.ModelType"])
        #expect(type.values.map(\.jsonName) == ["UNKNOWN", "BALANCED", "SPEED", "ACCURACY"])
        #expect(type.values.map(\.number) == [0, 1, 2, 3])
        let version = try #require(try contract.get().enums["pieces.models.v1.SemanticVersion"])
        #expect(version.values.map(\.jsonName) == ["UNKNOWN", "MAJOR_0_MINOR_0_PATCH_1"])
    }

    @Test("has each file behind those that it imports, and says where it stands")
    func files() throws {
        let files = try contract.get().files
        #expect(files.map(\.name).contains("pieces/models/v1/models.proto"))
        #expect(files.map(\.name).contains("google/rpc/status.proto"))
        var before: Set<String> = []
        for file in files {
            #expect(before.isSuperset(of: file.dependencies))
            before.insert(file.name)
            // A FileDescriptorProto begins with its name: field 1, length, text.
            let bytes = Contract.carriedDescriptorSet[file.bytes]
            #expect(Array(bytes.prefix(2)) == [0x0a, UInt8(file.name.utf8.count)])
            #expect(bytes.dropFirst(2).starts(with: file.name.utf8))
        }
    }

    @Test("takes no comments with it")
    func comments() throws {
        // FileDescriptorProto.source_code_info = 9 would repeat every comment.
        let set = Array(Contract.carriedDescriptorSet)
        let word = Array("normally a UUID".utf8)
        #expect(!set.indices.contains { set[$0...].starts(with: word) })
    }
}
