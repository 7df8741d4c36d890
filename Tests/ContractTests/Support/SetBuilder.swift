import Contract

/// Builds the bytes of descriptors, field by field, for contracts that protoc would not make.
struct Descriptor {
    private(set) var bytes: [UInt8] = []

    func number(_ field: UInt64, _ value: UInt64) -> Descriptor {
        var copy = self
        copy.append(field << 3)
        copy.append(value)
        return copy
    }

    func text(_ field: UInt64, _ value: String) -> Descriptor {
        data(field, Array(value.utf8))
    }

    func message(_ field: UInt64, _ value: Descriptor) -> Descriptor {
        data(field, value.bytes)
    }

    func data(_ field: UInt64, _ value: [UInt8]) -> Descriptor {
        var copy = self
        copy.append(field << 3 | 2)
        copy.append(UInt64(value.count))
        copy.bytes += value
        return copy
    }

    /// Eight bytes.
    func fixed(_ field: UInt64, _ value: UInt64) -> Descriptor {
        var copy = self
        copy.append(field << 3 | 1)
        copy.bytes += (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        return copy
    }

    private mutating func append(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}

/// A field of a message of the package `t`.
func field(
    _ name: String,
    _ number: UInt64,
    _ type: UInt64 = 9,
    of typeName: String? = nil,
    label: UInt64 = 1,
    jsonName: String? = nil,
    oneof: Bool = false
) -> Descriptor {
    var made = Descriptor().text(1, name).number(3, number).number(4, label).number(5, type)
    if let typeName { made = made.text(6, typeName) }
    if let jsonName { made = made.text(10, jsonName) }
    return oneof ? made.number(9, 0) : made
}

let extras = field("additional_properties", 1000)

func message(_ name: String, _ fields: Descriptor...) -> Descriptor {
    fields.reduce(Descriptor().text(1, name)) { $0.message(2, $1) }
}

/// A method of the service `t.S`; `rule` is a google.api.HttpRule.
func method(
    _ name: String = "Get",
    _ input: String = ".t.In",
    _ output: String = ".t.Out",
    rule: Descriptor? = Descriptor().text(2, "/x"),
    streamsIn: Bool = false,
    streamsOut: Bool = false
) -> Descriptor {
    var made = Descriptor().text(1, name).text(2, input).text(3, output)
    if let rule { made = made.message(4, Descriptor().message(72_295_728, rule)) }
    if streamsIn { made = made.number(5, 1) }
    return streamsOut ? made.number(6, 1) : made
}

func service(_ name: String = "S", _ methods: Descriptor...) -> Descriptor {
    methods.reduce(Descriptor().text(1, name)) { $0.message(2, $1) }
}

/// One file of the package `t`.
func file(_ messages: [Descriptor], _ services: [Descriptor], enums: [Descriptor] = []) -> Descriptor {
    var made = Descriptor().text(1, "t.proto").text(2, "t")
    for message in messages { made = made.message(4, message) }
    for type in enums { made = made.message(5, type) }
    for service in services { made = made.message(6, service) }
    return made
}

func contract(_ files: Descriptor...) throws(ContractError) -> Contract {
    try contract(of: files.reduce(Descriptor()) { $0.message(1, $1) }.bytes)
}

func contract(of set: [UInt8]) throws(ContractError) -> Contract {
    try set.withUnsafeBytes { bytes in
        Result { () throws(ContractError) in try Contract(descriptorSet: bytes) }
    }.get()
}

/// What is wrong with a contract, or nil.
func fault(_ files: Descriptor...) -> String? {
    do throws(ContractError) {
        _ = try contract(of: files.reduce(Descriptor()) { $0.message(1, $1) }.bytes)
        return nil
    } catch {
        return error.description
    }
}
