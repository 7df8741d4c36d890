extension EnumType {
    /// Reads a google.protobuf.EnumDescriptorProto.
    init(_ bytes: UnsafeRawBufferPointer, within scope: String) throws(ContractError) {
        try WireValue.each(of: bytes) { (number, value) throws(ContractError) in
            switch number {
            case 1: name = value.text.within(scope)
            case 2: values.append(try Value(value.bytes))
            default: break
            }
        }
        let prefix = prefix
        for index in values.indices where values[index].name.hasPrefix(prefix) {
            values[index].jsonName = String(values[index].name.dropFirst(prefix.count))
        }
    }
}

extension EnumType.Value {
    /// Reads a google.protobuf.EnumValueDescriptorProto.
    init(_ bytes: UnsafeRawBufferPointer) throws(ContractError) {
        try WireValue.each(of: bytes) { (number, value) throws(ContractError) in
            switch number {
            case 1: name = value.text
            case 2: self.number = Int32(truncatingIfNeeded: value.number)
            default: break
            }
        }
    }
}
