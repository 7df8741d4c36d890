internal import Bytes
internal import Glibc

/// What the typed fields of a message cannot carry goes into `additional_properties`, as JSON text of one object.
extension FastMessageWriter {
    /// Writes the members whose keys are in `leftovers` from `base` on.
    @inline(never)
    mutating func writeAdditionalProperties(
        _ text: IndexedText,
        _ table: UnsafePointer<MessageTable>,
        from base: Int
    ) throws(IndexedText.Doubt) {
        if leftovers.count - base > 1 { try demandDifferentNames(text, from: base) }
        let begin = output.beginLength(table.pointee.additionalProperties)
        output.append(UInt8(ascii: "{"))
        for position in base..<leftovers.count {
            let key = Int(leftovers[position])
            if position > base { output.append(UInt8(ascii: ",")) }
            try writeJSONString(text, key)
            output.append(UInt8(ascii: ":"))
            try writeJSON(text, key + 2)
        }
        output.append(UInt8(ascii: "}"))
        output.endLength(begin)
    }

    /// Of members of the same name the last one counts, which is left to the strict way; so are names with escapes.
    private func demandDifferentNames(_ text: IndexedText, from base: Int) throws(IndexedText.Doubt) {
        let count = leftovers.count - base
        func name(_ index: Int) -> MemberName { MemberName(bytes: text.string(at: Int(leftovers[base + index]))) }
        if (0..<count).contains(where: { name($0).bytes.hasBackslash }) { throw IndexedText.Doubt() }
        if count <= MemberName.fewCount {
            let isTwice = (0..<count).contains { index in (0..<index).contains { name($0) == name(index) } }
            if isTwice { throw IndexedText.Doubt() }
        } else {
            var names = Set<MemberName>(minimumCapacity: count)
            for index in 0..<count where !names.insert(name(index)).inserted { throw IndexedText.Doubt() }
        }
    }

    /// Writes a value that has been stepped over: its tokens one behind the other.
    private mutating func writeJSON(_ text: IndexedText, _ value: Int) throws(IndexedText.Doubt) {
        var depth = 0
        var token = value
        repeat {
            let byte = text.byte(token)
            switch byte {
            case UInt8(ascii: "\""): try writeJSONString(text, token)
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth &+= 1
                output.append(byte)
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth &-= 1
                output.append(byte)
            case UInt8(ascii: ","), UInt8(ascii: ":"): output.append(byte)
            case UInt8(ascii: "t"): output.append("true")
            case UInt8(ascii: "f"): output.append("false")
            case UInt8(ascii: "n"): output.append("null")
            default: writeJSON(try JSONNumber(text, at: token))
            }
            token &+= 1
        } while depth > 0
    }

    private mutating func writeJSONString(_ text: IndexedText, _ token: Int) throws(IndexedText.Doubt) {
        let string = text.string(at: token)
        guard string.hasBackslash else { return output.append(quoting: string) }
        let characters = try characters(of: string)
        output.append(UInt8(ascii: "\""))
        output.append(escaping: UnsafeRawBufferPointer(characters), .numbers)
        output.append(UInt8(ascii: "\""))
    }

    private mutating func writeJSON(_ number: JSONNumber) {
        if number.isInteger {
            let isMinusZero = number.isNegative && number.int64 == 0
            output.append(
                UnsafeRawBufferPointer(isMinusZero ? UnsafeBufferPointer(rebasing: number.token[1...]) : number.token)
            )
        } else if let decimal = number.decimal {
            output.append(text: decimal.description)
        } else {
            output.append(UnsafeRawBufferPointer(number.token))
        }
    }
}

extension FastMessageWriter {
    /// Steps over a value and checks that it is JSON, whatever its depth. Returns the token behind it.
    mutating func skip(_ text: IndexedText, _ value: Int) throws(IndexedText.Doubt) -> Int {
        containers.count = 0
        var token = value
        while true {
            let byte = text.byte(token)
            let isObject = byte == UInt8(ascii: "{")
            if isObject || byte == UInt8(ascii: "[") {
                if text.byte(token &+ 1) != byte &+ 2 {
                    containers.append(byte)
                    token = isObject ? try skipKey(text, token &+ 1) : token &+ 1
                    continue
                }
                token &+= 1
            } else {
                try checkScalar(text, token, byte)
            }
            token &+= 1
            while containers.count > 0, text.byte(token) == containers[containers.count &- 1] &+ 2 {
                containers.count &-= 1
                token &+= 1
            }
            if containers.count == 0 { return token }
            try text.demand(token, ",")
            token &+= 1
            if containers[containers.count &- 1] == UInt8(ascii: "{") { token = try skipKey(text, token) }
        }
    }

    private mutating func skipKey(_ text: IndexedText, _ token: Int) throws(IndexedText.Doubt) -> Int {
        try checkString(text.key(at: token))
        return token &+ 2
    }

    private mutating func checkScalar(_ text: IndexedText, _ token: Int, _ byte: UInt8) throws(IndexedText.Doubt) {
        switch byte {
        case UInt8(ascii: "\""): try checkString(text.string(at: token))
        case UInt8(ascii: "t"), UInt8(ascii: "f"):
            if try text.bool(at: token) == nil { throw IndexedText.Doubt() }
        case UInt8(ascii: "n"): try text.demandNull(at: token)
        default: _ = try JSONNumber(text, at: token)
        }
    }

    private mutating func checkString(_ string: UnsafeBufferPointer<UInt8>) throws(IndexedText.Doubt) {
        _ = try characters(of: string)
    }
}

extension GrowingBuffer<UInt8> {
    /// Appends a string that means itself. May read up to 15 bytes behind it.
    fileprivate mutating func append(quoting string: UnsafeBufferPointer<UInt8>) {
        write(room: string.count &+ 32) {
            $0.put(UInt8(ascii: "\""))
            $0.putPadded(string)
            $0.put(UInt8(ascii: "\""))
        }
    }
}
