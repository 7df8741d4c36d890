/// A service as its file declares it: nothing is looked up yet.
struct ServiceDeclaration {
    var name = ""
    var file = ""
    var methods: [MethodDeclaration] = []

    init(_ bytes: UnsafeRawBufferPointer) throws(ContractError) {
        try WireValue.each(of: bytes) { (number, value) throws(ContractError) in
            switch number {
            case 1: name = value.text
            case 2: methods.append(try MethodDeclaration(value.bytes))
            default: break
            }
        }
    }
}
