import Calls
import EventLoop
import PiecesOS
import TTRPC
import Transcoding

/// One call of a client, from its request to its answer. Used again for another when it has ended, so that a call
/// allocates nothing of its own.
final class Call {
    private let gateway: Gateway
    private var timer: Timer?
    private lazy var exchange = Exchange(receiver: self)

    /// `nil` between calls.
    private var connection: ClientConnection?
    private(set) var streamID: UInt32 = 0
    /// When it came, by the loop's clock.
    private var start: UInt64 = 0
    private var rpc = RPC.modelsSnapshot
    private var modelsStream: ModelsStream?
    var isStream: Bool { modelsStream != nil }
    /// It keeps Pieces OS waiting until its client has read.
    private(set) var isPaused = false
    /// Whose answer the call shares, if it does not have an exchange of its own.
    private var group: SnapshotGroup?
    /// The GET that brings the answer to share; `nil` while the call waits for one.
    private var flight: SnapshotFlight?
    /// Its place in the list of those who share the answer.
    var place = 0

    init(gateway: Gateway, loop: Loop) throws(LoopError) {
        self.gateway = gateway
        timer = try Timer(loop: loop) { [unowned self] in deadlineHasPassed() }
    }

    /// - Parameter nanoseconds: how long the call may take, waiting for an upstream connection included.
    func start(
        _ rpc: RPC,
        _ request: HTTPRequest,
        forwarding headers: ForwardedHeaders,
        on connection: ClientConnection,
        streamID: UInt32,
        nanoseconds: UInt64
    ) {
        self.connection = connection
        self.streamID = streamID
        self.rpc = rpc
        start = gateway.now
        timer?.start(nanoseconds: nanoseconds)
        if rpc == .modelsSnapshot, nanoseconds >= SnapshotGroup.leastTime,
            let group = gateway.snapshotGroup(headers: headers)
        {
            self.group = group
            return group.join(self)
        }
        if case .streamOfModels = rpc.answer { modelsStream = ModelsStream(transcoder: gateway.answers.transcoder) }
        exchange.prepare(request, forwarding: headers, delivery: rpc.delivery, for: connection)
        gateway.upstream.submit(exchange)
    }

    /// The GET that the call shares has begun.
    func isCarried(by flight: SnapshotFlight) {
        self.flight = flight
    }

    // MARK: - Answers

    func answer(_ payload: UnsafeRawBufferPointer) {
        connection?.send(payload: payload, streamID: streamID)
        end(.ok)
    }

    func fail(_ status: Status) {
        var status = status
        status.operation = rpc.method.description
        connection?.send(status, streamID: streamID)
        end(status.code)
    }

    // MARK: - Giving up

    /// Whether a byte of the request may have reached Pieces OS.
    private var requestSent: Bool { group == nil ? exchange.requestSent : flight?.requestSent ?? false }
    /// The status of the answer, if Pieces OS has begun one.
    private var httpStatus: Int? { group == nil ? exchange.httpStatus : flight?.httpStatus }

    private func deadlineHasPassed() {
        giveUp(.deadlineExceeded)
    }

    /// The client no longer wants it, and says so.
    func cancel() {
        giveUp(.cancelled)
    }

    /// The gateway cannot wait for it any longer.
    func shutDown() {
        giveUp(.shuttingDown)
    }

    /// Ends the call, which may have been carried out all the same.
    func giveUp(_ status: Status) {
        var status = status
        status.httpStatus = httpStatus
        status.requestSent = requestSent
        leave()
        fail(status)
    }

    /// Ends the call without an answer.
    func abandon() {
        leave()
        end(.cancelled)
    }

    private func leave() {
        if let flight {
            flight.leave(self)
        } else if let group {
            group.leave(self)
        } else {
            gateway.upstream.cancel(exchange)
        }
    }

    // MARK: - The end

    private func end(_ code: Status.Code) {
        guard let connection else { return }
        gateway.log(rpc, code, since: start, of: connection.peer)
        self.connection = nil
        timer?.stop()
        modelsStream = nil
        group = nil
        flight = nil
        isPaused = false
        gateway.recycle(self)
        connection.ended(self)
    }

    /// Frees what the loop holds for it. Nothing else may be asked of it afterwards.
    func close() {
        timer?.close()
        timer = nil
    }

    // MARK: - Flow control

    /// Lets Pieces OS feel that the client does not read.
    func pause() {
        isPaused = true
        exchange.pause()
    }

    func resume() {
        isPaused = false
        exchange.resume()
    }
}

extension Call: ExchangeReceiver {
    func received(part: UnsafeRawBufferPointer) {
        do throws(JSONTranscodingError) {
            try modelsStream?.consume(part) { connection?.send(message: $0, of: self) }
        } catch {
            leave()
            fail(Status(error, httpStatus: exchange.httpStatus))
        }
    }

    func finished(status: Int, body: UnsafeRawBufferPointer) {
        guard 200...299 ~= status else { return fail(Status(httpStatus: status, body: body)) }
        switch rpc.answer {
        case .empty: answer(UnsafeRawBufferPointer(start: nil, count: 0))
        case .streamOfModels: finishStream(status: status)
        case .message(let schema):
            do throws(Status) {
                answer(try gateway.answers.payload(status: status, body: body, as: schema))
            } catch {
                fail(error)
            }
        }
    }

    private func finishStream(status: Int) {
        do throws(JSONTranscodingError) {
            try modelsStream?.finish { connection?.send(message: $0, of: self) }
            connection?.sendEndOfStream(streamID: streamID)
            end(.ok)
        } catch {
            fail(Status(error, httpStatus: status))
        }
    }

    func failed(_ error: UpstreamError) {
        fail(Status(error, httpStatus: exchange.httpStatus, requestSent: exchange.requestSent))
    }
}

@available(*, unavailable) extension Call: Sendable {}
