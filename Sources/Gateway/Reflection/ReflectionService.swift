import Calls
import Contract

/// `grpc.reflection.v1.ServerReflection`, and that of v1alpha, which older clients ask for.
enum ReflectionService {
    static func add(to services: LocalServices, _ contract: Contract, _ serving: Serving) {
        let reflection = Reflection(contract)
        let begin: LocalServices.Preparation = { (_, client) throws(Status) in
            guard client.cancelsByFrame else {
                let reason = "ServerReflectionInfo is for gRPC: ttrpc has no streams of requests"
                throw Status(.unimplemented, .unknownMethod, reason)
            }
            return ReflectionStream(reflection, serving)
        }
        services.handle("grpc.reflection.v1.ServerReflection", "ServerReflectionInfo", .work(begin))
        services.handle("grpc.reflection.v1alpha.ServerReflection", "ServerReflectionInfo", .work(begin))
    }
}
