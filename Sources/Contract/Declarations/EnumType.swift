/// An enum and its values, in the order of the .proto file.
package struct EnumType: Equatable, Sendable {
    package struct Value: Equatable, Sendable {
        package var name = ""
        package var number: Int32 = 0
        /// Its JSON string: the name without the enum's prefix, so that `MODEL_TYPE_SPEED` of `ModelType` is `SPEED`. Empty
        /// if the name has no such prefix.
        package var jsonName = ""
    }

    /// With the package and the messages around it.
    package var name = ""
    /// The package that it is declared in.
    package var package = ""
    package var values: [Value] = []
    /// The name of the file that declares it.
    package var file = ""

    /// What the names of the values begin with, as protobuf's scoping asks for: `MODEL_TYPE_` of `ModelType`.
    package var prefix: String {
        var prefix: [UInt8] = []
        for byte in name.lastComponent.utf8 {
            let isCapital = UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
            if isCapital && !prefix.isEmpty { prefix.append(UInt8(ascii: "_")) }
            let isSmall = UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
            prefix.append(isSmall ? byte & ~0x20 : byte)
        }
        prefix.append(UInt8(ascii: "_"))
        return String(decoding: prefix, as: UTF8.self)
    }
}
