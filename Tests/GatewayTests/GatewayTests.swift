import Contract
import EventLoop
import EventLoopTesting
import Glibc
import Logging
import PiecesOS
import Testing

@testable import Gateway

struct GatewayTests {
    private static let snapshotRequest =
        "\0\0\0\u{30}\0\0\0\u{1}\u{1}\0" + "\n\u{1E}pieces.models.v1.ModelsService" + "\u{12}\u{E}ModelsSnapshot"

    @Test func `a gateway that has stopped is held by nothing, whatever it has served`() throws {
        try withTemporaryDirectory { directory in
            weak var held: Gateway?
            try withLoop { loop in
                let location = try UpstreamLocation(parsing: "unix:\(directory)/nobody")
                let path = "\(directory)/gateway"
                let descriptor = try RawSocket.bound(to: path).release()
                let gateway = try Gateway(
                    loop: loop,
                    contract: Carried.contract(),
                    sockets: [.init(descriptor: descriptor, path: path, policy: .init(users: [geteuid()]))],
                    upstream: Upstream(loop: loop, location: location, limits: .init()),
                    limits: .init(),
                    logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
                )
                held = gateway
                try gateway.start()
                let client = try RawSocket.connected(to: path)
                try client.write(Self.snapshotRequest)
                try loop.run(until: { !client.readAvailable().isEmpty })
                client.close()
                var hasStopped = false
                gateway.drain { hasStopped = true }
                try loop.run(until: { hasStopped })
            }
            #expect(held == nil)
        }
    }
}
