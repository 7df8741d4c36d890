import EventLoop
import PiecesOS
import TTRPC
import Transcoding

/// One call of a client, from its request to its answer. Used again for another when it has ended, so that a call
/// allocates nothing of its own. Belongs to the thread of the loop.
final class Call {
    private unowned let gateway: Gateway
    private var timer: Timer?
    private lazy var exchange = Exchange(receiver: self)

    /// `nil` between calls.
    private var connection: ClientConnection?
    private(set) var streamID: UInt32 = 0
    private var rpc = RPC.modelsSnapshot
    private var modelsStream: ModelsStream?

    init(gateway: Gateway, loop: Loop) throws(LoopError) {
        self.gateway = gateway
        timer = try Timer(loop: loop) { [unowned self] in deadlineHasPassed() }
    }

    /// - Parameter milliseconds: how long the call may take, waiting for an upstream connection included.
    func start(
        _ rpc: RPC,
        _ request: HTTPRequest,
        on connection: ClientConnection,
        streamID: UInt32,
        milliseconds: UInt64
    ) {
        self.connection = connection
        self.streamID = streamID
        self.rpc = rpc
        if case .streamOfModels = rpc.answer { modelsStream = ModelsStream(transcoder: gateway.transcoder) }
        timer?.start(milliseconds: milliseconds)
        exchange.prepare(request, delivery: rpc.delivery)
        gateway.upstream.submit(exchange)
    }

    // MARK: - Ways to end

    private func deadlineHasPassed() {
        let requestSent = exchange.requestSent
        giveUp(.deadlineExceeded(requestSent: requestSent))
    }

    /// The client no longer wants it, and says so.
    func cancel() {
        giveUp(.cancelled(requestSent: exchange.requestSent))
    }

    /// The gateway cannot wait for it any longer.
    func shutDown() {
        giveUp(.shuttingDown(requestSent: exchange.requestSent))
    }

    /// Ends the call without an answer.
    func abandon() {
        gateway.upstream.cancel(exchange)
        end()
    }

    private func giveUp(_ status: Status) {
        gateway.upstream.cancel(exchange)
        fail(status)
    }

    private func fail(_ status: Status) {
        var status = status
        status.operation = rpc.method.description
        connection?.send(status, streamID: streamID)
        end()
    }

    private func end() {
        timer?.stop()
        modelsStream = nil
        let connection = self.connection
        self.connection = nil
        connection?.ended(self)
        gateway.recycle(self)
    }

    /// Frees what the loop holds for it. Nothing else may be asked of it afterwards.
    func close() {
        timer?.close()
        timer = nil
    }

    // MARK: - Flow control

    /// Lets Pieces OS feel that the client does not read.
    func pause() {
        exchange.pause()
    }

    func resume() {
        exchange.resume()
    }
}

extension Call: ExchangeReceiver {
    func received(part: UnsafeRawBufferPointer) {
        do throws(JSONTranscodingError) {
            try modelsStream?.consume(part) { send(message: $0) }
        } catch {
            giveUp(Status(error, httpStatus: 200))
        }
    }

    private func send(message: UnsafeRawBufferPointer) {
        connection?.send(message: message, of: self)
    }

    func finished(status: Int, body: UnsafeRawBufferPointer) {
        guard 200...299 ~= status else { return fail(Status(httpStatus: status, body: body)) }
        do throws(JSONTranscodingError) {
            switch rpc.answer {
            case .empty:
                connection?.send(payload: UnsafeRawBufferPointer(start: nil, count: 0), streamID: streamID)
            case .streamOfModels:
                try modelsStream?.finish { send(message: $0) }
                connection?.sendEndOfStream(streamID: streamID)
            case .message(let schema):
                let payload = try gateway.transcoder.transcode(body, as: schema)
                guard ResponseEncoder.responseLength(payload: payload.count) <= FrameHeader.maximumLength else {
                    return fail(.answerTooLarge(byteCount: payload.count, httpStatus: status))
                }
                connection?.send(payload: payload, streamID: streamID)
            }
            end()
        } catch {
            fail(Status(error, httpStatus: status))
        }
    }

    func failed(_ error: UpstreamError) {
        fail(Status(error, requestSent: exchange.requestSent))
    }
}
