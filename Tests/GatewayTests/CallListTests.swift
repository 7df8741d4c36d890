import Calls
import Testing

@testable import Gateway

struct CallListTests {
    private final class Call: SharingCall {
        var place = 0

        func isCarried(by source: any SharedSource) {}
        func complete(_ payload: Payload) {}
        func fail(_ status: Status) {}
    }

    /// Lends a list of so many calls, and the calls in the order in which they went in.
    private func withList(of count: Int, _ body: (inout CallList, [Call]) throws -> Void) throws {
        let calls = (0..<count).map { _ in Call() }
        var list = CallList()
        for call in calls { list.append(call) }
        try body(&list, calls)
    }

    private func rest(of list: inout CallList, in calls: [Call]) -> [Int] {
        var places: [Int] = []
        while let call = list.popFirst() {
            if let place = calls.firstIndex(where: { $0 === call }) { places.append(place) }
        }
        return places
    }

    @Test func `calls are taken out in the order in which they came`() throws {
        try withList(of: 4) { list, calls in
            #expect(list.popFirst() === calls[0])
            #expect(list.map { $0 === calls[1] } == [true, false, false])
            #expect(rest(of: &list, in: calls) == [1, 2, 3])
            #expect(list.isEmpty)
            #expect(list.popFirst() == nil)
        }
    }

    @Test func `whichever is removed behind those that were taken out, the others stay`() throws {
        for (removed, others) in [(2, [5, 3, 4]), (3, [2, 5, 4]), (5, [2, 3, 4])] {
            try withList(of: 6) { list, calls in
                _ = list.popFirst()
                _ = list.popFirst()
                list.remove(calls[removed])
                #expect(rest(of: &list, in: calls) == others)
            }
        }
    }

    @Test func `a list is empty when the last is removed, and begins anew when all are`() throws {
        try withList(of: 3) { list, calls in
            _ = list.popFirst()
            list.remove(calls[1])
            #expect(!list.isEmpty)
            list.remove(calls[2])
            #expect(list.isEmpty)
            list.removeAll()
            list.append(calls[1])
            #expect(calls[1].place == 0)
            #expect(list.popFirst() === calls[1])
            #expect(list.isEmpty)
        }
    }
}
