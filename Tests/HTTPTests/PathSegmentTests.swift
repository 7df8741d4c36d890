import Testing

@testable import HTTP

struct PathSegmentTests {
    @Test(arguments: [
        ("11111111-2222-4333-8444-555555555555", "11111111-2222-4333-8444-555555555555"),
        ("AZaz09-._~", "AZaz09-._~"),
        ("a/b?c#d %2F é", "a%2Fb%3Fc%23d%20%252F%20%C3%A9"),
        ("...", "..."),
        (".a", ".a"),
        ("%2e%2e", "%252e%252e"),
        ("a\r\nHost: b", "a%0D%0AHost%3A%20b"),
        ("\u{1F600}", "%F0%9F%98%80"),
        (":@!$&'()*+,;=[]", "%3A%40%21%24%26%27%28%29%2A%2B%2C%3B%3D%5B%5D"),
        (" ", "%20"),
        ("\u{7F}", "%7F"),
    ])
    func `an id is one segment, whatever is in it`(id: String, encoded: String) throws {
        var path = Array("/models/".utf8)
        try path.append(pathSegment: id)
        #expect(String(decoding: path, as: UTF8.self) == "/models/\(encoded)")
    }

    @Test(arguments: [("", PathSegmentError.empty), (".", .dots), ("..", .dots)])
    func `an id that would name another resource is refused`(id: String, error: PathSegmentError) {
        var path: [UInt8] = []
        #expect(throws: error) { try path.append(pathSegment: id) }
        #expect(path.isEmpty)
    }
}
