import CLibUV
import Glibc

/// A listening Unix socket. Belongs to the thread of its loop.
package final class UnixListener {
    /// Connections that are taken in one turn of the loop. libuv takes them as long as there are any, so that who connects
    /// fast enough, whether let in or not, would keep everybody else from being served.
    private static let maximumPerTurn = 64

    private let loop: Loop
    private var handle: Handle<uv_stream_t>
    private var accepted: ((ByteStream) -> Void)?
    private var takenInTurn = 0
    /// libuv holds a connection for the next turn, and looks for no others until it is taken.
    private var isHoldingOne = false

    /// Takes over a bound socket; on success the listener owns the descriptor. Making and naming the socket is the
    /// caller's, who knows who may see it.
    package init(loop: Loop, adopting descriptor: Int32) throws(LoopError) {
        self.loop = loop
        handle = try Handle { uv_pipe_init(loop.handle, $0, 0) }
        try handle.own(by: self) { uv_pipe_open($0.cast(to: uv_pipe_t.self), descriptor) }
    }

    /// Starts to accept. libuv closes connections that no descriptor is left for, so that the loop does not spin.
    package func listen(_ accepted: @escaping (ByteStream) -> Void) throws(LoopError) {
        guard let handle = handle.pointer else { throw .cancelled }
        self.accepted = accepted
        try LoopError.check(
            uv_listen(handle, SOMAXCONN) { listener, status in
                Handle.owner(of: listener!, as: UnixListener.self).connectionWaits(status)
            }
        )
    }

    private func connectionWaits(_ status: Int32) {
        // A failed accept concerns a client that has gone or that there was no descriptor for; the next one may do.
        guard status >= 0 else { return }
        if takenInTurn == Self.maximumPerTurn {
            isHoldingOne = true
        } else {
            take()
        }
    }

    private func take() {
        if takenInTurn == 0 { loop.runAtEndOfTurn(self) }
        takenInTurn += 1
        guard let handle = handle.pointer, let stream = try? ByteStream(loop: loop, family: .unix) else { return }
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
        takenInTurn = 0
        guard isHoldingOne else { return }
        isHoldingOne = false
        take()
    }
}
