import Bytes
import Calls
import Testing
import Transcoding

@testable import Gateway

/// What is kept of an answer for the next one, and how often.
struct MemoTests {
    private let setting = BodySetting()

    private func models(_ size: Int) -> [UInt8] {
        let model = #"{"id":"\#(String(repeating: "a", count: 1_000))"}"#
        let models = Array(repeating: model, count: size / model.utf8.count)
        return Array(#"{"iterable":[\#(models.joined(separator: ","))]}"#.utf8)
    }

    /// Has a body gathered, and says where its text came to lie and what its payload is.
    private func remember(_ text: [UInt8], _ memo: inout Memo) -> (text: UnsafeRawPointer?, payload: SharedBytes?) {
        let buffer = setting.buffers.take()
        buffer.text.append(text)
        let bytes = buffer.text.bytes
        let payload = [UInt8](repeating: 7, count: 10).withUnsafeBytes { memo.remember(bytes, in: buffer, $0) }
        setting.buffers.giveBack(buffer)
        return (bytes.baseAddress, payload)
    }

    @Test func `a long text that was gathered is kept where it is, and a short one copied`() {
        for (count, isTaken) in [(BodyBufferPool.largest, false), (BodyBufferPool.largest + 1, true)] {
            var memo = Memo()
            let text = [UInt8](repeating: 1, count: count)
            let (place, payload) = remember(text, &memo)
            let entry = memo.entry(length: count)
            #expect((entry?.body.bytes.baseAddress == place) == isTaken)
            #expect(entry.map { Array($0.body.bytes) } == text)
            #expect(payload != nil && entry?.payload === payload)
        }
    }

    @Test func `the payload of an answer that is remembered is not copied once more for those who share it`() throws {
        let snapshot = try Carried.routed("ModelsSnapshot")
        let padded = models(5_000) + [UInt8](repeating: 0, count: 64)
        try padded.withUnsafeBytes { padded in
            let text = UnsafeRawBufferPointer(rebasing: padded.dropLast(64))
            let payload = try snapshot.payload(text, in: nil, setting.transcoder)
            // Of a client that does not share it, it counts as its own.
            #expect(payload.owner == nil)
            let remembered = snapshot.memo.entry(length: nil)?.payload
            #expect(remembered != nil && payload.kept.owner === remembered)
            // What never comes again is remembered now and then.
            for _ in 0..<5 { _ = try snapshot.payload(text, in: nil, setting.transcoder) }
            let last = try snapshot.payload(text, in: nil, setting.transcoder)
            #expect(snapshot.memo.entry(length: nil)?.payload !== last.kept.owner)
        }
    }

    @Test func `a very long list is not remembered element by element as well`() throws {
        for (count, isKept) in [(RoutedMethod.longestList - 10_000, true), (RoutedMethod.longestList + 10_000, false)] {
            let snapshot = try Carried.routed("ModelsSnapshot")
            _ = try setting.payload(snapshot, [models(count)[...]])
            let held = snapshot.listMemo.heldByteCount
            #expect((held > 0) == isKept)
            #expect(snapshot.memo.entry(length: nil) != nil)
        }
    }

    // MARK: - Memory for what is gathered

    @Test func `memory of a body is used again, unless it is much`() {
        let pool = BodyBufferPool()
        for (count, isKept) in [(BodyBufferPool.largest, true), (BodyBufferPool.largest + 1, false)] {
            let buffer = pool.take()
            buffer.text = ByteBuffer(capacity: count)
            pool.giveBack(buffer)
            #expect((pool.keptByteCount == count) == isKept)
            #expect((pool.take() === buffer) == isKept)
            #expect(pool.keptByteCount == 0)
        }
    }

    @Test func `all of it together is bounded`() {
        let pool = BodyBufferPool()
        let buffers = (0..<50).map { _ in pool.take() }
        for buffer in buffers {
            buffer.text.append([UInt8](repeating: 1, count: 100_000))
            pool.giveBack(buffer)
        }
        #expect(pool.keptByteCount <= 2 << 20 && pool.keptByteCount > 1 << 20)
        #expect(pool.take().text.count == 0)
    }
}
