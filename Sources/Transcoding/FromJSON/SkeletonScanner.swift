internal import Bytes

/// Follows the top object of an answer that comes in chunks, and keeps its text, up to where one of its members
/// holds the list. The elements are somebody else's: in the text that is kept the list is empty.
///
/// Looks only as closely as finding the list takes; parsing the text that was kept shows whether it is JSON.
struct SkeletonScanner: ~Copyable {
    enum Stop {
        /// The chunk is at its end.
        case chunk
        /// Behind the `[` of the list. The next byte that is given has to be the matching `]`.
        case list
        /// Behind the list's key when the list has been there.
        case secondList
    }

    var text = ByteBuffer(capacity: 0)
    /// The list's name.
    private let member: [UInt8]
    /// More text than this is refused.
    private let limit: Int
    private var depth = 0
    private var isClosed = false
    private var isInString = false
    private var isEscaped = false
    /// Where in `text` the key begins that is being read.
    private var key: Int?
    /// The next string is a key of the top object.
    private var isKeyDue = false
    /// The last key of the top object was the list's.
    private var isListNamed = false
    /// The list is due, or open.
    private var isListDue = false
    private var hasList = false

    init(member: [UInt8], limit: Int) {
        self.member = member
        self.limit = limit
    }

    /// Reads on from `position` and leaves it where it stopped.
    mutating func scan(
        _ chunk: UnsafeBufferPointer<UInt8>,
        _ position: inout Int
    ) throws(JSONTranscodingError) -> Stop {
        while position < chunk.count {
            let byte = chunk[position]
            if depth == 0 { try checkOutside(byte, position) }
            position += 1
            guard text.count < limit else { throw .tooLarge(limit: limit) }
            text.reserve(1)
            text.put(byte)
            if isInString {
                if endsString(byte), endsSecondKey() { return .secondList }
            } else if opensList(byte) {
                hasList = true
                return .list
            }
        }
        return .chunk
    }

    /// Outside of the top object only whitespace is allowed, and a byte order mark in front.
    private func checkOutside(_ byte: UInt8, _ position: Int) throws(JSONTranscodingError) {
        switch byte {
        case _ where byte.isJSONWhitespace: return
        case _ where isClosed: throw .notJSON(reason: "text after the top value", offset: position)
        case UInt8(ascii: "{"), 0xef, 0xbb, 0xbf: return
        case UInt8(ascii: "["), UInt8(ascii: "\""), UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"):
            throw .notAnObject
        default: throw .notJSON(reason: "no value", offset: position)
        }
    }

    private mutating func endsString(_ byte: UInt8) -> Bool {
        if isEscaped {
            isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
            isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
            isInString = false
        }
        return !isInString
    }

    private mutating func endsSecondKey() -> Bool {
        guard let start = key else { return false }
        key = nil
        isListNamed = isMember(UnsafeRawBufferPointer(rebasing: text.bytes[start...]))
        return isListNamed && hasList
    }

    /// Whether a key, however it is spelt, is the list's name.
    private func isMember(_ key: UnsafeRawBufferPointer) -> Bool {
        var reader = JSONReader(key)
        do throws(JSONReader.SyntaxError) {
            guard try reader.next() == .string else { return false }
        } catch {
            return false
        }
        return IteratorSequence(reader.string).elementsEqual(member)
    }

    private mutating func opensList(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""):
            isInString = true
            if isKeyDue { key = text.count - 1 }
            (isKeyDue, isListDue) = (false, false)
        case UInt8(ascii: "["), UInt8(ascii: "{"):
            if isListDue && byte == UInt8(ascii: "[") { return true }
            isKeyDue = depth == 0
            isListDue = false
            depth += 1
        case UInt8(ascii: "]") where isListDue: isListDue = false
        case UInt8(ascii: "]"), UInt8(ascii: "}"):
            depth -= 1
            isClosed = depth == 0
        case UInt8(ascii: ","): (isKeyDue, isListDue) = (depth == 1, false)
        case UInt8(ascii: ":"): isListDue = depth == 1 && isListNamed
        default: break
        }
        return false
    }
}
