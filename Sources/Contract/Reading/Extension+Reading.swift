extension Extension {
    /// Reads a google.protobuf.FieldDescriptorProto.
    init(_ bytes: UnsafeRawBufferPointer, within scope: String) throws(ContractError) {
        try WireValue.each(of: bytes) { (number, value) throws(ContractError) in
            switch number {
            case 1: name = value.text.within(scope)
            case 2: extendee = try Field.fullName(value.text)
            case 3: self.number = try Field.fieldNumber(value.number)
            default: break
            }
        }
    }
}
