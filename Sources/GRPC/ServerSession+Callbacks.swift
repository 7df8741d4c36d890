internal import Bytes
internal import CNGHTTP2

/// What nghttp2 calls: each recovers the session and calls a method of it. None of them asks nghttp2 to read or to write.
extension ServerSession {
    private static func from(_ user: UnsafeMutableRawPointer?) -> ServerSession {
        guard let user else { preconditionFailure("nghttp2 hands the session back") }
        return Unmanaged<ServerSession>.fromOpaque(user).takeUnretainedValue()
    }

    static func set(_ callbacks: OpaquePointer?) {
        nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { _, frame, user in
            frame.map { ServerSession.from(user).beginHead($0.pointee) } ?? 0
        }
        nghttp2_session_callbacks_set_on_header_callback2(callbacks) { _, frame, name, value, _, user in
            if let frame, let name, let value {
                ServerSession.from(user).takeField(frame.pointee.hd.stream_id, name, value)
            }
            return 0
        }
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) { _, _, id, bytes, count, user in
            ServerSession.from(user).takeData(id, UnsafeRawBufferPointer(start: bytes, count: count))
            return 0
        }
        nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, user in
            if let frame { ServerSession.from(user).received(frame.pointee) }
            return 0
        }
        nghttp2_session_callbacks_set_on_frame_send_callback(callbacks) { _, frame, user in
            if let frame { ServerSession.from(user).sent(frame.pointee) }
            return 0
        }
        nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, id, _, user in
            ServerSession.from(user).closed(id)
            return 0
        }
        nghttp2_session_callbacks_set_send_data_callback(callbacks) { _, frame, head, count, _, user in
            if let frame, let head {
                let head = UnsafeRawBufferPointer(start: head, count: FrameScanner.headerLength)
                ServerSession.from(user).sendData(frame.pointee.hd.stream_id, head, count)
            }
            return 0
        }
    }

    /// Where nghttp2 asks for DATA.
    static var dataProvider: nghttp2_data_provider {
        nghttp2_data_provider(source: nghttp2_data_source()) { _, id, _, count, flags, _, user in
            guard let flags else { return Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue) }
            return ServerSession.from(user).offerData(id, atMost: count, &flags.pointee)
        }
    }

    func stream(_ id: Int32) -> CallStream? {
        guard let pointer = nghttp2_session_get_stream_user_data(http2, id) else { return nil }
        return Unmanaged<CallStream>.fromOpaque(pointer).takeUnretainedValue()
    }
}
