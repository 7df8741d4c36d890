internal import Bytes
internal import Glibc

/// The members of a JSON object, as text, to be found by name.
///
/// Everything lies in the arena, hash table included: a frame has room for 800,000 members, and what they need counts
/// against the budget of the payload.
struct JSONMembers {
    private let text: UnsafePointer<UInt8>
    /// From the name's first quote on; empty there when the member is not to be written.
    private struct Member: BitwiseCopyable {
        let start: UInt32
        var end: UInt32
    }

    private let members: UnsafeMutableBufferPointer<Member>
    /// One more than a member's index, and above it a part of its hash; or 0. At least half are free.
    private let slots: UnsafeMutableBufferPointer<UInt32>
    private let secrets = NameHash.Secrets.ofProcess
    /// A frame has no room for more members.
    private static let indexBits: UInt32 = 22

    /// Finds the members of the object that `text`, a C string of UTF-8, must be. Of duplicates the last is kept.
    init(of text: UnsafePointer<UInt8>, in arena: Arena) throws(RequestError) {
        let length = strlen(text)
        // No member is shorter than `"":0,`, and memory that is not written to is none.
        var found = GrowingBuffer<Member>(capacity: length / 5 + 1)
        try JSONMembers.scan(UnsafeRawBufferPointer(start: text, count: length)) { range in
            let (start, end) = (range.lowerBound, range.upperBound)
            found.append(Member(start: UInt32(truncatingIfNeeded: start), end: UInt32(truncatingIfNeeded: end)))
        }
        let count = found.count
        var slotCount = 2
        while slotCount < 2 * count { slotCount *= 2 }
        guard let members = arena.allocate(count, of: Member.self),
            let slots = arena.allocate(slotCount, of: UInt32.self)
        else {
            throw .tooMuchMemory(budget: arena.budget)
        }
        _ = members.initialize(from: UnsafeBufferPointer(start: found.start, count: count))
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
        let slot = slot(of: name)
        if slots[slot] != 0 { remove(index(in: slot)) }
    }

    /// Writes the members, byte for byte as they stand in the text, into the object that `json` ends in.
    func append(to json: inout ByteBuffer) {
        for member in members where member.end > member.start {
            json.separateJSONMember()
            let count = Int(member.end - member.start)
            json.append(UnsafeRawBufferPointer(start: text + Int(member.start), count: count))
        }
    }

    private static func scan(_ text: UnsafeRawBufferPointer, _ body: (Range<Int>) -> Void) throws(RequestError) {
        var reader = JSONReader(text)
        do throws(JSONReader.SyntaxError) {
            try reader.skipObject(body)
        } catch {
            throw .invalid("is not the JSON text of one object: unexpected at byte \(error.offset)")
        }
    }

    private func insert(_ index: Int) {
        let name = name(index)
        let hash = NameHash(ofText: name, secrets)
        let slot = slot(of: hash) { JSONMembers.isEqual(name, $0) }
        if slots[slot] != 0 { remove(self.index(in: slot)) }
        slots[slot] = hash.tag &<< Self.indexBits | UInt32(truncatingIfNeeded: index + 1)
    }

    private func remove(_ index: Int) {
        members[index].end = members[index].start
    }

    private func slot(of name: [UInt8]) -> Int {
        slot(of: name.withUnsafeBytes { NameHash(of: $0, secrets) }) {
            IteratorSequence(JSONStringBytes($0)).elementsEqual(name)
        }
    }

    /// Where the name of that hash is or belongs.
    @inline(__always)
    private func slot(of hash: NameHash, _ isEqual: (UnsafePointer<UInt8>) -> Bool) -> Int {
        var slot = hash.place & (slots.count - 1)
        while slots[slot] != 0, slots[slot] &>> Self.indexBits != hash.tag || !isEqual(name(index(in: slot))) {
            slot = (slot + 1) & (slots.count - 1)
        }
        return slot
    }

    private func index(in slot: Int) -> Int {
        Int(slots[slot] & (1 &<< Self.indexBits - 1)) - 1
    }

    /// The byte behind the first quote of a name.
    private func name(_ index: Int) -> UnsafePointer<UInt8> {
        text + Int(members[index].start) + 1
    }

    private static func isEqual(_ left: UnsafePointer<UInt8>, _ right: UnsafePointer<UInt8>) -> Bool {
        var (left, right) = (JSONStringBytes(left), JSONStringBytes(right))
        while let byte = left.next() {
            if byte != right.next() { return false }
        }
        return right.next() == nil
    }
}
