import Testing

@testable import PiecesOS

struct UpstreamStateTests {
    /// What is said of each state that comes after another.
    private func changes(_ states: UpstreamState...) -> [UpstreamChange?] {
        var state = UpstreamState.unknown
        return states.map { state.become($0) }
    }

    @Test func `it is found once, and again when it has moved`() {
        #expect(changes(.serving("a"), .serving("a"), .serving("b")) == [.found("a"), nil, .found("b")])
    }

    @Test func `a loss is one change, whatever the words`() {
        #expect(
            changes(.serving("a"), .unreachable("x"), .unreachable("y"), .distrusted("z"), .serving("a"))
                == [.found("a"), .lost("x"), nil, nil, .found("a")]
        )
        #expect(changes(.serving("a"), .distrusted("x"), .unreachable("y")) == [.found("a"), .lost("x"), nil])
    }

    @Test func `not ready is one change, and neither found nor lost`() {
        #expect(
            changes(.notReady("x"), .notReady("y"), .unreachable("z"), .notReady("x"))
                == [.notReady("x"), nil, .lost("z"), .notReady("x")]
        )
        #expect(changes(.serving("a"), .notReady("x"), .serving("a")) == [.found("a"), .notReady("x"), .found("a")])
    }

    @Test func `what was never there is not lost`() {
        #expect(changes(.unreachable("x"), .unreachable("y")) == [.absent("x"), nil])
        #expect(changes(.distrusted("x"), .unreachable("y")) == [nil, nil])
    }
}
