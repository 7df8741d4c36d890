import Bytes

/// The text without anything that could steer a terminal: control characters, and what turns the direction of text or
/// breaks its line, are escaped.
func escaped(_ text: some StringProtocol) -> String {
    var printable = ""
    for scalar in text.unicodeScalars {
        if isSteering(scalar) {
            let digits = String(scalar.value, radix: 16)
            printable += "\\u" + String(repeating: "0", count: max(4 - digits.count, 0)) + digits
        } else {
            printable.unicodeScalars.append(scalar)
        }
    }
    return printable
}

private func isSteering(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
    default: [.control, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory)
    }
}

/// The text as a JSON string that is safe to print.
func jsonString(_ text: String) -> String {
    var string: [UInt8] = []
    Array(text.utf8).withUnsafeBytes { string.append(jsonString: $0) }
    return String(decoding: printableJSON(string), as: UTF8.self)
}

/// JSON, which escapes the other control characters already, with DEL and those of C1 (0x80 to 0x9F) escaped too. Outside
/// of strings there are none.
func printableJSON(_ json: [UInt8]) -> [UInt8] {
    guard json.contains(where: { $0 == 0x7F || $0 == 0xC2 }) else { return json }
    var printable: [UInt8] = []
    printable.reserveCapacity(json.count + 64)
    var index = 0
    while index < json.count {
        let isC1 = json[index] == 0xC2 && index + 1 < json.count && 0x80...0x9F ~= json[index + 1]
        let control: UInt8? = json[index] == 0x7F ? 0x7F : isC1 ? json[index + 1] : nil
        if let control {
            printable += [UInt8]("\\u00".utf8)
            printable += [UInt8(hexadecimalDigitOf: control >> 4), UInt8(hexadecimalDigitOf: control)]
        } else {
            printable.append(json[index])
        }
        index += isC1 ? 2 : 1
    }
    return printable
}
