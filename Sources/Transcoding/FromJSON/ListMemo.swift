internal import Bytes
internal import Glibc

/// The last text of a message with a list and what was made of it, element by element: where the next text has the same
/// elements, they keep their bytes. It is of use for texts of which few elements differ, and costs little for others.
package struct ListMemo: ~Copyable {
    /// Where an element is, in the text and, as a field, in the message.
    struct Element: BitwiseCopyable {
        private let textStart, textEnd, fieldStart, fieldEnd: Int

        init(text: Range<Int>, field: Range<Int>) {
            (textStart, textEnd) = (text.lowerBound, text.upperBound)
            (fieldStart, fieldEnd) = (field.lowerBound, field.upperBound)
        }

        var text: Range<Int> { textStart..<textEnd }
        var field: Range<Int> { fieldStart..<fieldEnd }
    }

    /// Longer texts are not remembered.
    private static let maximumText = 2 << 20
    /// After so many texts in a row that had too little of the last one, only some are remembered: copying costs, too.
    private static let patience = 4

    private(set) var text = ByteBuffer(capacity: 0)
    private(set) var message = ByteBuffer(capacity: 0)
    private(set) var elements = GrowingBuffer<Element>(capacity: 0)
    /// What is made of the next text, as long as it is not known whether it takes the place of the last one.
    var nextMessage = ByteBuffer(capacity: 0)
    var nextElements = GrowingBuffer<Element>(capacity: 0)
    private var misses = 0

    package init() {}

    /// How many bytes it keeps.
    package var heldByteCount: Int {
        text.count + message.count + nextMessage.count
            + (elements.count + nextElements.count) * MemoryLayout<Element>.stride
    }

    /// So many elements may differ; beyond, all are transcoded in one go.
    var maximumDifference: Int { 2 + elements.count / 16 }

    mutating func remember(
        _ text: UnsafeRawBufferPointer,
        _ message: UnsafeRawBufferPointer,
        _ elements: borrowing GrowingBuffer<Element>
    ) {
        misses += 1
        self.elements.reset(keeping: 1024)
        self.text.count = 0
        self.message.count = 0
        nextMessage.count = 0
        nextElements.count = 0
        guard misses <= Self.patience || misses % Self.patience == 0 else { return }
        guard elements.count > 1, text.count <= Self.maximumText else { return }
        Self.replace(&self.text, with: text)
        Self.replace(&self.message, with: message)
        self.elements.reserve(elements.count)
        self.elements.start.update(from: elements.start, count: elements.count)
        self.elements.count = elements.count
    }

    /// Makes ready for the message of the next text. Both use the memory of the last but one.
    mutating func beginNext() {
        nextMessage.reset(keeping: 2 * message.count + 4096)
        nextElements.reset(keeping: 2 * elements.count + 1024)
    }

    /// The next text and what was made of it take the place of the last ones, of which most was used again.
    mutating func takeNext(_ text: UnsafeRawBufferPointer) {
        misses = 0
        Self.replace(&self.text, with: text)
        swap(&message, &nextMessage)
        swap(&elements, &nextElements)
    }

    private static func replace(_ buffer: inout ByteBuffer, with bytes: UnsafeRawBufferPointer) {
        buffer.reset(keeping: max(4 * bytes.count, 4096))
        buffer.append(bytes)
    }
}

extension ListMemo {
    /// The place of the one of the elements around `index` that stands at `position` in a text, byte for byte.
    func index(of text: UnsafeRawBufferPointer, at position: Int, around index: Int) -> Int? {
        // The same, or the next one if one is gone, or the one before if one has come.
        for candidate in [index, index + 1, index - 1] where 0..<elements.count ~= candidate {
            if hasSameBytes(text, at: position, elements[candidate].text) { return candidate }
        }
        return nil
    }

    /// Whether the text begins as the last one did, up to the first element.
    func hasSameHead(_ text: UnsafeRawBufferPointer) -> Bool {
        elements.count > 0 && hasSameBytes(text, at: 0, 0..<elements[0].text.lowerBound)
    }

    /// Whether the text ends, from `position` on, as the last one did behind the last element.
    func hasSameTail(_ text: UnsafeRawBufferPointer, from position: Int) -> Bool {
        let tail = elements[elements.count - 1].text.upperBound..<self.text.count
        return text.count - position == tail.count && hasSameBytes(text, at: position, tail)
    }

    private func hasSameBytes(_ other: UnsafeRawBufferPointer, at position: Int, _ range: Range<Int>) -> Bool {
        guard other.count - position >= range.count, let start = other.baseAddress else { return false }
        return memcmp(start + position, text.start + range.lowerBound, range.count) == 0
    }
}
