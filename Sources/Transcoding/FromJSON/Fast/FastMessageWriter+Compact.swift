internal import Bytes

/// Texts without whitespace between their tokens, as Pieces OS sends them, are written without an index: each byte is looked
/// at once. What is seldom is a `Doubt` here; elements of lists are then written by an index of their own.
///
/// The last byte of the text is `}`: numbers, literals and keys end there at the latest, so that only strings, and what
/// follows a bracket, can lead behind the text. `place` is in front of `textEnd` wherever something is read.
extension FastMessageWriter {
    typealias Place = UnsafePointer<UInt8>

    /// Writes the top object of a text.
    mutating func writeCompact(
        _ text: UnsafeBufferPointer<UInt8>,
        as table: UnsafePointer<MessageTable>
    ) throws(IndexedText.Doubt) {
        defer { giveBack() }
        guard try writeCompactMessage(table, begin(text)) == textEnd else { throw IndexedText.Doubt() }
    }

    /// Writes objects that have commas between them as fields: those at the beginning of a text that are whole, and of which
    /// none is doubtful. Returns how much of the text they are.
    mutating func writeFirstCompactElements(
        _ text: UnsafeBufferPointer<UInt8>,
        _ tag: PackedTag,
        as table: UnsafePointer<MessageTable>
    ) throws(IndexedText.Doubt) -> Int {
        defer { giveBack() }
        let start = try begin(text)
        var (place, end) = (start, start)
        while place < textEnd, place == start || end.pointee == UInt8(ascii: ",") {
            let count = output.count
            do throws(IndexedText.Doubt) {
                guard let next = try writeCompactNested(tag, table, place), next <= textEnd else {
                    throw IndexedText.Doubt()
                }
                (place, end) = (next + 1, next)
            } catch {
                output.count = count
                break
            }
        }
        return end - start
    }

    private mutating func begin(_ text: UnsafeBufferPointer<UInt8>) throws(IndexedText.Doubt) -> Place {
        guard let start = text.baseAddress else { throw IndexedText.Doubt() }
        (textStart, textEnd, doubtfulByteCount) = (start, start + text.count, 0)
        while textEnd > start && textEnd[-1].isJSONWhitespace { textEnd -= 1 }
        guard textEnd > start && textEnd[-1] == UInt8(ascii: "}") && start.pointee == UInt8(ascii: "{") else {
            throw IndexedText.Doubt()
        }
        return start
    }

    /// Returns the place behind the object.
    private mutating func writeCompactMessage(
        _ table: UnsafePointer<MessageTable>,
        _ object: Place
    ) throws(IndexedText.Doubt) -> Place {
        if object[1] == UInt8(ascii: "}") { return object + 2 }
        let base = leftovers.count
        let names = table.pointee.names
        let fields = table.pointee.fields
        var seen: UInt64 = 0
        var member = names.begin
        var place = object + 1
        var byte: UInt8
        repeat {
            let key = place
            var known = names.number(ofMemberAt: place, at: &member)
            if known != nil {
                place += member.keyLength
            } else {
                known = try numberOfCompactKey(&place, names, &member)
            }
            guard let number = known else { throw IndexedText.Doubt() }
            let bit = 1 &<< UInt64(truncatingIfNeeded: number)
            if seen & bit != 0 { throw IndexedText.Doubt() }
            seen |= bit
            if let next = try writeCompactValue(fields + number, place) {
                guard next < textEnd else { throw IndexedText.Doubt() }
                place = next
            } else {
                guard UnsafeRawPointer(place).loadUnaligned(as: UInt32.self) == IndexedText.word("null") else {
                    throw IndexedText.Doubt()
                }
                leftovers.append(UInt32(truncatingIfNeeded: key - textStart))
                place += 4
            }
            byte = place.pointee
            place += 1
        } while byte == UInt8(ascii: ",")
        guard byte == UInt8(ascii: "}") else { throw IndexedText.Doubt() }
        if leftovers.count > base {
            writeNulls(table.pointee.additionalProperties, from: base)
            leftovers.count = base
        }
        return place
    }

    /// The number of a name that is another than the last time. Leaves `place` behind the colon.
    @inline(never)
    private mutating func numberOfCompactKey(
        _ place: inout Place,
        _ names: NameTable,
        _ member: inout NameTable.Place
    ) throws(IndexedText.Doubt) -> Int? {
        guard let name = try plainString(place) else { throw IndexedText.Doubt() }
        place += name.count + 2
        guard place.pointee == UInt8(ascii: ":") else { throw IndexedText.Doubt() }
        place += 1
        return names.number(of: name, at: &member)
    }

    /// Writes members that are null, whose keys begin at the leftovers.
    @inline(never)
    private mutating func writeNulls(_ tag: PackedTag, from base: Int) {
        let begin = output.beginLength(tag)
        for index in base..<leftovers.count {
            output.append(index == base ? UInt8(ascii: "{") : UInt8(ascii: ","))
            var end = textStart + Int(leftovers[index])
            while end.pointee != UInt8(ascii: ":") { end += 1 }
            let start = textStart + Int(leftovers[index])
            output.append(UnsafeRawBufferPointer(start: start, count: end - start))
            output.append(":null")
        }
        output.append(UInt8(ascii: "}"))
        output.endLength(begin)
    }

    /// Returns the place behind the value, or nil if the field cannot carry it; then nothing was written.
    @inline(__always)
    private mutating func writeCompactValue(
        _ field: UnsafePointer<MessageTable.Field>,
        _ value: Place
    ) throws(IndexedText.Doubt) -> Place? {
        switch field.pointee.kind {
        case .message(let table): try writeCompactNested(field.pointee.tag, table, value)
        case .list(let element): try writeCompactList(element, value)
        default: try writeCompactScalar(field, value)
        }
    }

    @inline(never)
    private mutating func writeCompactNested(
        _ tag: PackedTag,
        _ table: UnsafePointer<MessageTable>,
        _ value: Place
    ) throws(IndexedText.Doubt) -> Place? {
        guard value.pointee == UInt8(ascii: "{") else { return nil }
        let next: Place
        if lastShort.begins(at: value, before: textEnd, as: table) {
            lastShort.append(tag, to: &output)
            next = value + lastShort.textCount
        } else {
            let begin = output.beginLength(tag)
            next = try writeCompactMessage(table, value)
            let object = UnsafeRawBufferPointer(start: value, count: next - value)
            let message = UnsafeRawBufferPointer(start: output.start + begin, count: output.count - begin)
            lastShort.remember(object, as: table, message)
            output.endLength(begin)
        }
        return next
    }

    @inline(never)
    private mutating func writeCompactList(
        _ element: UnsafePointer<MessageTable.Field>,
        _ value: Place
    ) throws(IndexedText.Doubt) -> Place? {
        guard value.pointee == UInt8(ascii: "[") else { return nil }
        var place = value + 1
        if place.pointee == UInt8(ascii: "]") { return place + 1 }
        var byte: UInt8
        repeat {
            let (start, fieldStart) = (place, output.count)
            guard let next = try writeCompactElement(element, place) else { throw IndexedText.Doubt() }
            if element == recordedList {
                let text = start - textStart..<next - textStart
                elements.append(ListMemo.Element(text: text, field: fieldStart..<output.count))
            }
            guard next < textEnd else { throw IndexedText.Doubt() }
            byte = next.pointee
            place = next + 1
        } while byte == UInt8(ascii: ",")
        guard byte == UInt8(ascii: "]") else { throw IndexedText.Doubt() }
        return place
    }

    @inline(__always)
    private mutating func writeCompactElement(
        _ element: UnsafePointer<MessageTable.Field>,
        _ value: Place
    ) throws(IndexedText.Doubt) -> Place? {
        guard case .message(let table) = element.pointee.kind else { return try writeCompactScalar(element, value) }
        let (begin, base) = (output.count, leftovers.count)
        do throws(IndexedText.Doubt) {
            return try writeCompactNested(element.pointee.tag, table, value)
        } catch {
            output.count = begin
            leftovers.count = base
            return try writeIndexed(element.pointee.tag, table, value)
        }
    }

    /// Writes an object by an index of its own. Where many elements need that, an index of all is better.
    @inline(never)
    private mutating func writeIndexed(
        _ tag: PackedTag,
        _ table: UnsafePointer<MessageTable>,
        _ object: Place
    ) throws(IndexedText.Doubt) -> Place {
        var scanner = ElementScanner()
        let rest = UnsafeBufferPointer(start: object, count: textEnd - object)
        guard object.pointee == UInt8(ascii: "{"), let length = scanner.end(in: rest, from: 0) else {
            throw IndexedText.Doubt()
        }
        doubtfulByteCount += length
        guard doubtfulByteCount <= 16 << 10 + (object - textStart) / 4,
            let (text, tokenCount) = indexer.index(UnsafeBufferPointer(rebasing: rest[..<length])),
            try writeNested(text, tag, table, 0) == tokenCount
        else { throw IndexedText.Doubt() }
        return object + length
    }
}
