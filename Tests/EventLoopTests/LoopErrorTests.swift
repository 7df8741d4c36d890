import Testing

@testable import EventLoop

struct LoopErrorTests {
    @Test func `an error has the system's words`() {
        #expect(LoopError.connectionRefused.description == "connection refused")
        #expect(LoopError.system(111) == .connectionRefused)
        #expect(LoopError.system(36) == .nameTooLong)
    }

    @Test func `only what is negative is an error`() throws {
        #expect(try LoopError.check(0) == 0)
        #expect(try LoopError.check(17) == 17)
        #expect(throws: LoopError.connectionRefused) { try LoopError.check(-111) }
    }
}
