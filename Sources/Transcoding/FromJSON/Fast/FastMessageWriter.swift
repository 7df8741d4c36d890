internal import Bytes

/// Walks over a text and writes the protobuf message of its top object, in one pass that also checks whether the text is JSON:
/// by an index of the tokens or, where there is no whitespace between them, from the bytes alone. What it doubts is left to the
/// strict parser, and `MessageWriter` says what has to come out.
struct FastMessageWriter: ~Copyable {
    var output = ByteBuffer(capacity: 4096)
    /// The members' keys that the typed fields of their messages cannot carry, by their tokens; inner messages stand behind
    /// outer ones.
    var leftovers = GrowingBuffer<UInt32>(capacity: 64)
    /// The containers that are open while a value is stepped over, innermost last, by their brackets.
    var containers = ByteBuffer(capacity: 64)
    /// The list, by what each element is, whose elements are noted, and where they are. None if the list does not fit.
    var recordedList: UnsafePointer<MessageTable.Field>?
    var elements = GrowingBuffer<ListMemo.Element>(capacity: 0)
    let indexer = Indexer()
    /// A text that is written without an index, and how much of it was left to one.
    var textStart: UnsafePointer<UInt8>
    var textEnd: UnsafePointer<UInt8>
    var doubtfulByteCount = 0
    var lastShort = ShortObject()
    /// A string without its escapes.
    var unescaped = ByteBuffer(capacity: 256)

    init() {
        textStart = UnsafePointer(output.start)
        textEnd = textStart
    }

    mutating func write(
        _ text: UnsafeBufferPointer<UInt8>,
        as table: UnsafePointer<MessageTable>
    ) throws(IndexedText.Doubt) {
        defer { giveBack() }
        guard let (text, tokenCount) = indexer.index(text), try writeMessage(text, table, 0) == tokenCount else {
            throw IndexedText.Doubt()
        }
    }

    /// Writes objects that have commas between them as fields.
    mutating func writeElements(
        _ text: UnsafeBufferPointer<UInt8>,
        _ tag: PackedTag,
        as table: UnsafePointer<MessageTable>
    ) throws(IndexedText.Doubt) {
        defer { giveBack() }
        guard let (text, tokenCount) = indexer.index(text) else { throw IndexedText.Doubt() }
        var token = -1
        repeat {
            guard let next = try writeNested(text, tag, table, token &+ 1) else { throw IndexedText.Doubt() }
            token = next
        } while token < tokenCount && text.is(token, ",")
        guard token == tokenCount else { throw IndexedText.Doubt() }
    }

    /// Keeps memory for what is usual.
    mutating func giveBack() {
        lastShort.forget()
        leftovers.reset(keeping: 64 << 10)
        containers.reset(keeping: 64 << 10)
        unescaped.reset(keeping: 64 << 10)
    }

    /// Returns the token behind the object.
    private mutating func writeMessage(
        _ text: IndexedText,
        _ table: UnsafePointer<MessageTable>,
        _ object: Int
    ) throws(IndexedText.Doubt) -> Int {
        if text.is(object &+ 1, "}") { return object &+ 2 }
        let base = leftovers.count
        let names = table.pointee.names
        let fields = table.pointee.fields
        var seen: UInt64 = 0
        var place = names.begin
        var token = object
        repeat {
            let key = token &+ 1
            let name = try text.key(at: key)
            var known = names.number(of: name, at: &place)
            if known == nil && name.hasBackslash { known = names.number(of: try characters(of: name)) }
            if let number = known {
                // Of fields that come twice the last wins, which is seldom enough to be left to the strict way; so are
                // fields whose numbers are 64 apart.
                let bit = 1 &<< UInt64(truncatingIfNeeded: number)
                if seen & bit != 0 { throw IndexedText.Doubt() }
                seen |= bit
                if let next = try writeValue(text, fields + number, key &+ 2) {
                    token = next
                    continue
                }
            }
            leftovers.append(UInt32(truncatingIfNeeded: key))
            token = try skip(text, key &+ 2)
        } while text.is(token, ",")
        try text.demand(token, "}")
        if leftovers.count > base {
            try writeAdditionalProperties(text, table, from: base)
            leftovers.count = base
        }
        return token &+ 1
    }

    /// Returns the token behind the value, or nil if the field cannot carry it exactly. Then nothing was written.
    @inline(__always)
    private mutating func writeValue(
        _ text: IndexedText,
        _ field: UnsafePointer<MessageTable.Field>,
        _ value: Int
    ) throws(IndexedText.Doubt) -> Int? {
        switch field.pointee.kind {
        case .message(let table): try writeNested(text, field.pointee.tag, table, value)
        case .list(let element): try writeList(text, element, value)
        default: try writeScalar(text, field, value)
        }
    }

    /// A list is carried whole or not at all.
    @inline(never)
    private mutating func writeList(
        _ text: IndexedText,
        _ element: UnsafePointer<MessageTable.Field>,
        _ value: Int
    ) throws(IndexedText.Doubt) -> Int? {
        guard text.is(value, "[") else { return nil }
        if text.is(value &+ 1, "]") { return value &+ 2 }
        let begin = output.count
        var token = value
        repeat {
            let fieldStart = output.count
            guard let next = try writeValue(text, element, token &+ 1) else {
                output.count = begin
                if element == recordedList { elements.count = 0 }
                return nil
            }
            if element == recordedList {
                let place = Int(text.tokens[token &+ 1])..<Int(text.tokens[next &- 1]) + 1
                elements.append(ListMemo.Element(text: place, field: fieldStart..<output.count))
            }
            token = next
        } while text.is(token, ",")
        try text.demand(token, "]")
        return token &+ 1
    }

    @inline(never)
    mutating func writeNested(
        _ text: IndexedText,
        _ tag: PackedTag,
        _ table: UnsafePointer<MessageTable>,
        _ value: Int
    ) throws(IndexedText.Doubt) -> Int? {
        guard text.is(value, "{") else { return nil }
        let begin = output.beginLength(tag)
        let next = try writeMessage(text, table, value)
        output.endLength(begin)
        return next
    }
}
