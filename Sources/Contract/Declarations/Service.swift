/// A service and its methods, in the order of the .proto file.
package struct Service: Sendable {
    /// With its package, such as `pieces.models.v1.ModelsService`.
    package let name: String
    package let methods: [Method]
    /// The name of the file that declares it.
    package let file: String
}
