import HTTP
import Testing

@testable import PiecesOS

struct WaitingQueueTests {
    private final class Client {}

    /// Exchanges do not hold their receiver.
    private let receiver = RecordingReceiver()

    private func exchange(of client: Client, model: String = "") throws -> Exchange {
        let exchange = Exchange(receiver: receiver)
        let request =
            model.isEmpty ? .snapshot : HTTPRequest(method: "POST", path: Array("/models/\(model)/delete".utf8))
        exchange.prepare(request, forwarding: ForwardedHeaders(), delivery: .none, for: client)
        return exchange
    }

    @Test func `clients are served in turn, each in the order of its calls`() throws {
        var queue = WaitingQueue()
        let (much, little) = (Client(), Client())
        let first = try (0..<4).map { _ in try exchange(of: much) }
        let second = try (0..<2).map { _ in try exchange(of: little) }
        for exchange in first + second { queue.append(exchange) }
        let order = [first[0], second[0], first[1], second[1], first[2], first[3]]
        for exchange in order { #expect(queue.removeNext() === exchange) }
        #expect(queue.isEmpty)
        #expect(queue.total.count == 0)
    }

    @Test func `who waits is served, however many come anew`() throws {
        var queue = WaitingQueue()
        let patient = Client()
        let last = try exchange(of: patient)
        queue.append(try exchange(of: patient))
        queue.append(try exchange(of: patient))
        queue.append(last)
        var newcomers: [Client] = []
        for _ in 0..<20 {
            newcomers += [Client(), Client()]
            for client in newcomers.suffix(2) { queue.append(try exchange(of: client)) }
            if queue.removeNext() === last { return }
        }
        Issue.record("it waits for ever")
    }

    @Test func `who is held back is not served, counts all the same, and then stands behind the others`() throws {
        var queue = WaitingQueue()
        let (slow, quick) = (Client(), Client())
        let held = try (0..<4).map { _ in try exchange(of: slow, model: "m") }
        let served = try (0..<2).map { _ in try exchange(of: quick) }
        for exchange in held[...1] { queue.append(exchange) }
        queue.append(served[0])
        queue.holdBack(ObjectIdentifier(slow))
        queue.append(held[2])
        queue.insertFirst(held[3])
        #expect(queue.total.count == 5)
        #expect(queue.count == 1)
        #expect(!queue.holds(anyBut: ObjectIdentifier(quick), since: 0))
        #expect(queue.holds(anyBut: ObjectIdentifier(slow), since: 0))
        #expect(queue.client(withMost: \.count, 1, besides: served[1]) == ObjectIdentifier(slow))
        #expect(queue.removeLast(of: ObjectIdentifier(slow)) === held[2])
        queue.remove(held[0])
        #expect(queue.removeNext() === served[0])
        #expect(queue.removeNext() == nil)
        #expect(queue.isEmpty)
        queue.append(served[1])
        queue.goOn(for: ObjectIdentifier(slow), at: 7)
        #expect(held[1].arrival == 7)
        for exchange in [served[1], held[3], held[1]] { #expect(queue.removeFirst() === exchange) }
        #expect(queue.total.count == 0)
        #expect(queue.total.size == 0)
    }

    @Test func `all that is held back is among what is removed together`() throws {
        var queue = WaitingQueue()
        let client = Client()
        let held = try exchange(of: client)
        queue.holdBack(ObjectIdentifier(client))
        queue.append(held)
        #expect(queue.removeAll().map(ObjectIdentifier.init) == [ObjectIdentifier(held)])
        #expect(queue.total.count == 0)
    }

    @Test func `how long others than a client have waited counts from when their exchanges came`() throws {
        var queue = WaitingQueue()
        let (one, other) = (Client(), Client())
        for (client, time) in [(one, 5), (other, 20), (other, 10)] as [(Client, UInt64)] {
            let exchange = try exchange(of: client)
            exchange.arrival = time
            queue.append(exchange)
        }
        #expect(!queue.holds(anyBut: ObjectIdentifier(one), since: 9))
        #expect(queue.holds(anyBut: ObjectIdentifier(one), since: 10))
        #expect(!queue.holds(anyBut: ObjectIdentifier(other), since: 4))
        #expect(queue.holds(anyBut: ObjectIdentifier(other), since: 5))
    }

    @Test func `only who has more than a newcomer would have makes room`() throws {
        var queue = WaitingQueue()
        let (much, little) = (Client(), Client())
        let calls = try (0..<3).map { _ in try exchange(of: much, model: "m") }
        for call in calls { queue.append(call) }
        let newcomer = try exchange(of: little, model: "m")
        #expect(queue.client(withMost: \.count, 1, besides: newcomer) == ObjectIdentifier(much))
        #expect(queue.client(withMost: \.count, 2, besides: newcomer) == ObjectIdentifier(much))
        #expect(queue.client(withMost: \.count, 3, besides: newcomer) == nil)
        #expect(queue.client(withMost: \.count, 1, besides: try exchange(of: much)) == nil)
        #expect(queue.removeLast(of: ObjectIdentifier(much)) === calls[2])
        #expect(queue.total.size == calls[0].size + calls[1].size)
    }

    @Test func `what is unwritten counts with what is in the queue, and only what waits makes room`() throws {
        var queue = WaitingQueue()
        let unwritten = UnwrittenRequests()
        let (much, little) = (Client(), Client())
        let newcomer = try exchange(of: little, model: "m")
        let size = newcomer.size
        let waiting = try exchange(of: much, model: "m")
        queue.append(waiting)
        #expect(queue.client(withMost: \.size, size, besides: newcomer, also: unwritten) == nil)
        unwritten.add(size, of: ObjectIdentifier(much))
        #expect(queue.client(withMost: \.size, size, besides: newcomer, also: unwritten) == ObjectIdentifier(much))
        #expect(queue.client(withMost: \.size, size + 1, besides: newcomer, also: unwritten) == nil)
        unwritten.add(size, of: ObjectIdentifier(little))
        #expect(queue.client(withMost: \.size, size, besides: newcomer, also: unwritten) == nil)
        unwritten.remove(size, of: ObjectIdentifier(little))
        #expect(unwritten.size == size)
        #expect(unwritten.size(of: ObjectIdentifier(little)) == 0)
    }
}
