import Testing

@testable import Gateway

struct BudgetTests {
    private let register = ClientRegister()

    private func clients(_ unread: Int...) -> [FakeClient] {
        unread.enumerated().map { number, unread in
            let client = FakeClient(process: Int32(number))
            client.unreadByteCount = unread
            register.add(client)
            return client
        }
    }

    /// Of unread bytes, of which a client gives up a part.
    private func budget(takes part: Int) -> Budget {
        Budget(
            1_000,
            Budget.Thing(
                weight: { $0.unreadWeight },
                take: { client in
                    (client as? FakeClient)?.unreadByteCount -= part
                    return part
                }
            ),
            of: register
        )
    }

    @Test func `the client with the most pays, and the next when that is not enough`() {
        let clients = clients(10, 500, 300)
        budget(takes: 500).takeBack(1)
        #expect(clients.map(\.unreadByteCount) == [10, 0, 300])
        budget(takes: 250).takeBack(251)
        #expect(clients.map(\.unreadByteCount) == [10, 0, -200])
    }

    @Test func `nobody pays where there is no excess`() {
        let clients = clients(10, 500, 300)
        for excess in [0, -1] { budget(takes: 500).takeBack(excess) }
        #expect(clients.map(\.unreadByteCount) == [10, 500, 300])
    }

    @Test func `taking back ends when nobody has anything`() {
        let clients = clients(10, 20)
        budget(takes: 20).takeBack(1_000)
        #expect(clients.map(\.unreadByteCount) == [-10, 0])
    }

    @Test func `what weighs is not only how much`() {
        let clients = clients(100, 200)
        clients[0].age = 3
        budget(takes: 100).takeBack(1)
        #expect(clients.map(\.unreadByteCount) == [0, 200])
    }

    @Test func `room is made by a client that has more than the newcomer would have`() {
        let clients = clients(5, 6, 2)
        let budget = budget(takes: 1)
        #expect(!budget.makeRoom(for: clients[0]))
        #expect(clients.map(\.unreadByteCount) == [5, 6, 2])
        clients[1].unreadByteCount = 7
        budget.grows(clients[1])
        #expect(budget.makeRoom(for: clients[0]))
        #expect(clients.map(\.unreadByteCount) == [5, 6, 2])
    }

    @Test func `room is made for nobody by itself`() {
        let clients = clients(5, 7)
        #expect(!budget(takes: 1).makeRoom(for: clients[1]))
    }

    @Test func `those within an eighth of the most pay before all are looked at again`() {
        let clients = clients(1_000, 880, 870, 0)
        let budget = budget(takes: 1)
        for _ in 0..<132 { #expect(budget.makeRoom(for: clients[3])) }
        // 875 is an eighth less than 1,000.
        #expect(clients.map(\.unreadByteCount) == [874, 874, 870, 0])
        #expect(clients[2].looks == 2)
        #expect(budget.makeRoom(for: clients[3]))
        #expect(clients[2].looks > 2)
    }

    @Test func `a client that has gone pays nothing`() {
        let clients = clients(1_000, 900, 0)
        let budget = budget(takes: 1)
        #expect(budget.makeRoom(for: clients[2]))
        register.remove(clients[0])
        budget.forget()
        for _ in 0..<200 { #expect(budget.makeRoom(for: clients[2])) }
        #expect(clients[0].unreadByteCount >= 999)
        #expect(clients[1].unreadByteCount <= 700)
    }

    @Test func `a client that has come to have the most is found`() {
        let clients = clients(1_000, 10, 0)
        let budget = budget(takes: 1)
        #expect(budget.makeRoom(for: clients[2]))
        clients[0].unreadByteCount = 0
        clients[1].unreadByteCount = 2_000
        budget.grows(clients[1])
        #expect(budget.makeRoom(for: clients[2]))
        #expect(clients[1].unreadByteCount == 1_999)
    }
}
