internal import Glibc

/// Memory that nghttp2 gave back, kept for its next need, so that a call costs no allocation. One for all sessions of a loop.
package final class SessionPool {
    /// What lies in front of each block. Sixteen bytes, which keeps what follows aligned.
    private struct BlockHead {
        var byteCount: Int
        var next: UnsafeMutableRawPointer?
    }

    private static let headLength = 16
    /// Blocks of 64 bytes to 2 KiB, each size twice the one before. What is larger is rare, and goes back at once.
    private static let smallest = 64
    private static let sizes = 6
    /// More than this is not kept.
    private static let keptLimit = 262_144

    private var lists = [UnsafeMutableRawPointer?](repeating: nil, count: sizes)
    private(set) var keptByteCount = 0
    var spareStreams: [CallStream] = []

    package init() {}

    deinit {
        for list in lists {
            var block = list
            while let current = block {
                block = Self.head(current).pointee.next
                Glibc.free(current)
            }
        }
    }

    /// - Returns: the memory, and how much it takes in all.
    func allocate(_ count: Int) -> (UnsafeMutableRawPointer, byteCount: Int)? {
        let needed = count + Self.headLength
        guard let list = Self.list(of: needed) else {
            guard let block = malloc(needed) else { return nil }
            return (Self.memory(of: block, needed), needed)
        }
        let size = Self.smallest << list
        if let block = lists[list] {
            lists[list] = Self.head(block).pointee.next
            keptByteCount -= size
            return (Self.memory(of: block, size), size)
        }
        guard let block = malloc(size) else { return nil }
        return (Self.memory(of: block, size), size)
    }

    /// - Returns: how much the memory took in all.
    func free(_ memory: UnsafeMutableRawPointer) -> Int {
        let block = memory - Self.headLength
        let size = Self.head(block).pointee.byteCount
        if let list = Self.list(of: size), keptByteCount + size <= Self.keptLimit {
            Self.head(block).pointee.next = lists[list]
            lists[list] = block
            keptByteCount += size
        } else {
            Glibc.free(block)
        }
        return size
    }

    /// How many bytes fit into it.
    static func capacity(_ memory: UnsafeMutableRawPointer) -> Int {
        head(memory - headLength).pointee.byteCount - headLength
    }

    private static func list(of size: Int) -> Int? {
        guard size > smallest else { return 0 }
        let list = Int.bitWidth - (size - 1).leadingZeroBitCount - 6
        return list < sizes ? list : nil
    }

    private static func memory(of block: UnsafeMutableRawPointer, _ size: Int) -> UnsafeMutableRawPointer {
        head(block).initialize(to: BlockHead(byteCount: size, next: nil))
        return block + headLength
    }

    private static func head(_ block: UnsafeMutableRawPointer) -> UnsafeMutablePointer<BlockHead> {
        block.assumingMemoryBound(to: BlockHead.self)
    }
}

/// It belongs to the loop's thread.
@available(*, unavailable) extension SessionPool: Sendable {}
