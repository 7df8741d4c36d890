import Bytes
import Calls

/// `grpc.health.v1.HealthCheckResponse.ServingStatus`.
enum ServingStatus: UInt64 {
    case serving = 1
    case notServing = 2
    case serviceUnknown = 3

    init(_ answer: Serving.Answer) {
        self = answer == .serving ? .serving : .notServing
    }

    /// `HealthCheckResponse { 1 status }`.
    var response: [UInt8] {
        var response = ProtobufWriter()
        response.append(field: 1, varint: rawValue)
        return response.bytes
    }

    /// `HealthListResponse { 1 statuses { 1 key  2 value } }`.
    func list(of services: [String]) -> [UInt8] {
        var list = ProtobufWriter()
        for service in services {
            var entry = ProtobufWriter()
            entry.append(field: 1, service)
            entry.append(field: 2, response)
            list.append(field: 1, entry.bytes)
        }
        return list.bytes
    }
}
