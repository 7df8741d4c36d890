import Calls

extension Budget.Thing {
    /// A client loses its newest call.
    static func calls(limit: Int) -> Self {
        Self(
            weight: { Double($0.callCount) },
            take: { client in
                client.failNewestCall(.tooManyCallsOfAll(limit: limit))
                return 1
            }
        )
    }

    /// A client that sends a large frame has much for a moment only: what counts is also how long nothing has come.
    static let unfinishedFrames = Self(
        weight: { $0.unfinishedWeight },
        take: { client in
            let count = client.unfinishedByteCount
            client.close(
                because: "frames that clients have begun take too much memory, and it has the most for longest"
            )
            return count
        }
    )

    /// A client that reads has much for a moment only. One that is broken off already has nothing that counts.
    static let unreadAnswers = Self(
        weight: { $0.unreadWeight },
        take: { client in
            client.breakOff("answers that clients leave unread take too much memory, and it has the most for longest")
        }
    )
}
