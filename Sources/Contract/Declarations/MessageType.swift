/// A message and its fields.
package struct MessageType: Equatable, Sendable {
    package static let timestamp = "google.protobuf.Timestamp"
    package static let empty = "google.protobuf.Empty"

    /// With the package and the messages around it.
    package var name = ""
    /// The package that it is declared in.
    package var package = ""
    /// Sorted by number.
    package var fields: [Field] = []
    /// It stands for an entry of a map field.
    package var isMapEntry = false
    /// The name of the file that declares it.
    package var file = ""

    package func field(named name: some StringProtocol) -> Field? {
        fields.first { $0.name == name }
    }

    /// The field that carries what the others cannot.
    package var additionalProperties: Field? {
        fields.first(where: \.isAdditionalProperties)
    }
}
