import Bytes
import Calls
import Testing

@testable import GRPC

/// A session and the client that talks to it, with a clock that the test moves.
final class Talk {
    static let unloadPath = "/pieces.models.v1.ModelsService/UnloadModels"
    static let reflectionPath = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
    static let watchPath = "/grpc.health.v1.Health/Watch"
    private static let headerTableSize: UInt16 = 1
    static let millisecond: UInt64 = 1_000_000

    let session: ServerSession
    let held = HeldBytes()
    /// Nanoseconds.
    var now: UInt64 = 1_000_000_000
    private(set) var heard: [Heard] = []
    private var said: [(id: UInt32, Said)] = []
    private let fields = Fields()

    /// - Parameter greeting: the client has sent its preface and settings.
    init(
        greeting: Bool = true,
        pool: SessionPool = SessionPool(),
        settings: [(UInt16, UInt32)] = [],
        _ change: (inout SessionLimits) -> Void = { _ in }
    ) {
        var limits = SessionLimits()
        change(&limits)
        let paths = SessionPaths(
            pages: ["/metrics", "/health"],
            requestStreams: [Self.reflectionPath],
            unbounded: [Self.watchPath]
        )
        session = ServerSession(limits: limits, paths: paths, pool: pool, countingIn: held, now: now)
        if greeting { receive(Frame.preface + Frame.settings(settings).bytes) }
    }

    /// The head of a gRPC call.
    static func head(_ path: String = unloadPath, _ more: [(String, String)] = []) -> [(String, String)] {
        [
            (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "/tmp/gateway.sock"),
            ("content-type", "application/grpc"), ("te", "trailers"),
        ] + more
    }

    static func call(_ id: UInt32, _ payload: [UInt8] = [], _ more: [(String, String)] = []) -> [UInt8] {
        Frame.head(id, head(unloadPath, more)).bytes + Frame.data(id, message(payload)).bytes
    }

    func receive(_ frames: Frame...) { receive(frames.flatMap(\.bytes)) }

    func receive(_ bytes: [UInt8]) { receive(bytes, inReadsOf: max(1, bytes.count)) }

    func receive(_ bytes: [UInt8], inReadsOf size: Int) {
        for start in stride(from: 0, to: bytes.count, by: size) {
            // In memory of its own that is gone afterwards, so that a sanitizer sees who keeps it.
            Array(bytes[start..<min(start + size, bytes.count)]).withUnsafeBytes { listen($0) }
        }
        write()
    }

    /// Asks for the events of no bytes.
    func listen() { listen(UnsafeRawBufferPointer(start: nil, count: 0)) }

    private func listen(_ bytes: UnsafeRawBufferPointer) {
        var unread = bytes
        while let event = session.next(&unread, now: now) {
            // How many pieces a read is taken in depends on its size.
            if case .nothing = event { continue }
            heard.append(Heard(event))
        }
        #expect(unread.isEmpty)
    }

    /// The socket takes all that goes out, again and again.
    func write() {
        while !session.outgoing.isEmpty {
            for frame in Frame.parse(session.outgoing.joined) { said.append((frame.id, Said(frame, fields))) }
            session.outgoing.removeAll()
            session.flush(now: now)
        }
        listen()
    }

    /// The events since this was last asked.
    func takeHeard() -> [Heard] {
        defer { heard = [] }
        return heard
    }

    /// What has been said on a stream since this was last asked; 0 is the connection.
    func takeSaid(_ id: UInt32) -> [Said] {
        write()
        defer { said.removeAll { $0.id == id } }
        return said.filter { $0.id == id }.map(\.1)
    }

    func complete(_ id: UInt32, _ payload: [UInt8]) {
        payload.withUnsafeBytes { session.complete(CallKey(id), Payload(lent: $0)) }
    }

    func send(_ id: UInt32, _ payload: [UInt8]) {
        payload.withUnsafeBytes { session.send(CallKey(id), message: Payload(lent: $0)) }
    }

    /// The client has another size for HPACK's table from now on (SETTINGS_HEADER_TABLE_SIZE).
    func changeTableSize(to size: UInt32) {
        receive(.settings([(Self.headerTableSize, size)]))
        fields.changeTableSize(to: size)
    }

    func wait(milliseconds: UInt64) { now += milliseconds * Self.millisecond }
}

/// What comes of bytes behind the greeting must not depend on how they are cut into reads: the events, and what is said on the
/// streams.
func outcome(
    of bytes: [UInt8],
    streams: [UInt32],
    _ change: (inout SessionLimits) -> Void = { _ in }
) -> (heard: [Heard], said: [[Said]]) {
    func outcome(inReadsOf size: Int) -> (heard: [Heard], said: [[Said]]) {
        let talk = Talk(greeting: false, change)
        talk.receive(Frame.preface + Frame.settings().bytes + bytes, inReadsOf: size)
        return (talk.takeHeard(), streams.map { talk.takeSaid($0) })
    }
    // What does depend on it: whether a client that is refused has ended its side by then, and whether its settings are
    // acknowledged before the session ends.
    func settled(_ said: [[Said]]) -> [[Said]] {
        said.map { $0.filter { $0 != .reset(0) && $0 != .acknowledgedSettings } }
    }
    let whole = outcome(inReadsOf: 1 << 24)
    for size in bytes.count > 5_000 ? [1_009] : [1, 2, 7, 9, 64] {
        let parts = outcome(inReadsOf: size)
        #expect(parts.heard == whole.heard)
        #expect(settled(parts.said) == settled(whole.said))
    }
    return whole
}
