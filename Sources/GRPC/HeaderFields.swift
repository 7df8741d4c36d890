internal import Bytes
internal import CNGHTTP2

/// Fields of a head that goes out.
struct HeaderFields {
    private var fields: [(name: StaticString, value: [UInt8], isIndexed: Bool)] = []

    /// - Parameter isIndexed: whether it is the same often enough for the client to remember it.
    mutating func add(_ name: StaticString, _ value: [UInt8], isIndexed: Bool = false) {
        fields.append((name, value, isIndexed))
    }

    /// Lends the fields as nghttp2 takes them.
    func with<Result>(_ body: (UnsafePointer<nghttp2_nv>?, Int) -> Result) -> Result {
        var values: [UInt8] = []
        for field in fields { values += field.value }
        return values.withUnsafeBufferPointer { values in
            var start = 0
            let nvs = fields.map { field in
                defer { start += field.value.count }
                let value = UnsafeRawBufferPointer(
                    UnsafeBufferPointer(rebasing: values[start..<start + field.value.count])
                )
                let flags = field.isIndexed ? NGHTTP2_NV_FLAG_NONE.rawValue : NGHTTP2_NV_FLAG_NO_INDEX.rawValue
                return Self.nv(field.name, value, flags: flags | NGHTTP2_NV_FLAG_NO_COPY_NAME.rawValue)
            }
            return nvs.withUnsafeBufferPointer { body($0.baseAddress, $0.count) }
        }
    }

    // MARK: - A good answer

    /// The head of a good answer, and its trailers behind it. They never change.
    private nonisolated(unsafe) static let good = fixed([
        (":status", "200"), ("content-type", "application/grpc"), ("grpc-accept-encoding", "identity,deflate,gzip"),
        ("grpc-status", "0"),
    ])

    static var none: UnsafeBufferPointer<nghttp2_nv> { UnsafeBufferPointer(start: nil, count: 0) }
    static var goodHead: UnsafeBufferPointer<nghttp2_nv> { UnsafeBufferPointer(rebasing: good.prefix(3)) }
    static var goodTrailers: UnsafeBufferPointer<nghttp2_nv> { UnsafeBufferPointer(rebasing: good.suffix(1)) }
    static var goodEnd: UnsafeBufferPointer<nghttp2_nv> { good }

    /// Fields that are the same for ever: nothing of them is copied.
    private static func fixed(_ fields: [(name: StaticString, value: StaticString)]) -> UnsafeBufferPointer<nghttp2_nv>
    {
        let flags = NGHTTP2_NV_FLAG_NO_COPY_NAME.rawValue | NGHTTP2_NV_FLAG_NO_COPY_VALUE.rawValue
        let nvs = UnsafeMutableBufferPointer<nghttp2_nv>.allocate(capacity: fields.count)
        _ = nvs.initialize(from: fields.map { nv($0.name, UnsafeRawBufferPointer($0.value), flags: flags) })
        return UnsafeBufferPointer(nvs)
    }

    private static func nv(_ name: StaticString, _ value: UnsafeRawBufferPointer, flags: UInt32) -> nghttp2_nv {
        // nghttp2 only reads from them; its type has no const.
        nghttp2_nv(
            name: UnsafeMutablePointer(mutating: name.utf8Start),
            value: UnsafeMutablePointer(mutating: value.assumingMemoryBound(to: UInt8.self).baseAddress),
            namelen: name.utf8CodeUnitCount,
            valuelen: value.count,
            flags: UInt8(flags)
        )
    }
}
