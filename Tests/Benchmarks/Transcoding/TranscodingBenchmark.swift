internal import CSimdJSONDocument
internal import Contract
internal import Glibc
internal import Transcoding

/// Measures JSON → protobuf beside simdjson's DOM parse, in one process, on the texts whose paths are the arguments, and
/// prints nanoseconds a text as JSON; with `--requests`, the worst requests.
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

    private static func snapshotSchema() throws -> MessageSchema {
        let contract = try Contract.carried()
        guard let models = contract.messages["pieces.models.v1.Models"] else {
            throw Failure(description: "the contract has no models")
        }
        return try Schemas(contract).schema(of: models)
    }

    private static func measure(_ text: Text, _ schema: MessageSchema) throws -> String {
        let transcoder = JSONTranscoder()
        let parse = {
            guard simdjson_document_parse(text.bytes.baseAddress, text.bytes.count) != 0 else {
                throw Failure(description: "simdjson refuses a text")
            }
        }
        let transcode = { _ = try transcoder.transcode(text.bytes, as: schema) }

        let count = max(1, nanosecondsPerTurn / (try nanoseconds(of: transcode, count: 3)))
        var parsing: [Int] = []
        var transcoding: [Int] = []
        for _ in 0..<turns {
            parsing.append(try nanoseconds(of: parse, count: count))
            transcoding.append(try nanoseconds(of: transcode, count: count))
        }
        let (dom, ours) = (parsing.sorted()[turns / 2], transcoding.sorted()[turns / 2])
        return "{\"bytes\": \(text.bytes.count), \"dom_ns\": \(dom), \"transcode_ns\": \(ours)}"
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
