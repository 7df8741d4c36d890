import Testing

@testable import Gateway

/// Who gives way when answers that are under way take too much.
struct AnswerMemoryTests {
    private final class Holder: AnswerMemory.Holder {
        private let memory: AnswerMemory
        private(set) var heldByteCount = 0
        private(set) var limit: Int?

        init(_ memory: AnswerMemory) {
            self.memory = memory
        }

        func hold(_ count: Int) {
            let before = heldByteCount
            heldByteCount = count
            memory.changed(self, from: before, to: count)
        }

        func giveUp(limit: Int) {
            self.limit = limit
            hold(0)
        }
    }

    @Test func `who has the most gives way, and only when there is too much`() {
        let memory = AnswerMemory(limit: 100)
        let holders = (0..<3).map { _ in Holder(memory) }
        holders[0].hold(20)
        holders[1].hold(50)
        holders[2].hold(30)
        #expect(memory.byteCount == 100)
        #expect(holders.allSatisfy { $0.limit == nil })
        holders[0].hold(21)
        #expect(holders.map(\.limit) == [nil, 100, nil])
        #expect(memory.byteCount == 51)
        holders[2].hold(80)
        #expect(holders.map(\.limit) == [nil, 100, 100])
        #expect(memory.byteCount == 21)
    }

    @Test func `who has nothing any more gives nothing`() {
        let memory = AnswerMemory(limit: 100)
        let holders = (0..<2).map { _ in Holder(memory) }
        holders[0].hold(90)
        holders[0].hold(0)
        holders[1].hold(101)
        #expect(holders.map(\.limit) == [nil, 100])
        #expect(memory.byteCount == 0)
    }
}
