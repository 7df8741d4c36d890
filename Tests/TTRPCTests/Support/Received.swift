@testable import TTRPC

/// A decoder's event with a copy of what was lent.
enum Received: Equatable {
    case frame(FrameHeader, [UInt8])
    case oversize(FrameHeader)
    case notTTRPC

    init(_ event: FrameDecoder.Event) {
        switch event {
        case .frame(let header, let data): self = .frame(header, Array(data))
        case .oversize(let header): self = .oversize(header)
        case .notTTRPC: self = .notTTRPC
        }
    }
}

extension FrameDecoder {
    /// Every event in `bytes`, as one read that brings them would give.
    mutating func receive(_ bytes: some Collection<UInt8>) -> [Received] {
        Array(bytes).withUnsafeBytes { bytes in
            var unread = bytes
            var events: [Received] = []
            while let event = next(&unread) {
                events.append(Received(event))
            }
            return events
        }
    }

    /// Every event in `bytes` when they come in reads of `size`.
    mutating func receive(_ bytes: [UInt8], inReadsOf size: Int) -> [Received] {
        stride(from: 0, to: bytes.count, by: size).flatMap { start in
            receive(bytes[start..<min(start + size, bytes.count)])
        }
    }
}
