import CLibUV

/// One libuv handle and its life, the same for every kind: allocated, given to the loop together with a retained owner,
/// and freed in the close callback and nowhere else (libuv's manual, `uv_close`).
struct Handle<Kind>: ~Copyable {
    private var memory: UnsafeMutablePointer<Kind>?

    /// Allocates a handle and has libuv initialize it. One that libuv refuses is freed.
    /// - Parameter initialize: one of libuv's `uv_…_init`. It may be one for a kind that begins with the fields of `Kind`.
    init<Whole>(_ initialize: (UnsafeMutablePointer<Whole>) -> Int32) throws(LoopError) {
        let whole = UnsafeMutablePointer<Whole>.allocate(capacity: 1)
        do throws(LoopError) {
            try LoopError.check(initialize(whole))
        } catch {
            whole.deallocate()
            throw error
        }
        whole.cast(to: uv_handle_t.self).pointee.data = nil
        memory = whole.cast(to: Kind.self)
    }

    /// For whoever calls libuv; `nil` once the handle is closed.
    var pointer: UnsafeMutablePointer<Kind>? {
        assert(isOfThisThread, "a \(Kind.self) is used on another thread than its loop's")
        return memory
    }

    /// Whether the loop is, too.
    var isOfThisThread: Bool { memory?.cast(to: uv_handle_t.self).pointee.loop.isOfThisThread ?? true }

    /// Called once the owner's init has succeeded: from now on the loop owns the handle, and the handle its owner.
    func own(by owner: AnyObject) {
        guard let pointer else { return }
        pointer.cast(to: uv_handle_t.self).pointee.data = Unmanaged.passRetained(owner).toOpaque()
    }

    /// The same, with what else belongs to the owner's init: when that fails, the handle is closed again.
    mutating func own(
        by owner: AnyObject,
        _ begin: (UnsafeMutablePointer<Kind>) -> Int32
    ) throws(LoopError) {
        guard let pointer else { throw .cancelled }
        own(by: owner)
        do throws(LoopError) {
            try LoopError.check(begin(pointer))
        } catch {
            close()
            throw error
        }
    }

    /// The loop does not go on running for this handle alone.
    func unref() {
        uv_unref(pointer?.cast(to: uv_handle_t.self))
    }

    /// Lends the owner of a handle, inside one of its callbacks. The handle holds it until the close callback, so that it is
    /// not held once more.
    static func withOwner<Owner: AnyObject, Result>(
        of handle: UnsafeMutablePointer<Kind>,
        as: Owner.Type,
        _ body: (Owner) -> Result
    ) -> Result {
        Unmanaged<Owner>.fromOpaque(handle.cast(to: uv_handle_t.self).pointee.data)._withUnsafeGuaranteedRef(body)
    }

    /// Closes the handle; the owner is given back and the memory freed when libuv says that it is done. May be called
    /// more than once.
    mutating func close() {
        guard let pointer else { return }
        memory = nil
        uv_close(pointer.cast(to: uv_handle_t.self)) { handle in
            guard let handle else { return }
            if let owner = handle.pointee.data { Unmanaged<AnyObject>.fromOpaque(owner).release() }
            handle.deallocate()
        }
    }

    deinit {
        assert(memory == nil, "a \(Kind.self) was dropped before it was closed")
    }
}

extension UnsafeMutablePointer {
    /// A handle as what it begins with, or the other way: `uv_pipe_t` and `uv_tcp_t` begin with the fields of
    /// `uv_stream_t`, and every kind with those of `uv_handle_t`. libuv's manual has callers cast.
    func cast<Other>(to: Other.Type) -> UnsafeMutablePointer<Other> {
        UnsafeMutableRawPointer(self).assumingMemoryBound(to: Other.self)
    }
}
