internal import CNGHTTP2
internal import Glibc

/// What nghttp2 holds for one session, counted.
final class SessionMemory {
    /// What nghttp2 hands back with each request: plain memory, as `FreeBlocks` is.
    private struct Account {
        let blocks: UnsafeMutablePointer<FreeBlocks>
        var byteCount = 0

        mutating func allocate(_ count: Int) -> UnsafeMutableRawPointer? {
            guard let (memory, size) = blocks.pointee.allocate(count) else { return nil }
            byteCount &+= size
            return memory
        }

        mutating func allocateCleared(_ count: Int) -> UnsafeMutableRawPointer? {
            let memory = allocate(count)
            if let memory { memset(memory, 0, count) }
            return memory
        }

        mutating func reallocate(_ memory: UnsafeMutableRawPointer?, _ count: Int) -> UnsafeMutableRawPointer? {
            guard let memory else { return allocate(count) }
            let capacity = FreeBlocks.capacity(memory)
            guard count > capacity else { return memory }
            guard let grown = allocate(count) else { return nil }
            grown.copyMemory(from: memory, byteCount: capacity)
            free(memory)
            return grown
        }

        mutating func free(_ memory: UnsafeMutableRawPointer?) {
            if let memory { byteCount &-= blocks.pointee.free(memory) }
        }
    }

    private let pool: SessionPool
    private let account: UnsafeMutablePointer<Account>
    var byteCount: Int { account.pointee.byteCount }

    init(_ pool: SessionPool) {
        self.pool = pool
        account = .allocate(capacity: 1)
        account.initialize(to: Account(blocks: pool.blocks))
    }

    deinit { account.deallocate() }

    /// The functions that nghttp2 calls. They do not hold this object.
    var functions: nghttp2_mem {
        nghttp2_mem(
            mem_user_data: account,
            malloc: { SessionMemory.account($1).pointee.allocate($0) },
            free: { SessionMemory.account($1).pointee.free($0) },
            calloc: { SessionMemory.account($2).pointee.allocateCleared($0 * $1) },
            realloc: { SessionMemory.account($2).pointee.reallocate($0, $1) }
        )
    }

    private static func account(_ pointer: UnsafeMutableRawPointer?) -> UnsafeMutablePointer<Account> {
        guard let pointer else { preconditionFailure("nghttp2 hands its memory's owner back") }
        return pointer.assumingMemoryBound(to: Account.self)
    }
}
