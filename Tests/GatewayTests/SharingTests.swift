import PiecesOS
import Testing

@testable import Gateway

struct SharingTests {
    private func headers(_ header: ForwardedHeader, _ value: String) throws -> ForwardedHeaders {
        var headers = ForwardedHeaders()
        try Array(value.utf8).withUnsafeBytes { try headers.append(header, $0) }
        return headers
    }

    @Test func `calls share with those that would send the same`() throws {
        try withUpstreamStub { stub in
            let method = try Carried.routed("ModelsSnapshot")
            let group = { (headers: ForwardedHeaders) in
                stub.sharing.group(method, SharingSetting.request, headers, nanoseconds: 100_000_000)
            }
            let plain = try #require(group(ForwardedHeaders()))
            #expect(group(ForwardedHeaders()) === plain)
            let named = try #require(group(headers(.application, "a")))
            #expect(named !== plain)
            #expect(try group(headers(.application, "a")) === named)
            #expect(try group(headers(.application, "b")) !== named)
            #expect(try group(headers(.traceparent, "a")) == nil)
            #expect(try group(headers(.tracestate, "a")) == nil)
            let other = try Carried.routed("ModelsSnapshot")
            #expect(stub.sharing.group(other, SharingSetting.request, .init(), nanoseconds: 100_000_000) !== plain)
            #expect(stub.sharing.group(method, SharingSetting.request, .init(), nanoseconds: 99_999_999) == nil)
            stub.sharing.stop()
            #expect(group(ForwardedHeaders()) == nil)
        }
    }

    @Test func `there are 16 groups, and one that nobody is in makes room`() throws {
        try withUpstreamStub { stub in
            let method = try Carried.routed("ModelsSnapshot")
            let group = { (number: Int) in
                stub.sharing.group(
                    method,
                    SharingSetting.request,
                    try self.headers(.application, "\(number)"),
                    nanoseconds: 1_000_000_000
                )
            }
            let calls = (0..<16).map { _ in RecordingCall() }
            for number in 0..<16 { try #require(try group(number)).join(calls[number]) }
            #expect(try group(16) == nil)
            let third = try #require(try group(3))
            third.leave(calls[3])
            #expect(try group(16) != nil)
            #expect(try group(3) !== third)
            for number in 0..<16 where number != 3 { try group(number)?.leave(calls[number]) }
        }
    }
}
