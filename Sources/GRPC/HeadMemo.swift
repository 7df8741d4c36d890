internal import Bytes
internal import CNGHTTP2
internal import Glibc

/// The head that came last on a connection. Clients mostly say the same again: fields that are those of the head before, one
/// after the other, are not judged anew.
struct HeadMemo: ~Copyable {
    /// There is room for so many fields at once, so that a connection has no more memory than it needs.
    private static let usualFields = 10
    /// More is not remembered of a head.
    private static let mostFields = 32
    private static let mostBytes = 2_048

    struct Field {
        let name: OpaquePointer
        let value: OpaquePointer

        init(_ name: OpaquePointer, _ value: OpaquePointer) {
            self.name = name
            self.value = value
        }

        var nameBytes: UnsafeRawBufferPointer { Self.bytes(name) }
        var valueBytes: UnsafeRawBufferPointer { Self.bytes(value) }

        /// A client that has HPACK remember a field says it with the same memory again.
        @inline(__always)
        func equals(_ other: Field) -> Bool {
            (name == other.name || Self.equal(name, other.name))
                && (value == other.value || Self.equal(value, other.value))
        }

        @inline(never)
        private static func equal(_ one: OpaquePointer, _ other: OpaquePointer) -> Bool {
            let (one, other) = (bytes(one), bytes(other))
            guard one.count == other.count, let start = one.baseAddress, let otherStart = other.baseAddress else {
                return one.count == other.count
            }
            return memcmp(start, otherStart, one.count) == 0
        }

        private static func bytes(_ buffer: OpaquePointer) -> UnsafeRawBufferPointer {
            let bytes = nghttp2_rcbuf_get_buf(buffer)
            return UnsafeRawBufferPointer(start: bytes.base, count: bytes.len)
        }

        func hold() {
            nghttp2_rcbuf_incref(name)
            nghttp2_rcbuf_incref(value)
        }

        func release() {
            nghttp2_rcbuf_decref(name)
            nghttp2_rcbuf_decref(value)
        }
    }

    /// What the first so many fields say.
    struct Judgement {
        var count = 0
        var head = RequestHead()
        /// Those that are needed later.
        var uses: [(field: Int, use: RequestHead.Use)] = []

        mutating func reset() {
            count = 0
            head = RequestHead()
            uses.removeAll(keepingCapacity: true)
        }
    }

    /// Held until `forget`.
    private var fields = GrowingBuffer<Field>(capacity: 0)
    private var byteCount = 0
    /// So many fields of the head that is coming in are those of the one before, and no others have come.
    private var repeated = 0
    private(set) var isRepeating = false
    private var isRecording = false
    /// The fields of the head that has come in are those of the one before, all of them.
    private(set) var isSame = false
    /// The next head is known to be the one before, and comes without its fields.
    var isKnown = false
    private var judgement = Judgement()

    /// Gives back what it holds, which has to be done before nghttp2's session goes.
    mutating func forget() {
        repeated = 0
        while fields.count > 0 { forgetLast() }
    }

    /// A request's head begins.
    mutating func begin() {
        repeated = isKnown ? fields.count : 0
        isRepeating = true
        isRecording = true
        isSame = false
    }

    /// What comes is no request's head, unless one begins.
    mutating func pause() {
        isRepeating = false
        isRecording = false
        isSame = false
    }

    /// Whether the next field is that of the head before.
    @inline(__always)
    mutating func repeats(_ field: Field) -> Bool {
        guard isRepeating, repeated < fields.count, fields[repeated].equals(field) else { return false }
        repeated &+= 1
        return true
    }

    /// The head goes on with other fields, or is over.
    /// - Parameter keep: gets the fields that are needed later.
    /// - Returns: what those that were repeated say.
    mutating func endRepeating(keep: (Field, RequestHead.Use) -> Void) -> RequestHead {
        isRepeating = false
        isSame = repeated == fields.count
        judge()
        for (field, use) in judgement.uses { keep(fields[field], use) }
        while fields.count > repeated { forgetLast() }
        return judgement.head
    }

    private mutating func judge() {
        if judgement.count > repeated { judgement.reset() }
        while judgement.count < repeated {
            let field = fields[judgement.count]
            if let use = judgement.head.take(field.nameBytes, field.valueBytes) {
                judgement.uses.append((judgement.count, use))
            }
            judgement.count += 1
        }
    }

    private mutating func forgetLast() {
        fields.count -= 1
        let field = fields[fields.count]
        byteCount -= field.nameBytes.count + field.valueBytes.count
        field.release()
    }

    /// Remembers a field that is not that of the head before.
    mutating func add(_ field: Field) {
        isSame = false
        guard isRecording else { return }
        let count = field.nameBytes.count + field.valueBytes.count
        guard fields.count < Self.mostFields, byteCount + count <= Self.mostBytes else {
            isRecording = false
            return
        }
        field.hold()
        if fields.count == 0 { fields.reserve(Self.usualFields) }
        fields.append(field)
        byteCount += count
    }
}
