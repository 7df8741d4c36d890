internal import CSimdJSON

/// simdjson's first stage, with the memory that it keeps from one text to the next.
struct Indexer: ~Copyable {
    private let indexer: OpaquePointer

    init() {
        guard let made = simdjson_indexer_create() else { preconditionFailure("no memory for an indexer") }
        indexer = made
    }

    deinit { simdjson_indexer_destroy(indexer) }

    /// A text of one object with its tokens, and how many they are; nil if it is refused. Valid until the next call.
    func index(_ text: UnsafeBufferPointer<UInt8>) -> (IndexedText, tokenCount: Int)? {
        guard let start = text.baseAddress else { return nil }
        let count = simdjson_indexer_run(indexer, start, text.count)
        guard count > 1, let tokens = simdjson_indexer_tokens(indexer) else { return nil }
        let indexed = IndexedText(start: start, tokens: tokens)
        return indexed.is(0, "{") && indexed.is(count - 1, "}") ? (indexed, count) : nil
    }

    /// Gives memory back if it is enough for longer texts.
    func trim(keeping length: Int) { simdjson_indexer_trim(indexer, length) }
}
