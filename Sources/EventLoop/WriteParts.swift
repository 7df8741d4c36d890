import Bytes
import CLibUV

/// What one write consists of, in its order: own bytes and a piece by turns, the rest of the own bytes, and what is lent.
/// Each of them may be empty.
struct WriteParts {
    let own: UnsafeRawBufferPointer
    let pieces: [OutgoingPiece]
    let lent: UnsafeRawBufferPointer

    let byteCount: Int

    init(own: UnsafeRawBufferPointer, pieces: [OutgoingPiece], lent: UnsafeRawBufferPointer) {
        self.own = own
        self.pieces = pieces
        self.lent = lent
        byteCount = pieces.reduce(own.count + lent.count) { $0 + $1.bytes.count }
    }

    var count: Int { 2 * pieces.count + 2 }

    /// The bytes, and who holds them; without an owner they are only lent.
    subscript(index: Int) -> (bytes: UnsafeRawBufferPointer, owner: SharedBytes?) {
        let isPiece = index % 2 == 1 && index < count - 1
        return (bytes(index), isPiece ? pieces[index / 2].owner : nil)
    }

    private func bytes(_ index: Int) -> UnsafeRawBufferPointer {
        if index == count - 1 { return lent }
        if index % 2 == 1 { return pieces[index / 2].bytes }
        let start = index == 0 ? 0 : pieces[index / 2 - 1].place
        let end = index / 2 < pieces.count ? pieces[index / 2].place : own.count
        return UnsafeRawBufferPointer(rebasing: own[start..<end])
    }

    /// Lends them as libuv takes them, without those that are empty.
    func withBuffers(_ body: (UnsafePointer<uv_buf_t>?, UInt32) -> Int32) -> Int32 {
        withUnsafeTemporaryAllocation(of: uv_buf_t.self, capacity: count) { buffers in
            var used = 0
            for index in 0..<count {
                let bytes = bytes(index)
                guard !bytes.isEmpty else { continue }
                buffers[used] = uv_buf_t(bytes)
                used += 1
            }
            return body(UnsafePointer(buffers.baseAddress), UInt32(used))
        }
    }
}

extension uv_buf_t {
    /// libuv only reads from it; its type has no const.
    init(_ bytes: UnsafeRawBufferPointer) {
        let base = UnsafeMutablePointer(mutating: bytes.baseAddress?.assumingMemoryBound(to: CChar.self))
        self.init(base: base, len: bytes.count)
    }
}
