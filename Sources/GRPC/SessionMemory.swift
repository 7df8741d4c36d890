internal import CNGHTTP2
internal import Glibc

/// What nghttp2 holds for one session, counted.
final class SessionMemory {
    private let pool: SessionPool
    private(set) var byteCount = 0

    init(_ pool: SessionPool) {
        self.pool = pool
    }

    /// The functions that nghttp2 calls. They do not hold this object.
    var functions: nghttp2_mem {
        nghttp2_mem(
            mem_user_data: Unmanaged.passUnretained(self).toOpaque(),
            malloc: { SessionMemory.from($1).allocate($0) },
            free: { SessionMemory.from($1).free($0) },
            calloc: { SessionMemory.from($2).allocateCleared($0 * $1) },
            realloc: { SessionMemory.from($2).reallocate($0, $1) }
        )
    }

    private static func from(_ pointer: UnsafeMutableRawPointer?) -> SessionMemory {
        guard let pointer else { preconditionFailure("nghttp2 hands its memory's owner back") }
        return Unmanaged<SessionMemory>.fromOpaque(pointer).takeUnretainedValue()
    }

    private func allocate(_ count: Int) -> UnsafeMutableRawPointer? {
        guard let (memory, size) = pool.allocate(count) else { return nil }
        byteCount += size
        return memory
    }

    private func allocateCleared(_ count: Int) -> UnsafeMutableRawPointer? {
        let memory = allocate(count)
        if let memory { memset(memory, 0, count) }
        return memory
    }

    private func reallocate(_ memory: UnsafeMutableRawPointer?, _ count: Int) -> UnsafeMutableRawPointer? {
        guard let memory else { return allocate(count) }
        let capacity = SessionPool.capacity(memory)
        guard count > capacity else { return memory }
        guard let grown = allocate(count) else { return nil }
        grown.copyMemory(from: memory, byteCount: capacity)
        free(memory)
        return grown
    }

    private func free(_ memory: UnsafeMutableRawPointer?) {
        guard let memory else { return }
        byteCount -= pool.free(memory)
    }
}
