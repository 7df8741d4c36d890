import Calls
import Contract
import Testing

@testable import Gateway

struct MethodTests {
    private func named(_ service: String, _ method: String) throws -> String? {
        let contract = try Carried.contract()
        return Carried.withRequest(service, method) { request in
            contract.method(service: request.service, method: request.method)?.fullName
        }
    }

    @Test func `every method of the contract is found by its names`() throws {
        let contract = [
            ("pieces.models.v1.ModelsService", "ModelsSnapshot"),
            ("pieces.models.v1.ModelsService", "StreamModelsSnapshot"),
            ("pieces.models.v1.ModelsService", "ModelsCreateNewModel"),
            ("pieces.models.v1.ModelsService", "ModelsDeleteSpecificModel"),
            ("pieces.models.v1.ModelsService", "ModelsDeleteSpecificModelCache"),
            ("pieces.models.v1.ModelsService", "UnloadModels"),
            ("pieces.gateway.v1.Control", "Cancel"),
            ("pieces.gateway.v1.Control", "Status"),
            ("grpc.health.v1.Health", "Check"),
            ("grpc.health.v1.Health", "List"),
            ("grpc.health.v1.Health", "Watch"),
            ("grpc.reflection.v1.ServerReflection", "ServerReflectionInfo"),
            ("grpc.reflection.v1alpha.ServerReflection", "ServerReflectionInfo"),
        ]
        for (service, method) in contract {
            #expect(try named(service, method) == "\(service)/\(method)")
        }
        #expect(Set(try Carried.contract().methods.map(\.fullName)) == Set(contract.map { "\($0)/\($1)" }))
    }

    @Test(arguments: [
        ("", ""),
        ("pieces.models.v1.ModelsService", ""),
        ("", "UnloadModels"),
        ("pieces.models.v1.ModelsService", "Cancel"),
        ("pieces.gateway.v1.Control", "UnloadModels"),
        ("pieces.models.v1.ModelsService", "unloadModels"),
        ("pieces.models.v1.ModelsService", "UnloadModel"),
        ("pieces.models.v1.ModelsService", "UnloadModelsX"),
        ("pieces.models.v1.ModelsService", "UnloadModels\u{0}"),
        ("/pieces.models.v1.ModelsService", "UnloadModels"),
        ("pieces.models.v1", "UnloadModels"),
    ])
    func `anything else is no method`(service: String, method: String) throws {
        #expect(try named(service, method) == nil)
    }
}
