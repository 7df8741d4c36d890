internal import Glibc

/// What the fuzzer made up. Its last byte says how the rest is to be used, so that a seed can be an ordinary text file,
/// whose last byte is a line feed.
package struct FuzzInput {
    package let control: Int
    package let bytes: UnsafeRawBufferPointer

    /// Nil for an input without a byte.
    package init?(_ data: UnsafePointer<UInt8>?, _ count: Int) {
        guard let data, count > 0 else { return nil }
        control = Int(data[count - 1])
        bytes = UnsafeRawBufferPointer(start: data, count: count - 1)
    }

    /// The bytes behind the first `count`, to be used in the same way.
    package init(_ input: FuzzInput, from count: Int) {
        control = input.control
        bytes = UnsafeRawBufferPointer(rebasing: input.bytes[count...])
    }

    /// Lends a part of the bytes in memory of its own, with `padding` bytes behind it that would spoil it if they were
    /// read as more of it. It is gone afterwards, so that the sanitizer sees whoever kept it.
    package func withCopy<Result>(
        of range: Range<Int>,
        padding: Int,
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: range.count + padding, alignment: 1)
        defer { memory.deallocate() }
        if let base = bytes.baseAddress, let start = memory.baseAddress {
            memcpy(start, base + range.lowerBound, range.count)
            memset(start + range.count, 0x39, padding)
        }
        return try body(UnsafeRawBufferPointer(rebasing: memory[..<range.count]))
    }

    /// Pieces of fewer bytes would be too many to be quick.
    package var leastPieceSize: Int { bytes.count / 128 }

    /// The ranges of the bytes cut into pieces of `size`, or of the least size.
    package func pieces(of size: Int) -> some Sequence<Range<Int>> {
        let count = bytes.count
        let size = max(size, leastPieceSize)
        return stride(from: 0, to: count, by: size).lazy.map { $0..<min($0 + size, count) }
    }
}
