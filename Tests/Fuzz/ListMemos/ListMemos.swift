import FuzzSupport

@testable import Transcoding

@MainActor private let transcoder = JSONTranscoder()
@MainActor private let plainTranscoder = JSONTranscoder()
@MainActor private let models = CarriedMessage.all()[0]

/// Texts that come one behind the other: what is made of one with the memory of the last is what is made of it without.
@MainActor @_cdecl("LLVMFuzzerTestOneInput")
public func fuzzListMemos(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let input = FuzzInput(data, count), let list = models.listSchema else { return -1 }
    var memo = ListMemo()
    var text: [UInt8] = []
    for part in input.bytes.split(separator: 0, maxSplits: 15, omittingEmptySubsequences: false) {
        change(&text, as: UnsafeRawBufferPointer(rebasing: part))
        check(text, list, &memo)
        // And what has been kept of it is as good as that of the first time.
        if input.control & 1 == 1 { check(text, list, &memo) }
    }
    return 0
}

/// A part is a text, or what changes the last one: a 1, where it changes in two bytes, how many bytes go, and what comes there.
private func change(_ text: inout [UInt8], as part: UnsafeRawBufferPointer) {
    guard part.first == 1, part.count >= 4 else {
        text = Array(part)
        return
    }
    let start = min(Int(part[1]) | Int(part[2]) << 8, text.count)
    let end = min(start + Int(part[3]), text.count)
    text.replaceSubrange(start..<end, with: part.dropFirst(4))
}

@MainActor private func check(_ text: [UInt8], _ list: ListSchema, _ memo: inout ListMemo) {
    // In memory of its own that is gone afterwards, so that the sanitizer sees whoever kept it.
    let padded = text + [UInt8](repeating: 0x39, count: JSONTranscoder.padding)
    padded.withUnsafeBytes { bytes in
        let text = UnsafeRawBufferPointer(rebasing: bytes[..<text.count])
        let remembered: Outcome
        do throws(JSONTranscodingError) {
            remembered = .message(try transcoder.transcode(text, as: list, remembering: &memo))
        } catch {
            remembered = .refused(error)
        }
        compare(remembered, with: text)
    }
}

private enum Outcome {
    case message(UnsafeRawBufferPointer)
    case refused(JSONTranscodingError)
}

@MainActor private func compare(_ remembered: Outcome, with text: UnsafeRawBufferPointer) {
    do throws(JSONTranscodingError) {
        let message = try plainTranscoder.transcode(text, as: models.schema)
        guard case .message(let other) = remembered else { fatalError("a text is refused for what came before it") }
        demand(message.elementsEqual(other), "the message of a text depends on what came before it")
    } catch {
        guard case .refused(let other) = remembered else { fatalError("a text is taken for what came before it") }
        demand(error == other, "why a text is refused depends on what came before it: \(error), \(other)")
    }
}
