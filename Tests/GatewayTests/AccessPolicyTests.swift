import Contract
import Testing

@testable import Gateway

@Suite struct AccessPolicyTests {
    private func peer(_ user: UInt32, _ group: UInt32 = 9) -> PeerCredentials {
        PeerCredentials(process: 1, user: user, group: group)
    }

    private func isAdmitted(by policy: AccessPolicy, _ peer: PeerCredentials, alsoIn groups: [UInt32] = []) -> Bool {
        policy.admits(peer, otherGroups: { groups })
    }

    @Test func `the owner and root are let in, and nobody else`() {
        let policy = AccessPolicy(users: [1000])
        #expect(isAdmitted(by: policy, peer(0)))
        #expect(isAdmitted(by: policy, peer(1000)))
        #expect(!isAdmitted(by: policy, peer(1001)))
        #expect(!isAdmitted(by: policy, peer(1001, 0)))
    }

    @Test func `users and groups that are named are let in too`() {
        let policy = AccessPolicy(users: [1000, 1001], groups: [50])
        #expect(isAdmitted(by: policy, peer(1001)))
        #expect(isAdmitted(by: policy, peer(7, 50)))
        #expect(!isAdmitted(by: policy, peer(50, 1001)))
    }

    @Test func `a group that is named lets in whoever has it beside the primary one`() {
        let policy = AccessPolicy(users: [1000], groups: [50, 51])
        #expect(isAdmitted(by: policy, peer(7), alsoIn: [4, 51]))
        #expect(!isAdmitted(by: policy, peer(7), alsoIn: [4, 1000]))
    }

    @Test func `nobody is asked for other groups where they do not decide`() {
        for (policy, peer) in [
            (AccessPolicy(users: [1000]), peer(7)),
            (AccessPolicy(users: [1000], groups: [50]), peer(0)),
            (AccessPolicy(users: [1000], groups: [50]), peer(1000)),
            (AccessPolicy(users: [1000], groups: [50]), peer(7, 50)),
        ] {
            var isAsked = false
            _ = policy.admits(
                peer,
                otherGroups: {
                    isAsked = true
                    return []
                }
            )
            #expect(!isAsked)
        }
    }

    @Test func `cancelling is always allowed`() throws {
        let cancel = try #require(try Carried.method("Cancel"))
        for names in ["all", "read", "UnloadModels", "Cancel"] {
            #expect(try #require(try Carried.methods(names)).contains(cancel))
        }
    }

    @Test func `reading is the two snapshots, the status, the health and the reflection`() throws {
        let read = [
            "ModelsSnapshot", "StreamModelsSnapshot", "Cancel", "Status", "Check", "List", "Watch",
            "ServerReflectionInfo",
        ]
        let contract = try Carried.contract()
        for method in contract.methods {
            #expect(MethodSet("read", of: contract)?.contains(method) == read.contains(method.name))
            #expect(MethodSet.all(of: contract).contains(method))
        }
    }

    @Test func `names are joined`() throws {
        let contract = try Carried.contract()
        #expect(
            try Carried.methods("ModelsSnapshot+StreamModelsSnapshot+Status+Check+List+Watch+ServerReflectionInfo")
                == Carried.methods("read")
        )
        let all = contract.methods.map(\.name).joined(separator: "+")
        #expect(MethodSet(all, of: contract) == .all(of: contract))
    }

    @Test(arguments: ["allow=all", "allow=read", "allow=UnloadModels", "allow=Status+UnloadModels", "allow=Cancel"])
    func `a policy says of itself what it was made of`(text: String) throws {
        let contract = try Carried.contract()
        let methods = try #require(MethodSet(text.dropFirst("allow=".count), of: contract))
        let policy = AccessPolicy(users: [0, 1000], groups: [50], methods: methods)
        #expect(policy.text(contract) == text + ",uid=0,uid=1000,gid=50")
    }

    @Test(arguments: ["", "+", "read+", "Read", "unloadModels", "read all"])
    func `what names nothing is refused`(names: String) throws {
        #expect(try Carried.methods(names) == nil)
    }
}
