import ArgumentParser
import CArguments

/// What stands behind the name of the program.
///
/// Text that is not UTF-8 is refused, since it would become another one on its way: another path would be served.
func processArguments() throws -> [String] {
    guard let values = process_arguments() else { return [] }
    var arguments: [String] = []
    var index = 1
    while values[0] != nil, let value = values[index] {
        guard let argument = String(validatingCString: value) else {
            let place = arguments.last.map { " (behind '\($0)')" } ?? ""
            throw ValidationError("argument \(index)\(place) is not UTF-8: \(printable(value))")
        }
        arguments.append(argument)
        index += 1
    }
    return arguments
}

/// The text of a C string, with `\xFF` for each byte that is not ASCII.
func printable(_ value: UnsafePointer<CChar>) -> String {
    var text = ""
    var next = value
    while next.pointee != 0 {
        let byte = UInt8(bitPattern: next.pointee)
        text += byte < 0x80 ? String(UnicodeScalar(byte)) : "\\x" + String(byte, radix: 16, uppercase: true)
        next += 1
    }
    return text
}
