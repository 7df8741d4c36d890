internal import CProtobufC
internal import Glibc

extension ProtobufCFieldDescriptor {
    /// The JSON member that the field stands for: `max_tokens` is `maxTokens`, a name without underscores is itself.
    var jsonName: String {
        var name = ""
        var capitalizeNext = false
        for character in String(cString: self.name) {
            if character == "_" {
                capitalizeNext = true
            } else {
                name += capitalizeNext ? character.uppercased() : String(character)
                capitalizeNext = false
            }
        }
        return name
    }

    /// The member that carries, as JSON text of an object, what the typed fields of its message could not.
    var isAdditionalProperties: Bool { id == 1000 }

    /// Whether the REST schema requires the member and allows it to be null: an unset field is then written as null.
    func isNullableRequired(in message: ProtobufCMessageDescriptor) -> Bool {
        strcmp(name, "total") == 0 && strcmp(message.name, "pieces.models.v1.ModelMaxTokens") == 0
    }
}

extension ProtobufCEnumDescriptor {
    /// The JSON string of each value: its name without the prefix that protobuf's scoping asks for, so that
    /// `MODEL_TYPE_SPEED` of `ModelType` is `SPEED`.
    func jsonName(of value: ProtobufCEnumValue) -> String {
        var prefix = ""
        for character in String(cString: short_name) {
            if character.isUppercase && !prefix.isEmpty { prefix += "_" }
            prefix += character.uppercased()
        }
        return String(String(cString: value.name).dropFirst(prefix.count + 1))
    }
}
