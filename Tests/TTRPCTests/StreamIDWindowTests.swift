import Testing

@testable import TTRPC

struct StreamIDWindowTests {
    @Test func `every odd id at most 254 below the highest can be used once, in any order`() {
        var window = StreamIDWindow()
        #expect(window.use(1001) == .first)
        var random = SplitMix64(seed: 1)
        let ids = stride(from: UInt32(747), through: 999, by: 2).shuffled(using: &random)
        #expect(ids.count == 127)
        for id in ids { #expect(window.use(id) == .first) }
        for id in ids { #expect(window.use(id) == .repeated) }
        #expect(window.use(1001) == .repeated)
        #expect(window.use(745) == .tooLow(lowest: 747))
    }

    @Test(arguments: [2, 4, 252, 254] as [UInt32])
    func `what has been used stays so when higher ids come`(distance: UInt32) {
        var window = StreamIDWindow()
        #expect(window.use(999) == .first)
        #expect(window.use(1001) == .first)
        #expect(window.use(999 + distance) == (distance == 2 ? .repeated : .first))
        #expect(window.use(999) == .repeated)
    }

    @Test(arguments: [256, 258, 512, 1 << 20, 1 << 31] as [UInt32])
    func `a jump leaves room for all below it that are near`(distance: UInt32) {
        var window = StreamIDWindow()
        #expect(window.use(1) == .first)
        let highest = 1 + distance
        #expect(window.use(highest) == .first)
        #expect(window.use(highest - 2) == .first)
        #expect(window.use(highest - 254) == .first)
        #expect(window.use(highest - 256) == .tooLow(lowest: highest - 254))
    }

    @Test func `near the beginning and the end of all ids nothing overflows`() {
        var window = StreamIDWindow()
        for id in [255, 1, 3, 253] as [UInt32] { #expect(window.use(id) == .first) }
        for id in [.max, .max - 2, .max - 254] as [UInt32] { #expect(window.use(id) == .first) }
        for id in [.max, .max - 2, .max - 254] as [UInt32] { #expect(window.use(id) == .repeated) }
        #expect(window.use(.max - 256) == .tooLow(lowest: .max - 254))
        #expect(window.use(1) == .tooLow(lowest: .max - 254))
    }

    /// Against a set that remembers everything.
    @Test func `random ids are judged as by who remembers all`() {
        var random = SplitMix64(seed: 2)
        var window = StreamIDWindow()
        var seen: Set<UInt32> = []
        var highest: UInt32 = 1
        for _ in 0..<20_000 {
            let id = UInt32.random(in: max(highest, 300) - 300...highest + 40, using: &random) | 1
            let expected: StreamIDWindow.Use =
                id <= highest && highest - id > 254
                ? .tooLow(lowest: highest - 254) : seen.insert(id).inserted ? .first : .repeated
            if window.use(id) != expected { Issue.record("\(id) after \(highest)") }
            highest = max(highest, id)
        }
    }
}
