@testable import Transcoding

/// Which of the transcoder's two ways a text takes.
enum Way: CaseIterable {
    /// As the gateway does it: the fast way where it can.
    case usual
    /// The strict parser for everything.
    case strict
}

extension JSONTranscoder {
    func bytes(_ text: [UInt8], as message: TestMessage, _ way: Way = .usual) throws(JSONTranscodingError) -> [UInt8] {
        try bytes(text, as: message.schema, way)
    }

    func bytes(_ text: [UInt8], as schema: MessageSchema, _ way: Way = .usual) throws(JSONTranscodingError) -> [UInt8] {
        let memory = Self.padded(text)
        defer { memory.deallocate() }
        let json = UnsafeRawBufferPointer(rebasing: memory[..<text.count])
        return switch way {
        case .usual: Array(try transcode(json, as: schema))
        case .strict: Array(try transcodeStrictly(json, from: 0, as: schema))
        }
    }

    /// The fast way, or nil if it is not enough.
    func fastBytes(_ text: [UInt8], as message: TestMessage) throws(JSONTranscodingError) -> [UInt8]? {
        try bytes(text, message, transcodeFast)
    }

    /// The same without an index, or by one.
    func compactBytes(_ text: [UInt8], as message: TestMessage) throws(JSONTranscodingError) -> [UInt8]? {
        try bytes(text, message, transcodeCompact)
    }

    func indexedBytes(_ text: [UInt8], as message: TestMessage) throws(JSONTranscodingError) -> [UInt8]? {
        try bytes(text, message, transcodeIndexed)
    }

    private func bytes(
        _ text: [UInt8],
        _ message: TestMessage,
        _ transcode: (UnsafeRawBufferPointer, MessageSchema) throws(JSONTranscodingError) -> UnsafeRawBufferPointer?
    ) throws(JSONTranscodingError) -> [UInt8]? {
        let memory = Self.padded(text)
        defer { memory.deallocate() }
        return try transcode(UnsafeRawBufferPointer(rebasing: memory[..<text.count]), message.schema).map(Array.init)
    }

    /// The text in memory of its own size, with bytes behind it that would spoil it if they were read as text.
    private static func padded(_ text: [UInt8]) -> UnsafeMutableRawBufferPointer {
        let padded = text + [UInt8](repeating: UInt8(ascii: "9"), count: padding)
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: padded.count, alignment: 1)
        memory.copyBytes(from: padded)
        return memory
    }
}

/// What becomes of a JSON text, as `WireText` tells it.
func transcoded(_ text: String, as message: TestMessage, _ way: Way = .usual) throws -> String {
    try WireText.of(try JSONTranscoder().bytes(Array(text.utf8), as: message, way), message.descriptor)
}

/// The `Model` that a JSON text becomes, after making sure that both ways agree.
func model(_ text: String) throws -> String {
    let usual = try transcoded(text, as: .model)
    guard try transcoded(text, as: .model, .strict) == usual else { return "the two ways differ" }
    return usual
}

/// The error that a text ends in; both ways must end in one.
func failure(of text: [UInt8], as message: TestMessage = .model) -> JSONTranscodingError? {
    do throws(JSONTranscodingError) {
        _ = try JSONTranscoder().bytes(text, as: message)
        return nil
    } catch {
        return error
    }
}

func failure(of text: String, as message: TestMessage = .model) -> JSONTranscodingError? {
    failure(of: Array(text.utf8), as: message)
}
