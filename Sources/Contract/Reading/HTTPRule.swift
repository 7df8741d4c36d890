/// A `google.api.HttpRule` as it stands in the options of a method.
struct HTTPRule: Equatable {
    /// `GET`, or whatever a custom pattern says.
    var httpMethod = ""
    var path = ""
    var body = ""
    /// The members that are set though the gateway does not know them.
    var unknown: [String] = []

    mutating func merge(_ bytes: UnsafeRawBufferPointer) throws(ContractError) {
        try WireValue.each(of: bytes) { (number, value) throws(ContractError) in
            switch number {
            case 2: (httpMethod, path) = ("GET", value.text)
            case 3: (httpMethod, path) = ("PUT", value.text)
            case 4: (httpMethod, path) = ("POST", value.text)
            case 5: (httpMethod, path) = ("DELETE", value.text)
            case 6: (httpMethod, path) = ("PATCH", value.text)
            case 7: body = value.text
            case 8: try mergeCustomPattern(value.bytes)
            case 1: unknown.append("selector")
            case 11: unknown.append("additional_bindings")
            case 12: unknown.append("response_body")
            default: break
            }
        }
    }

    private mutating func mergeCustomPattern(_ bytes: UnsafeRawBufferPointer) throws(ContractError) {
        try WireValue.each(of: bytes) { (number, value) throws(ContractError) in
            switch number {
            case 1: httpMethod = value.text
            case 2: path = value.text
            default: break
            }
        }
    }
}
