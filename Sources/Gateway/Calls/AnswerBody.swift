import Bytes
import Calls
import EventLoop
import Glibc
import Transcoding

/// The body of a unary answer, which becomes its payload as it arrives. Used again for one answer after the other.
///
/// As long as it is what the last answer was, only how far is kept: nothing is copied. Otherwise it is gathered, and
/// transcoded in one go at its end, which is fastest. What is too long for that is transcoded element by element, so that
/// it takes no more memory than a payload may have and one element.
struct AnswerBody: ~Copyable {
    /// Bytes that are gathered of a body that can be taken element by element. Of what is longer, a list with a misfit
    /// element would hardly fit an answer as text.
    static let listedLimit = 4 << 20
    /// Bytes that are gathered of another body.
    static let unlistedLimit = 8 << 20
    private enum State {
        case beginning
        /// It is what the last answer was, for so many bytes.
        case known(Memo.Entry, count: Int)
        case gathering
        case elementwise(ElementwisePayload)
    }

    private let transcoder: JSONTranscoder
    private var method: RoutedMethod?
    private var state = State.beginning
    /// What came last, lent: if it turns out to be all, it need not be gathered.
    private var latest = Self.nothing
    private let buffers: BodyBufferPool
    private var gathered: BodyBuffer?
    /// Bytes that there should be room for once something is gathered.
    private var expectedLength = 0

    init(_ transcoder: JSONTranscoder, _ buffers: BodyBufferPool) {
        self.transcoder = transcoder
        self.buffers = buffers
    }

    /// Makes ready for an answer.
    mutating func begin(_ method: RoutedMethod) {
        forget()
        self.method = method
    }

    /// Keeps nothing.
    mutating func forget() {
        state = .beginning
        method = nil
        latest = Self.nothing
        dropGathered()
    }

    private static var nothing: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: nil, count: 0) }

    /// Bytes that are kept of the answer.
    var heldByteCount: Int {
        if case .elementwise(let payload) = state { payload.heldByteCount } else { dueByteCount }
    }

    /// Whether it is long enough for its transcoding to be large work, unless it is what the last answer was.
    var isLarge: Bool {
        let before = if case .known(_, let count) = state { count } else { dueByteCount }
        return before + latest.count >= TurnBudget.largeSize
    }

    /// Bytes that are to be transcoded in one go, of which nothing was done so far.
    var dueByteCount: Int { gathered?.text.count ?? 0 }

    /// So much has been gathered that it is time for `catchUp`.
    var isBehind: Bool { dueByteCount > Self.listedLimit && method?.unaryList != nil }

    // MARK: - As it arrives

    /// Takes in what has arrived, lent until `settle` or `finish`.
    /// - Parameter length: bytes that were announced of the whole body.
    mutating func take(_ part: UnsafeRawBufferPointer, length: Int?) throws(JSONTranscodingError) {
        if case .beginning = state { start(length) }
        try settle()
        latest = part
    }

    private mutating func start(_ length: Int?) {
        guard let method else { preconditionFailure("an answer came for no call") }
        expectedLength = min(length ?? 0, Self.listedLimit)
        if let entry = method.memo.entry(length: length) {
            state = .known(entry, count: 0)
        } else {
            state = .gathering
            if let length, length > Self.listedLimit, let payload = makeElementwise() { state = .elementwise(payload) }
        }
    }

    /// Takes over what was lent.
    mutating func settle() throws(JSONTranscodingError) {
        guard !latest.isEmpty else { return }
        let part = latest
        latest = Self.nothing
        if case .known(let entry, let count) = state {
            if entry.body.bytes.hasBytes(part, at: count) {
                state = .known(entry, count: count + part.count)
                return
            }
            leave(entry, count)
        }
        if case .elementwise(let payload) = state { return try payload.consume(part) }
        gather(part)
        if dueByteCount > Self.unlistedLimit, !isBehind { throw .tooLarge(limit: Self.unlistedLimit) }
    }

    /// The body begins as the last one did, and goes on otherwise.
    private mutating func leave(_ entry: Memo.Entry, _ count: Int) {
        state = .gathering
        if count > 0 { gather(UnsafeRawBufferPointer(rebasing: entry.body.bytes[..<count])) }
    }

    private mutating func gather(_ part: UnsafeRawBufferPointer) {
        let buffer = gathered ?? buffers.take()
        gathered = buffer
        buffer.text.reserve(max(part.count, expectedLength - buffer.text.count) + JSONTranscoder.padding)
        buffer.text.append(part)
    }

    private mutating func dropGathered() {
        if let gathered { buffers.giveBack(gathered) }
        gathered = nil
    }

    // MARK: - Element by element

    private func makeElementwise() -> ElementwisePayload? {
        method?.unaryList.map { ElementwisePayload(MessageStream(transcoder: transcoder, schema: $0)) }
    }

    /// Goes on element by element. What has been gathered is done at once.
    mutating func catchUp() throws(JSONTranscodingError) {
        guard let payload = makeElementwise(), let gathered else { return }
        state = .elementwise(payload)
        defer { dropGathered() }
        try payload.consume(gathered.text.bytes)
    }

    // MARK: - The end

    /// The payload, lent until something else is transcoded unless it has an owner.
    mutating func finish() throws(JSONTranscodingError) -> Payload {
        defer { forget() }
        guard let method else { preconditionFailure("an answer came for no call") }
        if case .known(let entry, let count) = state {
            if count + latest.count == entry.body.bytes.count, entry.body.bytes.hasBytes(latest, at: count) {
                method.memo.hit()
                return Payload(entry.payload)
            }
            leave(entry, count)
        }
        if isBehind { try catchUp() }
        if case .elementwise(let payload) = state {
            try settle()
            return try payload.finish()
        }
        if gathered != nil { try settle() }
        return try method.payload(gathered?.text.bytes ?? latest, in: gathered, transcoder)
    }
}

extension UnsafeRawBufferPointer {
    /// Whether other bytes are here too, from `index` on.
    fileprivate func hasBytes(_ other: UnsafeRawBufferPointer, at index: Int) -> Bool {
        guard let own = baseAddress, let others = other.baseAddress else { return other.isEmpty }
        return count - index >= other.count && memcmp(own + index, others, other.count) == 0
    }
}
