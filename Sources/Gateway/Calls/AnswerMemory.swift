/// What is kept of answers that are not whole yet, or that wait to be transcoded, over all calls.
final class AnswerMemory {
    /// Who keeps some of an answer.
    protocol Holder: AnyObject {
        var heldByteCount: Int { get }
        /// Gives the answer up: of all it has the most.
        func giveUp(limit: Int)
    }

    /// Bytes of all together: sixteen answers of 4 MiB. What is allocated for them can be half as much again.
    static let limit = 64 << 20

    let buffers = BodyBufferPool()
    private let limit: Int
    private(set) var byteCount = 0
    private var holders: [any Holder] = []

    init(limit: Int = AnswerMemory.limit) {
        self.limit = limit
    }

    /// Somebody keeps more or less than before.
    func changed(_ holder: any Holder, from before: Int, to now: Int) {
        byteCount += now - before
        if before == 0 {
            holders.append(holder)
        } else if now == 0 {
            holders.removeAll { $0 === holder }
        }
        if now > before, byteCount > limit {
            holders.max { $0.heldByteCount < $1.heldByteCount }?.giveUp(limit: limit)
        }
    }
}
