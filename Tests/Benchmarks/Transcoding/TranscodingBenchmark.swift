internal import CSimdJSONDocument
internal import Contract
internal import Glibc
internal import Transcoding

/// Measures JSON → protobuf beside simdjson's DOM parse, in one process, on the texts whose paths are the arguments, and
/// prints nanoseconds a text as JSON, also of a text of which one element has changed since the last one; with `--requests`, the worst requests.
@main
struct TranscodingBenchmark {
    /// The two take turns, so that what disturbs one disturbs the other; the median of all turns counts.
    private static let turns = 101
    private static let nanosecondsPerTurn = 1_000_000

    static func main() {
        do {
            if CommandLine.arguments.dropFirst() == ["--requests"] { return try WorstRequests().measure() }
            let schema = try snapshotSchema()
            let results = try CommandLine.arguments.dropFirst().map { path in
                let text = try Text(contentsOf: path)
                defer { text.deallocate() }
                return try measure(text, schema)
            }
            print("[\(results.joined(separator: ", "))]")
        } catch {
            _ = "\(error)\n".withCString { write(STDERR_FILENO, $0, strlen($0)) }
            exit(1)
        }
    }

    private static func snapshotSchema() throws -> ListSchema {
        let contract = try Contract.carried()
        guard let models = contract.messages["pieces.models.v1.Models"], let list = models.field(named: "iterable")
        else {
            throw Failure(description: "the contract has no models")
        }
        return try Schemas(contract).listSchema(of: models, list: list)
    }

    private static func measure(_ text: Text, _ schema: ListSchema) throws -> String {
        let transcoder = JSONTranscoder()
        let parse = {
            guard simdjson_document_parse(text.bytes.baseAddress, text.bytes.count) != 0 else {
                throw Failure(description: "simdjson refuses a text")
            }
        }
        let transcode = { _ = try transcoder.transcode(text.bytes, as: schema.whole) }

        let count = max(1, nanosecondsPerTurn / (try nanoseconds(of: transcode, count: 3)))
        var parsing: [Int] = []
        var transcoding: [Int] = []
        var patching: [Int] = []
        let remembered = Remembered()
        let patch = {
            text.changeDigit()
            _ = try transcoder.transcode(text.bytes, as: schema, remembering: &remembered.memo)
        }
        for _ in 0..<turns {
            parsing.append(try nanoseconds(of: parse, count: count))
            transcoding.append(try nanoseconds(of: transcode, count: count))
            patching.append(try nanoseconds(of: patch, count: count))
        }
        let (dom, ours) = (parsing.sorted()[turns / 2], transcoding.sorted()[turns / 2])
        let changed = patching.sorted()[turns / 2]
        return """
            {"bytes": \(text.bytes.count), "dom_ns": \(dom), "transcode_ns": \(ours), "one_changed_ns": \(changed)}
            """
    }

    private static func nanoseconds(of work: () throws -> Void, count: Int) throws -> Int {
        let start = processorTime()
        for _ in 0..<count { try work() }
        return max(1, (processorTime() - start) / count)
    }

    /// What others do meanwhile does not count.
    private static func processorTime() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}

/// What closures can share.
private final class Remembered {
    var memo = ListMemo()
}
