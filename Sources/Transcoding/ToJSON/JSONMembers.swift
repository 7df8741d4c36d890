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
        let hash: NameHash

        @inline(__always)
        init(_ member: JSONReader.Member, _ hash: NameHash) {
            start = UInt32(truncatingIfNeeded: member.range.lowerBound)
            end = UInt32(truncatingIfNeeded: member.range.upperBound)
            self.hash = hash
        }
    }

    private let members: UnsafeMutableBufferPointer<Member>
    /// One more than a member's index, and above it the tag of its hash; or 0. At least half are free.
    private let slots: UnsafeMutableBufferPointer<UInt32>
    private let secrets: NameHash.Secrets
    /// A frame has no room for more members.
    private static let indexMask: UInt32 = ~0 &>> NameHash.tagBits

    /// Finds the members of the object that `text`, a C string of UTF-8, must be. Of duplicates the last is kept.
    init(of text: UnsafePointer<UInt8>, in arena: Arena) throws(RequestError) {
        secrets = .ofProcess
        self.text = text
        let all = try Self.scan(UnsafeRawBufferPointer(start: text, count: strlen(text)), secrets, in: arena)
        var slotCount = 2
        while slotCount < 2 * all.count { slotCount *= 2 }
        guard let slots = arena.allocateZeros(slotCount, of: UInt32.self) else {
            throw .tooMuchMemory(budget: arena.budget)
        }
        members = all
        self.slots = slots
        for index in members.indices { insert(index) }
    }

    private static func scan(
        _ text: UnsafeRawBufferPointer,
        _ secrets: NameHash.Secrets,
        in arena: Arena
    ) throws(RequestError) -> UnsafeMutableBufferPointer<Member> {
        // No member is shorter than `"":0,`.
        let room = arena.allocate(atMost: text.count / 5 + 1, of: Member.self)
        var count = 0
        var reader = JSONReader(text)
        do throws(JSONReader.SyntaxError) {
            try reader.skipObject { member in
                if count < room.count { room[count] = Member(member, NameHash(of: member, in: text, secrets)) }
                count &+= 1
            }
        } catch {
            throw .invalid("is not the JSON text of one object: unexpected at byte \(error.offset)")
        }
        guard count <= room.count else { throw .tooMuchMemory(budget: arena.budget) }
        return arena.shrink(room, to: count)
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
        var run = 0..<0
        for member in members where member.end > member.start {
            // Only a comma has room between the two.
            if run.isEmpty || Int(member.start) != run.upperBound + 1 {
                append(run, to: &json)
                run = Int(member.start)..<Int(member.start)
            }
            run = run.lowerBound..<Int(member.end)
        }
        append(run, to: &json)
    }

    private func append(_ members: Range<Int>, to json: inout ByteBuffer) {
        guard !members.isEmpty else { return }
        json.separateJSONMember()
        json.append(UnsafeRawBufferPointer(start: text + members.lowerBound, count: members.count))
    }

    private func insert(_ index: Int) {
        let hash = members[index].hash
        let name = name(index)
        let slot = slot(of: hash) { Self.isEqual(name, $0) }
        if slots[slot] != 0 { remove(self.index(in: slot)) }
        slots[slot] = hash.tag | UInt32(truncatingIfNeeded: index &+ 1)
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
        while slots[slot] != 0, slots[slot] & ~Self.indexMask != hash.tag || !isEqual(name(index(in: slot))) {
            slot = (slot + 1) & (slots.count - 1)
        }
        return slot
    }

    private func index(in slot: Int) -> Int {
        Int(slots[slot] & Self.indexMask) - 1
    }

    /// The byte behind the first quote of a name.
    private func name(_ index: Int) -> UnsafePointer<UInt8> {
        text + Int(members[index].start) + 1
    }

    private static func isEqual(_ left: UnsafePointer<UInt8>, _ right: UnsafePointer<UInt8>) -> Bool {
        var (left, right) = (left, right)
        // The same text stands for the same.
        while left.pointee == right.pointee, left.pointee != UInt8(ascii: "\\") {
            if left.pointee == UInt8(ascii: "\"") { return true }
            (left, right) = (left + 1, right + 1)
        }
        return IteratorSequence(JSONStringBytes(left)).elementsEqual(IteratorSequence(JSONStringBytes(right)))
    }
}
