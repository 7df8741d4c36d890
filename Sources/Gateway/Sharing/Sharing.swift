import EventLoop
import HTTP
import PiecesOS

/// Finds for a call those that it can share an answer with.
final class Sharing {
    private static let maximumGroups = 16

    private let loop: Loop
    private let exchanges: SharedExchangePool
    /// One for each request that came lately.
    private var groups: [SharingGroup] = []
    private var isClosed = false

    init(loop: Loop, exchanges: SharedExchangePool) {
        self.loop = loop
        self.exchanges = exchanges
    }

    /// The group of the calls that would send the same request. `nil` if the call must go alone: a trace context belongs to
    /// one call, so that looking for a second with the same is in vain.
    func group(
        _ method: RoutedMethod,
        _ request: HTTPRequest,
        _ headers: ForwardedHeaders,
        nanoseconds: UInt64
    ) -> SharingGroup? {
        guard nanoseconds >= SharingGroup.leastTime, !headers.holdsTraceContext, !isClosed else { return nil }
        let known = groups.first { group in
            group.method === method && group.request.path == request.path && group.headers == headers
        }
        if let known { return known }
        if groups.count == Self.maximumGroups {
            guard let unused = groups.firstIndex(where: \.isEmpty) else { return nil }
            groups.remove(at: unused).close()
        }
        // Without a timer the call can still go alone.
        let new = try? SharingGroup(method, request, headers, exchanges: exchanges, loop: loop)
        guard let group = new else { return nil }
        groups.append(group)
        return group
    }

    /// Starts nothing new.
    func stop() {
        isClosed = true
        exchanges.close()
    }

    func close() {
        for group in groups { group.close() }
        groups = []
    }
}
