import Calls

@testable import GRPC

/// A head that is judged once all of it is there, without any care for speed.
struct PlainHead {
    typealias Field = (name: String, value: String)

    private static let pseudo: Set = [":method", ":scheme", ":path", ":authority"]
    private static let forbidden: Set = [
        "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade",
    ]

    private static let units: [Character: UInt64] = [
        "H": 3_600_000_000_000, "M": 60_000_000_000, "S": 1_000_000_000, "m": 1_000_000, "u": 1_000, "n": 1,
    ]

    let fields: [Field]
    let isTrailers: Bool

    static func latin1(_ bytes: UnsafeRawBufferPointer) -> String {
        String(String.UnicodeScalarView(bytes.map { UnicodeScalar($0) }))
    }

    var isTooLong: Bool {
        fields.reduce(0) { $0 + $1.name.unicodeScalars.count + $1.value.unicodeScalars.count + 32 } > 16_384
    }

    var hasOrigin: Bool { last("origin") != nil }

    var isMalformed: Bool {
        let regular = fields.drop { Self.pseudo.contains($0.name) }
        let names = fields.prefix(fields.count - regular.count).map(\.name)
        let isWhole = Set(names).isSuperset(of: [":method", ":scheme", ":path"]) && last(":path") != ""
        let lengths = regular.filter { $0.name == "content-length" }.map(\.value)
        return names.count != Set(names).count || (isTrailers ? !names.isEmpty : !isWhole)
            || !regular.allSatisfy { Self.isName($0.name) && !Self.forbidden.contains($0.name) }
            || !regular.allSatisfy { $0.name != "te" || $0.value == "trailers" }
            || !lengths.allSatisfy { 1...18 ~= $0.count && Self.isNumber($0) }
            || Set(lengths.map { UInt64($0) }).count > 1
    }

    var method: RequestHead.Method {
        switch last(":method") {
        case "POST": .post
        case "GET": .get
        case "HEAD": .head
        default: .other
        }
    }

    var contentType: RequestHead.ContentType {
        guard let type = last("content-type") else { return .absent }
        return type == "application/grpc" || type == "application/grpc+proto" ? .grpc : .other
    }

    var timeout: CallTimeout? {
        guard let text = last("grpc-timeout") else { return .unspecified }
        guard let unit = text.last.flatMap({ Self.units[$0] }), 2...9 ~= text.count, Self.isNumber(text.dropLast()),
            let number = UInt64(text.dropLast())
        else { return nil }
        let (time, isTooLong) = number.multipliedReportingOverflow(by: unit)
        return number == 0 ? .expired : .nanoseconds(isTooLong ? .max : time)
    }

    var encoding: RequestEncoding? {
        let encodings: [String: RequestEncoding] = ["identity": .identity, "gzip": .gzip, "deflate": .deflate]
        return last("grpc-encoding").map { encodings[$0] } ?? .identity
    }

    var contentLength: UInt64? { last("content-length").flatMap { UInt64($0) } }

    private func last(_ name: String) -> String? { fields.last { $0.name == name }?.value }

    private static func isName(_ name: String) -> Bool {
        let marks = "!#$%&'*+-.^_`|~"
        return name != "" && name.allSatisfy { "a"..."z" ~= $0 || "0"..."9" ~= $0 || marks.contains($0) }
    }

    private static func isNumber(_ text: some StringProtocol) -> Bool {
        text.unicodeScalars.allSatisfy { "0"..."9" ~= $0 }
    }

    static func percentDecoded(_ text: [UInt8]) -> [UInt8] {
        var decoded: [UInt8] = []
        var rest = text[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                decoded.append(byte)
                continue
            }
            decoded.append(UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) ?? 0)
            rest = rest.dropFirst(2)
        }
        return decoded
    }
}
