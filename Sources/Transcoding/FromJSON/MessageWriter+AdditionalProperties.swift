internal import Bytes

/// What the typed fields of a message cannot carry goes into `additional_properties`, as JSON text of one object.
extension MessageWriter {
    /// Writes the members whose keys are in `leftovers` from `base` on.
    @inline(never)
    mutating func writeAdditionalProperties(_ tape: Tape, _ table: UnsafePointer<MessageTable>, from base: Int) {
        keepLastOfEachName(tape, from: base)
        let begin = output.beginLength(table.pointee.additionalProperties)
        putJSON(UInt8(ascii: "{"))
        for position in base..<leftovers.count {
            let key = leftover(at: position)
            if position > base { putJSON(UInt8(ascii: ",")) }
            writeJSONString(tape, key)
            putJSON(UInt8(ascii: ":"))
            writeJSONValue(tape, key + 1)
        }
        putJSON(UInt8(ascii: "}"))
        output.endLength(begin)
    }

    /// Drops from `leftovers`, from `base` on, each member that another one of the same name follows.
    mutating func keepLastOfEachName(_ tape: Tape, from base: Int) {
        let end = leftovers.count
        guard end - base > 1 else { return }
        let isShort = end - base <= MemberName.fewCount
        var names = Set<MemberName>(minimumCapacity: isShort ? 0 : end - base)
        var kept = end
        for position in (base..<end).reversed() {
            let key = leftover(at: position)
            let name = MemberName(bytes: tape.bytes(at: key))
            let isLast =
                if isShort {
                    !(kept..<end).contains { name == MemberName(bytes: tape.bytes(at: leftover(at: $0))) }
                } else {
                    names.insert(name).inserted
                }
            if isLast {
                kept -= 1
                leftovers[kept] = leftovers[position]
            }
        }
        leftovers.remove(from: base, to: kept)
    }
}
