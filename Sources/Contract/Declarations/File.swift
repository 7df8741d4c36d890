/// One .proto file.
package struct File: Equatable, Sendable {
    /// As imports say it, such as `pieces/models/v1/models.proto`.
    package var name = ""
    package var package = ""
    /// Names of the files that it imports.
    package var dependencies: [String] = []
    /// Where its google.protobuf.FileDescriptorProto stands in the descriptor set.
    package var bytes: Range<Int>
}
