import Bytes

/// A `grpc.reflection.v1.ServerReflectionRequest`, and that of v1alpha, which is the same.
struct ReflectionRequest {
    enum Question: Equatable {
        case file(name: String)
        case symbol(String)
        case fileOfExtension(type: String, number: UInt32)
        case extensionNumbers(type: String)
        case services
    }

    /// As it came, to be sent back.
    let bytes: [UInt8]
    private(set) var host: [UInt8] = []
    /// `nil` if it asks for nothing that is known here.
    private(set) var question: Question?

    init(_ message: UnsafeRawBufferPointer) throws(ProtobufProblem) {
        bytes = Array(message)
        var reader = ProtobufReader(message)
        while !reader.isAtEnd {
            let tag = try reader.readTag()
            guard tag.wireType == .lengthDelimited else {
                try reader.skipValue(tag)
                continue
            }
            switch tag.number {
            case 1: host = Array(try reader.readString())
            case 3: question = .file(name: try Self.text(&reader))
            case 4: question = .symbol(try Self.text(&reader))
            case 5: question = try Self.fileOfExtension(try reader.readBytes())
            case 6: question = .extensionNumbers(type: try Self.text(&reader))
            case 7:
                _ = try reader.readString()
                question = .services
            default: try reader.skipValue(tag)
            }
        }
    }

    /// `ExtensionRequest { 1 containing_type  2 extension_number }`.
    private static func fileOfExtension(_ message: UnsafeRawBufferPointer) throws(ProtobufProblem) -> Question {
        var (type, extensionNumber): (String, UInt32) = ("", 0)
        var reader = ProtobufReader(message)
        while !reader.isAtEnd {
            let tag = try reader.readTag()
            switch (tag.number, tag.wireType) {
            case (1, .lengthDelimited): type = try text(&reader)
            case (2, .varint): extensionNumber = UInt32(truncatingIfNeeded: try reader.readVarint())
            default: try reader.skipValue(tag)
            }
        }
        return .fileOfExtension(type: type, number: extensionNumber)
    }

    private static func text(_ reader: inout ProtobufReader) throws(ProtobufProblem) -> String {
        String(decoding: try reader.readString(), as: UTF8.self)
    }
}
