import Testing

@testable import Gateway

struct RPCTests {
    private func named(_ service: String, _ method: String) -> RPC? {
        Array(service.utf8).withUnsafeBytes { service in
            Array(method.utf8).withUnsafeBytes { method in
                RPC.named(service: service, method: method)
            }
        }
    }

    @Test func `every RPC of the contract is found by its names`() {
        let contract: [(String, String, RPC)] = [
            ("pieces.models.v1.ModelsService", "ModelsSnapshot", .modelsSnapshot),
            ("pieces.models.v1.ModelsService", "StreamModelsSnapshot", .streamModelsSnapshot),
            ("pieces.models.v1.ModelsService", "ModelsCreateNewModel", .modelsCreateNewModel),
            ("pieces.models.v1.ModelsService", "ModelsDeleteSpecificModel", .modelsDeleteSpecificModel),
            ("pieces.models.v1.ModelsService", "ModelsDeleteSpecificModelCache", .modelsDeleteSpecificModelCache),
            ("pieces.models.v1.ModelsService", "UnloadModels", .unloadModels),
            ("pieces.gateway.v1.Control", "Cancel", .cancel),
        ]
        for (service, method, rpc) in contract {
            #expect(named(service, method) == rpc)
        }
        #expect(RPC.allCases == contract.map(\.2))
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
    func `anything else is no RPC`(service: String, method: String) {
        #expect(named(service, method) == nil)
    }
}
