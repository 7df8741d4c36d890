/// What the files of a descriptor set declare, collected file by file; names are looked up afterwards.
struct Declarations {
    private(set) var files: [File] = []
    private(set) var messages: [String: MessageType] = [:]
    private(set) var enums: [String: EnumType] = [:]
    private(set) var extensions: [Extension] = []
    private(set) var services: [ServiceDeclaration] = []
    /// Messages within messages. protoc itself goes 32 deep.
    private static let deepestNesting = 32

    mutating func read(_ set: UnsafeRawBufferPointer) throws(ContractError) {
        try WireValue.each(of: set) { (number, value) throws(ContractError) in
            guard number == 1, let start = value.bytes.baseAddress, let first = set.baseAddress else { return }
            let offset = start - first
            try readFile(value.bytes, at: offset..<offset + value.bytes.count)
        }
    }

    private mutating func readFile(_ bytes: UnsafeRawBufferPointer, at place: Range<Int>) throws(ContractError) {
        var file = File(bytes: place)
        var isProto3 = false
        // Names need the package, wherever it stands.
        try WireValue.each(of: bytes) { (number, value) throws(ContractError) in
            switch number {
            case 1: file.name = value.text
            case 2: file.package = value.text
            case 3: file.dependencies.append(value.text)
            case 12: isProto3 = value.text == "proto3"
            default: break
            }
        }
        files.append(file)
        let scope = Scope(name: file.package, file: file, isProto3: isProto3)
        try WireValue.each(of: bytes) { (number, value) throws(ContractError) in
            switch number {
            case 4: try readMessage(value.bytes, within: scope)
            case 5: try readEnum(value.bytes, within: scope)
            case 6: try readService(value.bytes, within: scope)
            case 7: try readExtension(value.bytes, within: scope)
            default: break
            }
        }
    }

    private mutating func readMessage(
        _ bytes: UnsafeRawBufferPointer,
        within scope: Scope
    ) throws(ContractError) {
        guard scope.depth < Self.deepestNesting else { throw .notProtobuf }
        var message = MessageType(package: scope.file.package, file: scope.file.name)
        try WireValue.each(of: bytes) { (number, value) throws(ContractError) in
            switch number {
            case 1: message.name = value.text.within(scope.name)
            case 2: message.fields.append(try Field(value.bytes, isProto3: scope.isProto3))
            case 7: try WireValue.each(of: value.bytes) { if $0 == 7 { message.isMapEntry = $1.isTrue } }
            default: break
            }
        }
        message.fields.sort { $0.number < $1.number }
        for (field, next) in zip(message.fields, message.fields.dropFirst()) where field.number == next.number {
            throw ContractError("\(message.name).\(next.name)", "the number \(next.number) is taken")
        }
        guard messages.updateValue(message, forKey: message.name) == nil else {
            throw ContractError(message.name, "is declared twice")
        }
        let inner = scope.inner(message.name)
        try WireValue.each(of: bytes) { (number, value) throws(ContractError) in
            switch number {
            case 3: try readMessage(value.bytes, within: inner)
            case 4: try readEnum(value.bytes, within: inner)
            case 6: try readExtension(value.bytes, within: inner)
            default: break
            }
        }
    }

    private mutating func readEnum(_ bytes: UnsafeRawBufferPointer, within scope: Scope) throws(ContractError) {
        var type = try EnumType(bytes, within: scope.name)
        type.package = scope.file.package
        type.file = scope.file.name
        guard enums.updateValue(type, forKey: type.name) == nil else {
            throw ContractError(type.name, "is declared twice")
        }
    }

    private mutating func readExtension(
        _ bytes: UnsafeRawBufferPointer,
        within scope: Scope
    ) throws(ContractError) {
        var field = try Extension(bytes, within: scope.name)
        field.file = scope.file.name
        extensions.append(field)
    }

    private mutating func readService(_ bytes: UnsafeRawBufferPointer, within scope: Scope) throws(ContractError) {
        var service = try ServiceDeclaration(bytes)
        service.name = service.name.within(scope.name)
        service.file = scope.file.name
        guard !services.contains(where: { $0.name == service.name }) else {
            throw ContractError(service.name, "is declared twice")
        }
        services.append(service)
    }
}

extension Declarations {
    /// Where a declaration stands: in a file, or in a message of it.
    private struct Scope {
        var name: String
        let file: File
        let isProto3: Bool
        var depth = 0

        func inner(_ name: String) -> Scope {
            var scope = self
            scope.name = name
            scope.depth += 1
            return scope
        }
    }
}
