import FuzzSupport

/// Frames, however they are cut into reads, stream ids, and envelopes beside what protobuf-c makes of them.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzFrames(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let input = FuzzInput(data, count) else { return -1 }
    let whole = record(input, inReadsOf: Swift.max(input.bytes.count, 1))
    let inPieces = record(input, inReadsOf: 1 + input.control % 64)
    demand(whole == inPieces, "frames depend on how they are cut into reads")
    return 0
}

private func record(_ input: FuzzInput, inReadsOf size: Int) -> [UInt8] {
    var reading = FrameReading()
    for range in input.pieces(of: size) where !reading.isOver {
        input.withCopy(of: range, padding: 0) { reading.read($0) }
    }
    return reading.record
}
