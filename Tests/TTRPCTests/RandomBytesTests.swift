import Testing

@testable import TTRPC

/// Whatever comes is taken or refused; the seeds are fixed, so that a failure can be repeated.
struct RandomBytesTests {
    @Test(arguments: 0..<8 as Range<UInt64>)
    func `random reads become frames or are refused, and no byte is lost`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<200 {
            var stream: [UInt8] = []
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                let length = UInt8.random(in: 0...255, using: &random)
                stream += [0, 0, 0, length] + random.bytes(6) + random.bytes(Int(length))
            }
            let expected = stream.count
            if Bool.random(using: &random) {
                stream += [UInt8.random(in: 1...255, using: &random)] + random.bytes(40)
            }
            var decoder = FrameDecoder()
            let events = decoder.receive(stream, inReadsOf: Int.random(in: 1...700, using: &random))
            let framed = events.reduce(0) { sum, event in
                guard case .frame(_, let data) = event else { return sum }
                return sum + FrameHeader.byteCount + data.count
            }
            #expect(events.contains(.notTTRPC) == (stream.count > expected))
            #expect(stream.count > expected ? framed >= expected : framed == expected)
        }
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func `random envelopes are read to the end or refused`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<2_000 {
            let bytes = random.bytes(Int.random(in: 0...64, using: &random))
            bytes.withUnsafeBytes { readEverything(in: $0) }
        }
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func `damaged envelopes are read to the end or refused`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<2_000 {
            var bytes = GoldenFrame.fullRequest.data
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8(truncatingIfNeeded: random.next())
            }
            bytes.withUnsafeBytes { readEverything(in: $0) }
        }
    }

    /// Each view must lie inside `bytes`, in whose sum they cannot exceed.
    private func readEverything(in bytes: UnsafeRawBufferPointer) {
        var views: [UnsafeRawBufferPointer] = []
        guard let envelope = try? RequestEnvelope(decoding: bytes, { views += [$0.key, $0.value] }) else { return }
        views += [envelope.service, envelope.method, envelope.payload]
        #expect(views.reduce(0) { $0 + $1.count } <= bytes.count)
        for view in views where !view.isEmpty {
            #expect(bytes.contains(address: view))
        }
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func contains(address view: UnsafeRawBufferPointer) -> Bool {
        guard let start = baseAddress, let viewStart = view.baseAddress else { return false }
        return viewStart >= start && viewStart + view.count <= start + count
    }
}
