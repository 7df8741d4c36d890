/// Reads the path of a route: segments that are text or the name of a field in braces, such as `/models/{model}/delete`.
struct PathTemplate {
    /// The method, for errors.
    let place: String
    let input: MessageType

    func parts(of path: String) throws(ContractError) -> [Route.PathPart] {
        guard path.first == "/" else { throw error("the path '\(path)' does not begin with a slash") }
        var parts: [Route.PathPart] = []
        var text: [UInt8] = []
        for segment in path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            text.append(UInt8(ascii: "/"))
            if segment.first == "{", segment.last == "}" {
                parts.append(.text(text))
                parts.append(.parameter(try parameter(segment.dropFirst().dropLast(), of: path)))
                text = []
            } else {
                guard isPlain(segment) else {
                    throw error("the gateway does not know '\(segment)' in the path '\(path)'")
                }
                text += segment.utf8
            }
        }
        return text.isEmpty ? parts : parts + [.text(text)]
    }

    private func parameter(_ name: Substring, of path: String) throws(ContractError) -> Field {
        guard let field = input.field(named: name) else {
            throw error("'{\(name)}' in the path '\(path)' is no field of \(input.name)")
        }
        guard field.kind == .scalar(.string), !field.isRepeated else {
            throw error("'{\(name)}' in the path '\(path)' is no string field of \(input.name)")
        }
        return field
    }

    /// Characters that mean themselves in a segment (RFC 3986, section 3.3), but not the dots that mean another place.
    private func isPlain(_ segment: Substring) -> Bool {
        !["", ".", ".."].contains(segment)
            && segment.unicodeScalars.allSatisfy {
                switch $0 {
                case "a"..."z", "A"..."Z", "0"..."9": true
                case "-", ".", "_", "~", "!", "$", "&", "'", "(", ")", "+", ",", ";", "=", "@": true
                default: false
                }
            }
    }

    private func error(_ reason: String) -> ContractError {
        ContractError(place, reason)
    }
}
