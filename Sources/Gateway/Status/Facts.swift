import Contract
import EventLoop
import PiecesOS

/// Where all is found that can be said of the gateway at once.
struct Facts {
    let loop: Loop
    let build: Build
    let contract: Contract
    let metrics: Metrics
    let traffic: Traffic
    let clients: Clients
    let reception: Reception
    let upstream: Upstream
    /// Those of Unix.
    let sockets: [ListeningSocket]
    let routes: [RoutedMethod?]

    /// How often a body was the one before, and how often not.
    var memoCounts: (hits: Int, misses: Int) {
        routes.reduce(into: (0, 0)) { counts, route in
            counts.0 += route?.memo.hits ?? 0
            counts.1 += route?.memo.misses ?? 0
        }
    }
}
