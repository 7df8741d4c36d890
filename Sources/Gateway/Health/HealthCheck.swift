import Calls

/// One call that asks for health once.
final class HealthCheck {
    private let serving: Serving
    private let payload: (ServingStatus) -> [UInt8]
    private var call: (any LocalCall)?

    init(_ serving: Serving, _ payload: @escaping (ServingStatus) -> [UInt8]) {
        self.serving = serving
        self.payload = payload
    }
}

extension HealthCheck: LocalWork {
    func begin(_ call: any LocalCall) {
        self.call = call
        serving.ask(self)
    }

    func leave(_ call: any SharingCall) {
        self.call = nil
        serving.leave(self)
    }
}

extension HealthCheck: ServingAsker {
    func told(_ answer: Serving.Answer) {
        guard let call else { return }
        self.call = nil
        payload(ServingStatus(answer)).withUnsafeBytes { call.complete(Payload(lent: $0)) }
    }
}
