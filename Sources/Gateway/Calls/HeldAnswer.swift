import Bytes
import Calls

/// An answer that others have as well, and that waits until its client has read what came before it.
final class HeldAnswer {
    let payload: Payload
    private let held: HeldBytes
    private var owner: SharedBytes?

    /// - Parameter owner: of the payload.
    init(_ payload: Payload, of owner: SharedBytes, countingIn held: HeldBytes) {
        self.payload = payload
        self.owner = owner
        self.held = held
        _ = held.hold(owner)
    }

    /// Its memory counts no longer.
    func release() {
        if let owner { held.release(owner) }
        owner = nil
    }

    deinit { release() }
}

extension HeldAnswer: SharedSource {
    var requestSent: Bool { true }
    var httpStatus: Int? { 200 }

    func leave(_ call: any SharingCall) {}
}
