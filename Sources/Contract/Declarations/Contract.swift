/// What can be called and what travels: services, methods, messages, enums and routes, as the .proto files declare them.
///
/// Made once, at start, and checked: every route can be carried out, and every message of one can be carried as JSON.
package struct Contract: Sendable {
    /// In the order of the set: each behind the files that it imports.
    package let files: [File]
    package let services: [Service]
    /// Of all services. The index of a method is its place here.
    package let methods: [Method]
    /// By full name, such as `pieces.models.v1.Model`.
    package let messages: [String: MessageType]
    /// By full name.
    package let enums: [String: EnumType]
    package let extensions: [Extension]

    private let table: MethodTable
    private let descriptorSet: [UInt8]
    /// Bytes, far beyond any contract, within which no count overflows.
    private static let largestSet = 64 << 20

    /// - Parameter descriptorSet: a google.protobuf.FileDescriptorSet with all imports.
    package init(descriptorSet: UnsafeRawBufferPointer) throws(ContractError) {
        guard descriptorSet.count <= Self.largestSet else { throw .notProtobuf }
        var declarations = Declarations()
        try declarations.read(descriptorSet)
        files = declarations.files
        messages = declarations.messages
        enums = declarations.enums
        extensions = declarations.extensions
        services = try declarations.resolvedServices()
        methods = services.flatMap(\.methods)
        try ContractCheck.check(methods, declarations)
        table = MethodTable(methods)
        self.descriptorSet = Array(descriptorSet)
    }

    /// The google.protobuf.FileDescriptorProto of one of its files.
    package func descriptor(of file: File) -> ArraySlice<UInt8> { descriptorSet[file.bytes] }

    /// What the bytes of a request name, or nil. Allocates nothing.
    package func method(service: UnsafeRawBufferPointer, method: UnsafeRawBufferPointer) -> Method? {
        guard let index = table.index(service: service, method: method) else { return nil }
        return methods[index]
    }

    /// Throws unless the message of that full name, with all in it, can be carried as JSON. Those of routes can.
    package func checkJSON(of message: String) throws(ContractError) {
        var check = SchemaCheck(messages: messages, enums: enums)
        try check.check(message)
    }

    /// The service of that full name.
    package func service(named name: String) -> Service? {
        services.first { $0.name == name }
    }
}
