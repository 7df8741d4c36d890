import CLibUV

/// The life of a libuv handle, the same for every kind: allocated by its owner, given to the loop together with a
/// retained owner, and freed in the close callback and nowhere else (libuv's manual, `uv_close`).
enum Handle {
    /// Called once init has succeeded: from now on the loop owns the handle, and the handle its owner.
    static func own<Kind>(_ handle: UnsafeMutablePointer<Kind>, by owner: AnyObject) {
        generic(handle).pointee.data = Unmanaged.passRetained(owner).toOpaque()
    }

    /// Closes the handle; the owner is given back and the memory freed when libuv says that it is done.
    static func close<Kind>(_ handle: UnsafeMutablePointer<Kind>) {
        uv_close(generic(handle)) { handle in
            guard let handle, let owner = handle.pointee.data else { return }
            Unmanaged<AnyObject>.fromOpaque(owner).release()
            UnsafeMutableRawPointer(handle).deallocate()
        }
    }

    /// The owner of a handle, inside one of its callbacks.
    static func owner<Kind, Owner: AnyObject>(of handle: UnsafeMutablePointer<Kind>, as: Owner.Type) -> Owner {
        Unmanaged<Owner>.fromOpaque(generic(handle).pointee.data).takeUnretainedValue()
    }

    /// Every handle begins with the fields of `uv_handle_t`; libuv's manual has callers cast.
    private static func generic<Kind>(_ handle: UnsafeMutablePointer<Kind>) -> UnsafeMutablePointer<uv_handle_t> {
        UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_handle_t.self)
    }
}
