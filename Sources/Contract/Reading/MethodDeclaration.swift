/// A method as its service declares it.
struct MethodDeclaration {
    var name = ""
    /// Full names of messages, with the dot that protoc puts in front.
    var input = ""
    var output = ""
    var isClientStreaming = false
    var isServerStreaming = false
    var isAlwaysAllowed = false
    var rule: HTTPRule?

    init(_ bytes: UnsafeRawBufferPointer) throws(ContractError) {
        try WireValue.each(of: bytes) { (number, value) throws(ContractError) in
            switch number {
            case 1: name = value.text
            case 2: input = value.text
            case 3: output = value.text
            case 4: try readOptions(value.bytes)
            case 5: isClientStreaming = value.isTrue
            case 6: isServerStreaming = value.isTrue
            default: break
            }
        }
    }

    private mutating func readOptions(_ options: UnsafeRawBufferPointer) throws(ContractError) {
        try WireValue.each(of: options) { (number, value) throws(ContractError) in
            switch number {
            case 50001: isAlwaysAllowed = value.isTrue
            case 72_295_728:
                // An option that is set member by member comes in as many pieces.
                var rule = rule ?? HTTPRule()
                try rule.merge(value.bytes)
                self.rule = rule
            default: break
            }
        }
    }
}
