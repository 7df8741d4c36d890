import Bytes
import Calls
import Contract
import HTTP
import PiecesOS
import Testing
import Transcoding

@testable import Gateway

/// What a request becomes, and what the answer.
struct RoutedMethodTests {
    private let decoder = RequestDecoder()

    private func request(_ method: String, _ payload: [UInt8]) throws -> HTTPRequest {
        let routed = try Carried.routed(method)
        return try payload.withUnsafeBytes { try routed.request($0, decoder) }
    }

    // MARK: - Requests

    @Test(arguments: [
        ("ModelsSnapshot", "GET", "/models"),
        ("StreamModelsSnapshot", "GET", "/models"),
        ("UnloadModels", "POST", "/models/unload"),
    ])
    func `a request without members is always the same`(name: String, method: String, path: String) throws {
        // Field 15 is unknown to it, and legal.
        for payload in [[], [0x78, 1]] as [[UInt8]] {
            let made = try request(name, payload)
            #expect("\(made.method)" == method)
            #expect(made.path == Array(path.utf8))
            #expect(made.body == nil)
        }
        #expect(throws: Status.self) { try request(name, [0x78]) }
    }

    @Test func `a parameter goes into the path, percent-encoded`() throws {
        let made = try request("ModelsDeleteSpecificModelCache", Array("\n\u{5}a/b c".utf8))
        #expect(made.path == Array("/models/a%2Fb%20c/delete/cache".utf8))
        #expect("\(made.method)" == "POST")
        for payload in [[], Array("\n\u{1}.".utf8), Array("\n\u{2}..".utf8)] {
            do {
                _ = try request("ModelsDeleteSpecificModel", payload)
                Issue.record("\(payload) was accepted")
            } catch let status as Status {
                #expect(status.code == .invalidArgument)
                #expect(status.reason == .badRequest)
                #expect(status.message.hasPrefix("model: "))
            }
        }
    }

    @Test func `a body is the JSON of its field, and is left out with it`() throws {
        #expect(try request("ModelsCreateNewModel", []).body == nil)
        let made = try request("ModelsCreateNewModel", [10, 0])
        #expect(made.path == Array("/models/create".utf8))
        #expect(made.body?.bytes.first == UInt8(ascii: "{"))
    }

    @Test func `a payload that takes too much memory is refused`() throws {
        let routed = try Carried.routed("ModelsDeleteSpecificModel")
        let payload: [UInt8] = [10, 0x80, 0x80, 4] + [UInt8](repeating: UInt8(ascii: "a"), count: 65_536)
        let small = RequestDecoder(memoryBudget: 10_000)
        do {
            _ = try payload.withUnsafeBytes { try routed.request($0, small) }
            Issue.record("it was accepted")
        } catch let status as Status {
            #expect(status.reason == .limitReached)
        }
    }

    // MARK: - Answers

    @Test func `only what reads one message without parameters is shared`() throws {
        let shared = try Carried.contract().methods.filter { method in
            try method.route != nil && Carried.routed(method.name).isShared
        }
        #expect(shared.map(\.name) == ["ModelsSnapshot"])
    }

    @Test func `what is wanted of an answer follows from what it is`() throws {
        #expect(try Carried.routed("ModelsSnapshot").delivery == .limitedParts)
        #expect(try Carried.routed("StreamModelsSnapshot").delivery == .parts)
        #expect(try Carried.routed("UnloadModels").delivery == .none)
        for (name, isStream) in [("ModelsSnapshot", false), ("StreamModelsSnapshot", true), ("UnloadModels", false)] {
            let stream = try Carried.routed(name).makeStream(JSONTranscoder())
            switch consume stream {
            case nil: #expect(!isStream)
            case .some: #expect(isStream)
            }
            #expect(try Carried.routed(name).isStream == isStream)
        }
    }
}
