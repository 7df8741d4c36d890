import Calls

/// One call that is told of health whenever it changes.
final class HealthWatch {
    private let serving: Serving
    /// The health of others never changes.
    private let isKnown: Bool
    private var call: (any LocalCall)?
    private var lastSent: ServingStatus?

    init(_ serving: Serving, isKnown: Bool) {
        self.serving = serving
        self.isKnown = isKnown
    }

    private func send(_ status: ServingStatus) {
        // To a client that does not read goes what holds when it does.
        guard let call, status != lastSent, !call.isPaused else { return }
        lastSent = status
        status.response.withUnsafeBytes { call.send($0) }
    }
}

extension HealthWatch: LocalWork {
    func begin(_ call: any LocalCall) {
        self.call = call
        if !isKnown { send(.serviceUnknown) }
        serving.watch(self, asking: isKnown)
    }

    func leave(_ call: any SharingCall) {
        self.call = nil
        serving.leave(self)
    }
}

extension HealthWatch: ServingAsker {
    func told(_ answer: Serving.Answer) {
        if isKnown { send(ServingStatus(answer)) }
        guard answer == .shuttingDown, let call else { return }
        self.call = nil
        serving.leave(self)
        call.fail(.shuttingDown)
    }
}
