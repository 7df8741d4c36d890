import FuzzSupport

/// What comes on an HTTP/2 connection, however it is cut into reads, through a session whose calls are answered.
@MainActor @_cdecl("LLVMFuzzerTestOneInput")
public func fuzzHTTP2Sessions(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let input = FuzzInput(data, count) else { return -1 }
    let whole = reading(input, inReadsOf: Swift.max(input.bytes.count, 1))
    let inPieces = reading(input, inReadsOf: 1 + input.control % 64)
    demand(
        whole.dependsOnTime || inPieces.dependsOnTime || whole.record.isSame(as: inPieces.record),
        "events depend on how they are cut into reads"
    )
    return 0
}

@MainActor private func reading(_ input: FuzzInput, inReadsOf size: Int) -> SessionReading {
    let reading = SessionReading(control: input.control)
    for range in input.pieces(of: size) {
        input.withCopy(of: range, padding: 0) { reading.read($0) }
    }
    reading.end()
    return reading
}
