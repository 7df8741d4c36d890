import Contract
import GRPC

extension SessionPaths {
    /// Streams of the gateway's own go on for as long as their clients listen.
    init(of contract: Contract) {
        let streams = contract.methods.filter { $0.route == nil && $0.isServerStreaming }
        self.init(
            pages: HTTPDoor.pages,
            requestStreams: streams.filter(\.isClientStreaming).map { "/\($0.fullName)" },
            unbounded: streams.filter { !$0.isClientStreaming }.map { "/\($0.fullName)" },
            calls: contract.methods.map { "/\($0.fullName)" }
        )
    }
}
