internal import Bytes
internal import Glibc

/// The members of a JSON object, as text, to be found by name.
///
/// Everything lies in the arena, hash table included: a frame has room for 800,000 members, and what they need counts
/// against the budget of the payload. Names are hashed with the process's random seed.
struct JSONMembers {
    private let text: UnsafePointer<UInt8>
    /// Ranges of the text, from the name's first quote on; empty there when the member is not to be written.
    private let members: UnsafeMutableBufferPointer<Range<UInt32>>
    /// One more than a member's index, or 0; at least half are free.
    private let slots: UnsafeMutableBufferPointer<UInt32>

    /// Finds the members of the object that `text`, a C string of UTF-8, must be. Of duplicates the last is kept.
    init(of text: UnsafePointer<UInt8>, in arena: Arena) throws(RequestError) {
        var found: [Range<UInt32>] = []
        try JSONMembers.scan(text) { range in
            found.append(UInt32(truncatingIfNeeded: range.lowerBound)..<UInt32(truncatingIfNeeded: range.upperBound))
        }
        let count = found.count
        var slotCount = 2
        while slotCount < 2 * count { slotCount *= 2 }
        guard let members = arena.allocate(count, of: Range<UInt32>.self),
            let slots = arena.allocate(slotCount, of: UInt32.self)
        else {
            throw .tooMuchMemory(budget: arena.budget)
        }
        _ = members.initialize(from: found)
        slots.initialize(repeating: 0)
        self.text = text
        self.members = members
        self.slots = slots
        for index in 0..<count { insert(index) }
    }

    func contains(_ name: [UInt8]) -> Bool {
        slots[slot(of: name)] != 0
    }

    /// Leaves the member of this name out, if there is one.
    func remove(_ name: [UInt8]) {
        let entry = slots[slot(of: name)]
        if entry != 0 { remove(Int(entry) - 1) }
    }

    /// Writes the members, byte for byte as they stand in the text, into the object that `json` ends in.
    func append(to json: inout ByteBuffer) {
        for member in members where !member.isEmpty {
            json.separateJSONMember()
            json.append(UnsafeRawBufferPointer(start: text + Int(member.lowerBound), count: member.count))
        }
    }

    private static func scan(_ text: UnsafePointer<UInt8>, _ body: (Range<Int>) -> Void) throws(RequestError) {
        do throws(JSONReader.SyntaxError) {
            try forEachMember(of: text, body)
        } catch {
            throw .invalid("is not the JSON text of one object: unexpected at byte \(error.offset)")
        }
    }

    /// Calls `body` with the range of each member, from the name's first quote to the value's last byte.
    static func forEachMember(
        of text: UnsafePointer<UInt8>,
        _ body: (Range<Int>) -> Void
    ) throws(JSONReader.SyntaxError) {
        var reader = JSONReader(UnsafeRawBufferPointer(start: text, count: strlen(text)))
        guard try reader.next() == .objectBegin else {
            throw JSONReader.SyntaxError(reason: "no object", offset: reader.range.lowerBound)
        }
        var start = 0
        while let token = try reader.next() {
            // Between the object's brackets, a token that leaves the reader in the object is a key or ends a value.
            guard reader.depth == 1 else { continue }
            if token == .key {
                start = reader.range.lowerBound
            } else {
                body(start..<reader.range.upperBound)
            }
        }
    }

    private func insert(_ index: Int) {
        let slot = slot(of: name(index), hash: hash(ofName: index))
        if slots[slot] != 0 { remove(Int(slots[slot]) - 1) }
        slots[slot] = UInt32(truncatingIfNeeded: index + 1)
    }

    private func remove(_ index: Int) {
        let start = members[index].lowerBound
        members[index] = start..<start
    }

    private func slot(of name: [UInt8]) -> Int {
        slot(of: name.makeIterator(), hash: name.withUnsafeBytes(Self.hash))
    }

    /// Where the name is or belongs.
    private func slot<Name: IteratorProtocol<UInt8>>(of name: Name, hash: Int) -> Int {
        var slot = hash & (slots.count - 1)
        while slots[slot] != 0, !isEqual(name, self.name(Int(slots[slot]) - 1)) {
            slot = (slot + 1) & (slots.count - 1)
        }
        return slot
    }

    private func hash(ofName index: Int) -> Int {
        let start = text + Int(members[index].lowerBound) + 1
        var end = start
        while end.pointee != UInt8(ascii: "\"") {
            if end.pointee == UInt8(ascii: "\\") {
                return Array(IteratorSequence(name(index))).withUnsafeBytes(Self.hash)
            }
            end += 1
        }
        return Self.hash(UnsafeRawBufferPointer(start: start, count: end - start))
    }

    private static func hash(_ name: UnsafeRawBufferPointer) -> Int {
        var hasher = Hasher()
        hasher.combine(bytes: name)
        return hasher.finalize()
    }

    private func name(_ index: Int) -> JSONStringBytes {
        JSONStringBytes(text + Int(members[index].lowerBound) + 1)
    }

    private func isEqual<Name: IteratorProtocol<UInt8>>(_ left: Name, _ right: JSONStringBytes) -> Bool {
        var (left, right) = (left, right)
        while let byte = left.next() {
            if byte != right.next() { return false }
        }
        return right.next() == nil
    }
}
