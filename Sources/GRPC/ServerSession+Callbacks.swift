internal import Bytes
internal import CNGHTTP2

/// What nghttp2 calls: each recovers the session and calls a method of it. None of them asks nghttp2 to read or to write.
extension ServerSession {
    /// Whoever calls nghttp2 holds the session, so that it is not held once more for each of many small calls.
    private static func with<Result>(_ user: UnsafeMutableRawPointer?, _ body: (ServerSession) -> Result) -> Result {
        guard let user else { preconditionFailure("nghttp2 hands the session back") }
        return Unmanaged<ServerSession>.fromOpaque(user)._withUnsafeGuaranteedRef(body)
    }

    static func set(_ callbacks: OpaquePointer?) {
        nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { _, frame, user in
            guard let frame else { return 0 }
            let isRequest = frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST
            return ServerSession.with(user) { $0.beginHead(frame.pointee.hd.stream_id, isRequest: isRequest) }
        }
        nghttp2_session_callbacks_set_on_header_callback2(callbacks) { _, frame, name, value, _, user in
            guard let frame, let name, let value else { return 0 }
            let field = HeadMemo.Field(name, value)
            ServerSession.with(user) { session in
                if !session.memo.repeats(field) { session.takeField(frame.pointee.hd.stream_id, field) }
            }
            return 0
        }
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) { _, _, id, bytes, count, user in
            ServerSession.with(user) { $0.takeData(id, UnsafeRawBufferPointer(start: bytes, count: count)) }
            return 0
        }
        nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, user in
            if let frame { ServerSession.with(user) { $0.received(frame) } }
            return 0
        }
        nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, id, _, user in
            ServerSession.with(user) { $0.closed(id) }
            return 0
        }
        nghttp2_session_callbacks_set_send_data_callback(callbacks) { _, _, head, count, source, user in
            if let head, let source {
                let head = UnsafeRawBufferPointer(start: head, count: FrameScanner.headerLength)
                ServerSession.with(user) { session in
                    ServerSession.with(streamOf: source) { session.sendData($0, head, count) }
                }
            }
            return 0
        }
    }

    /// Where nghttp2 asks for a stream's DATA, as long as the stream is open.
    static func dataProvider(of stream: CallStream) -> nghttp2_data_provider {
        let source = nghttp2_data_source(ptr: Unmanaged.passUnretained(stream).toOpaque())
        return nghttp2_data_provider(source: source) { _, _, _, count, flags, source, user in
            guard let flags, let source else { return Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue) }
            return ServerSession.with(user) { session in
                ServerSession.with(streamOf: source) { session.offerData($0, atMost: count, &flags.pointee) }
            }
        }
    }

    private static func with<Result>(
        streamOf source: UnsafePointer<nghttp2_data_source>,
        _ body: (CallStream) -> Result
    ) -> Result {
        guard let stream = source.pointee.ptr else { preconditionFailure("nghttp2 hands the stream back") }
        return Unmanaged<CallStream>.fromOpaque(stream)._withUnsafeGuaranteedRef(body)
    }

    /// The stream of that number, if it is open. Mostly it is the one that was asked for last.
    func stream(_ id: Int32) -> CallStream? {
        if let recent, recent.id == id { return recent }
        guard let pointer = nghttp2_session_get_stream_user_data(http2, id) else { return nil }
        let stream = Unmanaged<CallStream>.fromOpaque(pointer).takeUnretainedValue()
        recent = stream
        return stream
    }
}
