import Contract
import Testing

@testable import Gateway

@Suite struct ListenSpecificationTests {
    private static func parse(_ text: String) throws -> ListenSpecification {
        try ListenSpecification(parsing: text, Carried.contract())
    }

    private static func specification(_ path: String) throws -> ListenSpecification {
        try ListenSpecification(path: path, Carried.contract())
    }

    @Test func `every key is read`() throws {
        let text = "path=/run/x/ro.sock,mode=0660,group=staff,allow=read,uid=1000,uid=1001,gid=50"
        let specification = try Self.parse(text)
        var expected = try Self.specification("/run/x/ro.sock")
        expected.mode = 0o660
        expected.group = "staff"
        expected.methods = try #require(try Carried.methods("read"))
        expected.users = [1000, 1001]
        expected.groups = [50]
        #expect(specification == expected)
        #expect(
            specification.policy(owner: 7)
                == AccessPolicy(users: [7, 1000, 1001], groups: [50], methods: expected.methods)
        )
    }

    @Test func `a path is enough, and may hold a sign of equality`() throws {
        let specification = try Self.parse("path=a=b")
        #expect(try specification == Self.specification("a=b"))
        #expect(specification.mode == 0o600)
        #expect(try specification.methods == .all(of: Carried.contract()))
    }

    @Test func `a path has 107 bytes at most`() throws {
        let longest = String(repeating: "é", count: 53) + "x"
        #expect(try Self.parse("path=\(longest)").path == longest)
        #expect(throws: ListenSpecificationError.self) { try Self.parse("path=\(longest)x") }
    }

    @Test(arguments: [
        "", ",", "path", "path=", "=", "path=/x,", "mode=600", "path=/x,mode=888", "path=/x,mode=1000",
        "path=/x,uid=+1", "path=/x,uid=4294967295", "path=/x,uid=1,uid=1", "path=/x,path=/y", "path=/x,Mode=600",
        "path=/x,allow=nothing", "path=/x,group=a,group=b", "path=/x,gid=١", "path=/\u{0}", "path=@x",
    ])
    func `what cannot be used is refused`(text: String) {
        #expect(throws: ListenSpecificationError.self) { try Self.parse(text) }
    }
}
