import Calls
import Testing

@testable import TTRPC

struct RequestMemoTests {
    /// What a request says, or what is wrong with it.
    private enum Said: Equatable {
        case request([[UInt8]], CallTimeout, [[UInt8]?])
        case error(EnvelopeError)
    }

    private static func read(_ data: [UInt8], with memo: inout RequestMemo) -> Said {
        data.withUnsafeBytes { data in
            do throws(EnvelopeError) {
                try memo.read(CallKey(1), data)
                guard let request = memo.request else { preconditionFailure("nothing was read") }
                let values = RequestMetadata.Key.allCases.map { request.metadata[$0].map { Array($0) } }
                return .request(
                    [request.service, request.method, request.payload].map { Array($0) },
                    request.timeout,
                    values
                )
            } catch {
                return .error(error)
            }
        }
    }

    private static func readAlone(_ data: [UInt8]) -> Said {
        var memo = RequestMemo()
        return read(data, with: &memo)
    }

    private static let trace = "2a 13  0a 0b 'traceparent'  12 04 '00-1'"
    private static let application = "2a 10  0a 0b 'application'  12 01 'x'"
    /// Requests whose timeout and trace stand in all orders, more than once, or nowhere.
    private static let requests = [
        "0a 01 's'  12 01 'm'  1a 02 08 05  20 80 94 eb dc 03  \(trace)  \(application)",
        "\(trace)  20 80 01  12 01 'm'",
        "20 05  \(trace)  20 ac 02  2a 10  0a 0b 'Traceparent'  12 01 'z'",
        "2a 0f  0a 0b 'traceparent'  12 00  20 00  7a 01 'u'",
        "0a 01 's'  12 01 'm'  20 ff ff ff ff ff ff ff ff ff 01",
        "2a 11  0a 0b 'traceparent'  12 02 c3 a9",
        "0a 01 's'  12 02 c3 a9",
        "20 81 00",
        "",
    ].map { wire($0) }

    private static func variants(of request: [UInt8]) -> [[UInt8]] {
        let changed = request.indices.flatMap { index in
            [0x00, 0x01, 0x7F, 0x80, 0xFF, request[index] ^ 1, request[index] &+ 1].map { byte in
                request[..<index] + [byte] + request[(index + 1)...]
            }
        }
        return changed.map { Array($0) } + requests + [request + [0x20, 0x01], Array(request.dropLast()), request]
    }

    @Test(arguments: requests)
    func `what a request says does not depend on the one before it`(request: [UInt8]) {
        let alone = Self.readAlone(request)
        for other in Self.variants(of: request) {
            var memo = RequestMemo()
            #expect(Self.read(request, with: &memo) == alone)
            #expect(Self.read(other, with: &memo) == Self.readAlone(other), "\(other)")
            #expect(Self.read(request, with: &memo) == alone, "after \(other)")
        }
    }

    @Test func `what differs in its timeout and its trace alone leads to the same memory`() throws {
        var memo = RequestMemo()
        let traces = ["00-1", "00-2", "\u{E9}\u{E9}"]
        let places = try zip(traces, ["20 80 01", "20 81 01", "20 ff 7f"]).map { trace, timeout in
            let data = wire("12 01 'm'  \(timeout)  2a 13  0a 0b 'traceparent'  12 04") + trace.utf8
            return try data.withUnsafeBytes { data in
                try memo.read(CallKey(1), data)
                let read = memo.request
                let request = try #require(read)
                #expect(request.metadata[.traceparent].map(\.text) == trace)
                return request.method.baseAddress
            }
        }
        #expect(Set(places).count == 1)
    }

    @Test func `a long request is not remembered, nor one before it`() throws {
        var memo = RequestMemo()
        let short = wire("12 01 'm'")
        for count in [1, RequestMemo.longest, 1] {
            let data = short + wire("1a 80 08") + [UInt8](repeating: 7, count: RequestMemo.longest)
            let request = count == 1 ? short : data
            try request.withUnsafeBytes { request in
                try memo.read(CallKey(1), request)
                let read = memo.request
                let method = try #require(read).method
                let isLent = method.baseAddress.map {
                    request.baseAddress! <= $0 && $0 < request.baseAddress! + request.count
                }
                #expect(isLent == (count > 1))
            }
        }
    }
}
