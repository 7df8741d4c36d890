import Bytes
import Calls
import Contract
import EventLoop
import PiecesOS

/// Everything that is counted and measured, for Prometheus.
struct MetricsPage {
    private static let prefix = "models_gateway_"

    private let facts: Facts
    private var page = MetricsText()

    static func text(_ facts: Facts) -> String {
        var page = MetricsPage(facts: facts)
        page.addBuild()
        page.addCalls()
        page.addClients()
        page.addUpstream()
        page.addSharing()
        page.addProcess()
        return page.page.text
    }

    private init(facts: Facts) {
        self.facts = facts
    }

    private mutating func begin(_ name: String, _ kind: MetricsText.Kind, _ help: String) {
        page.begin(Self.prefix + name, kind, help)
    }

    private mutating func addBuild() {
        begin("build_info", .gauge, "What runs. Always 1.")
        page.add(1, ("version", Build.version), ("revision", facts.build.revision))
    }

    private mutating func addCalls() {
        let (methods, metrics) = (facts.contract.methods, facts.metrics)
        begin("calls_started_total", .counter, "Requests of a known method.")
        for method in methods { page.add(metrics.started[method.index], ("method", method.fullName)) }
        begin("calls_handled_total", .counter, "Calls that have ended, by their code.")
        for method in methods {
            for code in Status.Code.allCases {
                page.add(metrics.handledCount(method, code), ("method", method.fullName), ("code", code.name))
            }
        }
        begin("errors_total", .counter, "Errors that clients were answered, by their reason.")
        for reason in Status.Reason.allCases { page.add(metrics.errors[reason] ?? 0, ("reason", reason.rawValue)) }
        begin("calls_in_flight", .gauge, "Calls that have begun and have no answer yet.")
        page.add(facts.clients.callCount)
        begin("call_duration_seconds", .histogram, "How long calls took, from request to answer.")
        page.add(metrics.callDurations)
        begin("policy_denied_total", .counter, "Calls that the policy of their socket has refused.")
        for socket in facts.sockets { page.add(socket.counts.denied, ("socket", socket.path)) }
    }

    private mutating func addClients() {
        begin("client_connections", .gauge, "Connections of clients that are open.")
        for socket in facts.sockets { page.add(socket.counts.connections, ("socket", socket.path)) }
        begin("client_received_bytes_total", .counter, "Bytes that have come from clients.")
        page.add(facts.traffic.received)
        begin("client_sent_bytes_total", .counter, "Bytes that have gone to clients.")
        page.add(facts.traffic.sent)
        begin("client_unread_bytes", .gauge, "Memory that answers take which clients have not read.")
        page.add(facts.clients.unread.count)
        begin("connections_refused_total", .counter, "Connections of clients that were turned away.")
        for refusal in Admission.Refusal.allCases {
            page.add(facts.reception.refusals[refusal] ?? 0, ("reason", refusal.label))
        }
    }

    private mutating func addUpstream() {
        let upstream = facts.upstream
        begin("upstream_up", .gauge, "1 if Pieces OS answered when it was asked last.")
        page.add(upstream.isUp ? 1 : 0)
        begin("upstream_connections", .gauge, "Connections to Pieces OS.")
        page.add(upstream.connectingCount, ("state", "connecting"))
        page.add(upstream.busyConnectionCount, ("state", "busy"))
        page.add(upstream.idleConnectionCount, ("state", "idle"))
        begin("upstream_waiting_calls", .gauge, "Requests that wait for a connection to Pieces OS.")
        page.add(upstream.waitingCount)
        begin("upstream_discoveries_total", .counter, "Searches for Pieces OS.")
        page.add(upstream.discoveryCount)
        begin(
            "upstream_request_duration_seconds",
            .histogram,
            "How long Pieces OS took to answer, from request to end."
        )
        page.add(facts.metrics.upstreamDurations)
    }

    private mutating func addSharing() {
        begin(
            "snapshot_shared_answers_total",
            .counter,
            "Snapshots that were answered with what another one had asked for."
        )
        page.add(facts.metrics.sharedAnswers)
        begin(
            "memo_requests_total",
            .counter,
            "Snapshots, by whether their body was the last one again (hit) or not (miss)."
        )
        page.add(facts.memoCounts.hits, ("result", "hit"))
        page.add(facts.memoCounts.misses, ("result", "miss"))
    }

    private mutating func addProcess() {
        let process = ProcessFacts()
        page.begin("process_cpu_seconds_total", .counter, "CPU time of the process, of user and system.")
        page.add(process.cpuSeconds)
        page.begin("process_resident_memory_bytes", .gauge, "Memory of the process that is in RAM.")
        page.add(process.residentBytes)
        page.begin("process_virtual_memory_bytes", .gauge, "Address space of the process.")
        page.add(process.virtualBytes)
        page.begin("process_start_time_seconds", .gauge, "When the process started, since 1970.")
        page.add(Double(facts.build.start.seconds) + Double(facts.build.start.nanoseconds) / 1e9)
        page.begin("process_open_fds", .gauge, "File descriptors that are open.")
        page.add(process.openDescriptors)
        page.begin("process_max_fds", .gauge, "File descriptors that may be open.")
        page.add(process.maximumDescriptors)
    }
}
