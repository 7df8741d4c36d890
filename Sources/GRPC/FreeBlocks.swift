internal import Glibc

/// Blocks of memory that were given back, kept for the next need of their size.
///
/// nghttp2 asks some twenty times a call. So this is plain memory: counting who refers to an object would cost more than
/// finding a block.
struct FreeBlocks {
    /// What lies in front of each block. Sixteen bytes, which keeps what follows aligned.
    private struct Head {
        let byteCount: Int
        var next: UnsafeMutableRawPointer?
    }

    private static let headLength = 16
    /// Blocks of 64 bytes to 2 KiB, each size twice the one before. What is larger is rare, and goes back at once.
    private static let smallest = 64
    private static let sizes = 6
    /// More than this is not kept.
    private static let keptLimit = 262_144

    private let lists: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    private(set) var keptByteCount = 0

    init() {
        lists = .allocate(capacity: Self.sizes)
        lists.initialize(repeating: nil, count: Self.sizes)
    }

    /// Ends it: it must not be used any more.
    func destroy() {
        for list in 0..<Self.sizes {
            var block = lists[list]
            while let current = block {
                block = Self.head(current).pointee.next
                Glibc.free(current)
            }
        }
        lists.deallocate()
    }

    /// - Returns: the memory, and how much it takes in all.
    @inline(__always)
    mutating func allocate(_ count: Int) -> (UnsafeMutableRawPointer, byteCount: Int)? {
        let needed = count + Self.headLength
        let list = Self.list(of: needed)
        let size = list < Self.sizes ? Self.smallest << list : needed
        if list < Self.sizes, let block = lists[list] {
            lists[list] = Self.head(block).pointee.next
            keptByteCount &-= size
            return (block + Self.headLength, size)
        }
        guard let block = malloc(size) else { return nil }
        Self.head(block).initialize(to: Head(byteCount: size, next: nil))
        return (block + Self.headLength, size)
    }

    /// - Returns: how much the memory took in all.
    @inline(__always)
    mutating func free(_ memory: UnsafeMutableRawPointer) -> Int {
        let block = memory - Self.headLength
        let size = Self.head(block).pointee.byteCount
        let list = Self.list(of: size)
        if list < Self.sizes, keptByteCount &+ size <= Self.keptLimit {
            Self.head(block).pointee.next = lists[list]
            lists[list] = block
            keptByteCount &+= size
        } else {
            Glibc.free(block)
        }
        return size
    }

    /// How many bytes fit into it.
    static func capacity(_ memory: UnsafeMutableRawPointer) -> Int {
        head(memory - headLength).pointee.byteCount - headLength
    }

    /// Where blocks of that size are kept; beyond the lists, if they are not.
    private static func list(of size: Int) -> Int {
        size <= smallest ? 0 : Int.bitWidth &- (size &- 1).leadingZeroBitCount &- smallest.trailingZeroBitCount
    }

    private static func head(_ block: UnsafeMutableRawPointer) -> UnsafeMutablePointer<Head> {
        block.assumingMemoryBound(to: Head.self)
    }
}
