import Glibc
import Testing

@testable import EventLoop

/// Each in a process of its own, which a failed assertion ends.
struct LoopThreadTests {
    @Test func `a handle that is used on another thread than its loop's stops a build for debugging`() async {
        await #expect(processExitsWith: .failure) {
            let loop = try Loop()
            let timer = try Timer(loop: loop) {}
            Self.onAnotherThread(timer) { Unmanaged<Timer>.fromOpaque($0!).takeUnretainedValue().stop() }
            timer.close()
            try loop.close()
        }
    }

    @Test func `a loop that is used on another thread than its own stops a build for debugging`() async {
        await #expect(processExitsWith: .failure) {
            let loop = try Loop()
            Self.onAnotherThread(loop) { Unmanaged<Loop>.fromOpaque($0!).takeUnretainedValue().runOnce() }
            try loop.close()
        }
    }

    @Test func `work that is put off on another thread than its loop's stops a build for debugging`() async {
        await #expect(processExitsWith: .failure) {
            let loop = try Loop()
            Self.onAnotherThread(loop) { loop in
                var deferred = Deferred(on: Unmanaged<Loop>.fromOpaque(loop!).takeUnretainedValue())
                deferred.ask(Task())
            }
            try loop.close()
        }
    }

    @Test func `a loop and its handles can be used on the thread that made them`() async {
        await #expect(processExitsWith: .success) {
            Self.onAnotherThread(Task()) { _ in
                do {
                    let loop = try Loop()
                    let timer = try Timer(loop: loop) {}
                    timer.stop()
                    timer.close()
                    try loop.close()
                } catch {
                    exit(EXIT_FAILURE)
                }
            }
        }
    }

    private static func onAnotherThread(
        _ object: AnyObject,
        _ body: @escaping @convention(c) (UnsafeMutableRawPointer?) -> Void
    ) {
        var thread = pthread_t()
        let work = Work(body: body, object: Unmanaged.passUnretained(object).toOpaque())
        let start: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = {
            let work = Unmanaged<Work>.fromOpaque($0!).takeRetainedValue()
            work.body(work.object)
            return nil
        }
        pthread_create(&thread, nil, start, Unmanaged.passRetained(work).toOpaque())
        pthread_join(thread, nil)
        withExtendedLifetime(object) {}
    }

    private final class Work {
        let body: @convention(c) (UnsafeMutableRawPointer?) -> Void
        let object: UnsafeMutableRawPointer

        init(body: @escaping @convention(c) (UnsafeMutableRawPointer?) -> Void, object: UnsafeMutableRawPointer) {
            self.body = body
            self.object = object
        }
    }
}
