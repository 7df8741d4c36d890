internal import Glibc

/// The data of a frame that is split over reads.
///
/// It grows as bytes arrive, never by what a header alone claims: a client that announces 4 MiB and sends nothing costs
/// nothing.
struct GatheringBuffer: ~Copyable {
    /// What may be kept between frames. Enough for the usual request, and little enough to keep for every connection.
    static let keptCapacity = 512
    /// What has grown so far has room for the whole frame from then on: pages that nothing is written to take no memory, and
    /// what a small block leaves behind when it moves into a larger one does.
    static let smallCapacity = 64 * 1024

    private(set) var count = 0
    private(set) var capacity = 0
    private var storage: UnsafeMutableRawPointer?

    deinit {
        free(storage)
    }

    var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: storage, count: count)
    }

    /// Appends `bytes`, of a frame whose data will be `limit` bytes in all.
    mutating func append(_ bytes: UnsafeRawBufferPointer, limit: Int) {
        guard let source = bytes.baseAddress, !bytes.isEmpty else { return }
        grow(to: count + bytes.count, limit: limit)
        storage?.advanced(by: count).copyMemory(from: source, byteCount: bytes.count)
        count += bytes.count
    }

    mutating func removeAll() {
        count = 0
        if capacity > Self.keptCapacity {
            free(storage)
            storage = nil
            capacity = 0
        }
    }

    private mutating func grow(to needed: Int, limit: Int) {
        guard needed > capacity else { return }
        let larger = needed > Self.smallCapacity ? limit : max(needed, min(2 * capacity, limit), Self.keptCapacity)
        guard let grown = realloc(storage, larger) else {
            fatalError("out of memory: \(larger) bytes for the data of a frame")
        }
        storage = grown
        capacity = larger
    }
}
