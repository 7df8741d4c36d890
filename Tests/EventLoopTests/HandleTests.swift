import CLibUV
import EventLoopTesting
import Testing

@testable import EventLoop

struct HandleTests {
    private final class Owner {
        var handle: Handle<uv_handle_t>

        init(loop: Loop, beginning status: LoopError? = nil) throws(LoopError) {
            handle = try Handle { uv_timer_init(loop.handle, $0) }
            try handle.own(by: self) { _ in status?.rawValue ?? 0 }
        }
    }

    @Test func `what libuv refuses to initialize is its error`() {
        #expect(throws: LoopError.noBufferSpace) {
            var handle: Handle<uv_timer_t> = try Handle { (_: UnsafeMutablePointer<uv_timer_t>) in UV_ENOBUFS.rawValue }
            handle.close()
        }
    }

    @Test func `what libuv refuses to initialize is freed`() async {
        // Alone in a process of its own: nobody else allocates there.
        await #expect(processExitsWith: .success) {
            func refuse() {
                do throws(LoopError) {
                    var handle: Handle<uv_stream_t> = try Handle { (_: UnsafeMutablePointer<uv_pipe_t>) in -1 }
                    handle.close()
                } catch {}
            }
            refuse()
            let before = mallinfo2().uordblks
            for _ in 0..<10_000 { refuse() }
            try #require(mallinfo2().uordblks < before + 10_000 * MemoryLayout<uv_pipe_t>.size / 2)
        }
    }

    @Test func `an open handle keeps its owner until libuv has closed it`() throws {
        try withLoop { loop in
            var owner: Owner? = try Owner(loop: loop)
            weak let kept = owner
            owner = nil
            #expect(kept != nil)
            kept?.handle.close()
            #expect(kept?.handle.pointer == nil)
            kept?.handle.close()
            #expect(kept != nil)
            try loop.settle()
            #expect(kept == nil)
        }
    }

    @Test func `an owner that cannot begin closes its handle, and is freed`() throws {
        try withLoop { loop in
            #expect(throws: LoopError.nameTooLong) { try Owner(loop: loop, beginning: .nameTooLong) }
        }
    }
}
