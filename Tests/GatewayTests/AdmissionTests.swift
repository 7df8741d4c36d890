import Testing

@testable import Gateway

@Suite struct AdmissionTests {
    private let everybody = AccessPolicy(users: [1, 2, 3])

    private func peer(_ user: UInt32) -> PeerCredentials {
        PeerCredentials(process: 1, user: user, group: 9)
    }

    @Test func `strangers do not count`() {
        var admission = Admission(maximum: 1, maximumPerUser: 1)
        #expect(admission.enter(peer(4), by: everybody, otherGroups: { [] }) == .stranger)
        #expect(admission.enter(peer(1), by: everybody, otherGroups: { [] }) == nil)
        #expect(admission.enter(peer(4), by: everybody, otherGroups: { [] }) == .stranger)
    }

    @Test func `each user has a limit, and all together have one`() {
        var admission = Admission(maximum: 3, maximumPerUser: 2)
        #expect(admission.enter(peer(1), by: everybody, otherGroups: { [] }) == nil)
        #expect(admission.enter(peer(1), by: everybody, otherGroups: { [] }) == nil)
        #expect(admission.enter(peer(1), by: everybody, otherGroups: { [] }) == .connectionsPerUser)
        #expect(admission.enter(peer(2), by: everybody, otherGroups: { [] }) == nil)
        #expect(admission.enter(peer(3), by: everybody, otherGroups: { [] }) == .connections)
        admission.leave(peer(1))
        #expect(admission.enter(peer(3), by: everybody, otherGroups: { [] }) == nil)
        #expect(admission.enter(peer(1), by: everybody, otherGroups: { [] }) == .connections)
    }

    @Test func `those whose user nobody knows have a limit of their own`() {
        var admission = Admission(maximum: 1, maximumPerUser: 1)
        let unknown = peer(PeerCredentials.unknownUser)
        let door = AccessPolicy(users: [PeerCredentials.unknownUser])
        for _ in 0..<Admission.maximumOfUnknown {
            #expect(admission.enter(unknown, by: door, otherGroups: { [] }) == nil)
        }
        #expect(admission.enter(unknown, by: door, otherGroups: { [] }) == .connectionsPerUser)
        #expect(admission.enter(peer(1), by: everybody, otherGroups: { [] }) == nil)
        admission.leave(unknown)
        #expect(admission.enter(unknown, by: door, otherGroups: { [] }) == nil)
    }
}
