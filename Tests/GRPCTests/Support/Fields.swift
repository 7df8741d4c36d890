import CNGHTTP2

/// What a client makes of the header blocks of one connection, in their order.
final class Fields {
    private var inflater: OpaquePointer?

    init() {
        nghttp2_hd_inflate_new(&inflater)
    }

    deinit {
        nghttp2_hd_inflate_del(inflater)
    }

    /// What a client does when its settings have been acknowledged.
    func changeTableSize(to size: UInt32) {
        nghttp2_hd_inflate_change_table_size(inflater, Int(size))
    }

    func decode(_ block: [UInt8]) -> [String] {
        var fields: [String] = []
        block.withUnsafeBufferPointer { block in
            var rest = block[...]
            while true {
                var nv = nghttp2_nv()
                var flags: Int32 = 0
                let start = UnsafeMutablePointer(mutating: UnsafeBufferPointer(rebasing: rest).baseAddress)
                let count = nghttp2_hd_inflate_hd2(inflater, &nv, &flags, start, rest.count, 1)
                precondition(count >= 0, "a header block that cannot be read")
                rest = rest.dropFirst(count)
                if flags & Int32(NGHTTP2_HD_INFLATE_EMIT.rawValue) != 0 {
                    fields.append("\(text(nv.name, nv.namelen)): \(text(nv.value, nv.valuelen))")
                }
                if flags & Int32(NGHTTP2_HD_INFLATE_FINAL.rawValue) != 0 { break }
            }
            nghttp2_hd_inflate_end_headers(inflater)
        }
        return fields
    }

    private func text(_ start: UnsafeMutablePointer<UInt8>?, _ count: Int) -> String {
        String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }
}
