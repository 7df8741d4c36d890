import Contract

/// Wire bytes that fit a message: any field any number of times in any order, unknown ones among them.
struct PayloadGenerator {
    let contract: Contract
    var random: SplitMix64

    mutating func payload(of name: String, depth: Int = 0) -> [UInt8] {
        guard let message = contract.messages[name] else { return [] }
        var made = Descriptor()
        for _ in 0..<Int.random(in: 0...(depth == 0 ? 12 : 5), using: &random) {
            if let field = message.fields.randomElement(using: &random), Int.random(in: 0..<8, using: &random) > 0 {
                made = append(field, to: made, depth)
            } else {
                made = made.number(UInt64.random(in: 2000...2010, using: &random), 7)
            }
        }
        return made.bytes
    }

    private mutating func append(_ field: Field, to made: Descriptor, _ depth: Int) -> Descriptor {
        let number = UInt64(field.number)
        switch field.kind {
        case .message(let name): return made.data(number, payload(of: name, depth: depth + 1))
        case .scalar(.string): return made.text(number, ["", "a", "Größe"].randomElement(using: &random) ?? "")
        case .scalar(.double): return made.fixed(number, UInt64.random(in: 0...UInt64.max, using: &random))
        case .scalar(.bool): return made.number(number, UInt64.random(in: 0...1, using: &random))
        case .enumeration: return made.number(number, UInt64.random(in: 0...25, using: &random))
        default: return made.number(number, UInt64.random(in: 0...UInt64.max, using: &random))
        }
    }
}

/// A small generator of random numbers whose seed a test can name.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}
