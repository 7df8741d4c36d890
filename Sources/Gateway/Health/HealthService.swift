import Bytes
import Calls
import Contract

/// `grpc.health.v1.Health`.
struct HealthService {
    private static let name: StaticString = "grpc.health.v1.Health"

    private let serving: Serving
    /// Whose health is that of the upstream: that of the whole, and those services that are carried out there.
    private let services: [String]

    static func add(to services: LocalServices, _ contract: Contract, _ serving: Serving) {
        let health = HealthService(
            serving: serving,
            services: [""] + contract.services.filter { $0.methods.contains { $0.route != nil } }.map(\.name)
        )
        services.handle(name, "Check", .work { (request, _) throws(Status) in try health.check(request) })
        services.handle(name, "List", .work { (request, _) throws(Status) in try health.list(request) })
        services.handle(name, "Watch", .work { (request, _) throws(Status) in try health.watch(request) })
    }

    private func check(_ request: CallRequest) throws(Status) -> any LocalWork {
        let service = try service(of: request)
        guard services.contains(service) else {
            throw Status(.notFound, .unknownMethod, "there is no service '\(service)' whose health is known")
        }
        return HealthCheck(serving) { $0.response }
    }

    private func list(_ request: CallRequest) throws(Status) -> any LocalWork {
        _ = try service(of: request)
        return HealthCheck(serving) { [services] in $0.list(of: services) }
    }

    private func watch(_ request: CallRequest) throws(Status) -> any LocalWork {
        HealthWatch(serving, isKnown: services.contains(try service(of: request)))
    }

    /// Of `HealthCheckRequest { 1 service }`.
    private func service(of request: CallRequest) throws(Status) -> String {
        do throws(ProtobufProblem) {
            var reader = ProtobufReader(request.payload)
            var service = ""
            while !reader.isAtEnd {
                let tag = try reader.readTag()
                if tag.number == 1, tag.wireType == .lengthDelimited {
                    service = String(decoding: try reader.readString(), as: UTF8.self)
                } else {
                    try reader.skipValue(tag)
                }
            }
            return service
        } catch {
            throw Status(error)
        }
    }
}
