internal import Bytes
internal import CNGHTTP2

extension ServerSession {
    private static let announcedCalls = 1_024

    func makeHTTP2() -> OpaquePointer? {
        var option: OpaquePointer?
        nghttp2_option_new(&option)
        defer { nghttp2_option_del(option) }
        nghttp2_option_set_no_http_messaging(option, 1)
        nghttp2_option_set_no_closed_streams(option, 1)
        // Because the window of a stream that is postponed is not to open.
        nghttp2_option_set_no_auto_window_update(option, 1)
        // Floods are counted here, with a clock that is handed in and limits that honest clients never see.
        nghttp2_option_set_stream_reset_rate_limit(option, 1 << 40, 1 << 40)
        nghttp2_option_set_max_outbound_ack(option, 1 << 20)
        nghttp2_option_set_max_continuations(option, 1 << 20)
        var callbacks: OpaquePointer?
        nghttp2_session_callbacks_new(&callbacks)
        defer { nghttp2_session_callbacks_del(callbacks) }
        Self.set(callbacks)
        var functions = memory.functions
        var session: OpaquePointer?
        let user = Unmanaged.passUnretained(self).toOpaque()
        guard nghttp2_session_server_new3(&session, callbacks, user, option, &functions) == 0 else {
            fatalError("out of memory: a session of nghttp2")
        }
        return session
    }

    /// nghttp2 ends a connection with one stream too many, so that it is not told how many may be open: the session refuses
    /// the stream. What the client is told is written over the first setting's value.
    func announceSettings() {
        let settings = [
            (NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, UInt32(Int32.max)),
            (NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, UInt32(RequestHead.maximumListLength)),
            (NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, UInt32(1 << 20)),
            (NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1),
        ]
        let entries = settings.map { nghttp2_settings_entry(settings_id: Int32($0.0.rawValue), value: $0.1) }
        nghttp2_submit_settings(http2, 0, entries, entries.count)
        nghttp2_session_set_local_window_size(http2, 0, 0, 1 << 22)
        send()
        withUnsafeBytes(of: UInt32(openLimit).bigEndian) { value in
            let start = FrameScanner.headerLength + 2
            outgoing.own.replaceSubrange(start..<start + value.count, with: value)
        }
    }

    /// The streams that may be open at once.
    var openLimit: Int { max(1, min(limits.calls, Self.announcedCalls)) }
}
