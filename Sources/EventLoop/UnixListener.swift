import CLibUV
import Glibc

/// A listening socket, Unix or TCP.
package final class UnixListener {
    /// Connections that are taken in one turn of the loop. libuv takes them as long as there are any, so that who connects
    /// fast enough, whether let in or not, would keep everybody else from being served.
    private static let maximumPerTurn = 64

    private let loop: Loop
    private let family: ByteStream.Family
    private var handle: Handle<uv_stream_t>
    private var accepted: ((ByteStream) -> Void)?
    private var recount: Deferred
    /// Connections that were there in this turn. libuv holds the one too many for the next turn, and looks for no others
    /// until it is taken.
    private var countInTurn = 0

    /// Takes over a bound socket; on success the listener owns the descriptor. Making and naming the socket is the
    /// caller's, who knows who may see it.
    package init(
        loop: Loop,
        adopting descriptor: Int32,
        _ family: ByteStream.Family = .unix
    ) throws(LoopError) {
        self.loop = loop
        self.family = family
        recount = Deferred(on: loop)
        switch family {
        case .unix:
            handle = try Handle { uv_pipe_init(loop.handle, $0, 0) }
            try handle.own(by: self) { uv_pipe_open($0.cast(to: uv_pipe_t.self), descriptor) }
        case .internet:
            handle = try Handle { uv_tcp_init(loop.handle, $0) }
            try handle.own(by: self) { uv_tcp_open($0.cast(to: uv_tcp_t.self), descriptor) }
        }
    }

    /// Starts to accept. libuv closes connections that no descriptor is left for, so that the loop does not spin.
    package func listen(_ accepted: @escaping (ByteStream) -> Void) throws(LoopError) {
        guard let handle = handle.pointer else { throw .cancelled }
        self.accepted = accepted
        try LoopError.check(
            uv_listen(handle, SOMAXCONN) { listener, status in
                Handle.withOwner(of: listener!, as: UnixListener.self) { $0.listened(status) }
            }
        )
    }

    private func listened(_ status: Int32) {
        // A failed accept concerns a client that has gone or that there was no descriptor for; the next one may do.
        if status >= 0 { connectionWaits() }
    }

    private func connectionWaits() {
        recount.ask(self)
        countInTurn += 1
        if countInTurn <= Self.maximumPerTurn { take() }
    }

    private func take() {
        guard let handle = handle.pointer, let stream = try? ByteStream(loop: loop, family: family) else { return }
        do {
            try stream.accept(from: handle)
            accepted?(stream)
        } catch {
            stream.close()
        }
    }

    package func close() {
        handle.close()
        accepted = nil
    }
}

extension UnixListener: EndOfTurnTask {
    package func endOfTurn() {
        let isOneHeld = countInTurn > Self.maximumPerTurn
        countInTurn = 0
        if isOneHeld { connectionWaits() }
    }
}

@available(*, unavailable) extension UnixListener: Sendable {}
