import Calls
import Contract

/// A client, as the dispatcher of its calls sees it.
protocol CallingClient: Client, CallOwner {
    /// What may be called over its socket.
    var allowedMethods: MethodSet { get }
    /// It takes no more calls, because the gateway is to stop.
    var isDraining: Bool { get }
    /// Its protocol has a frame that cancels a call.
    var cancelsByFrame: Bool { get }
    var peer: PeerCredentials { get }
    var socket: ListeningSocket { get }

    /// Takes in a call that is about to start.
    func begin(_ call: Call, _ key: CallKey)
    /// Ends a call, if it is in flight, because the client says so.
    func cancel(_ key: CallKey)
    /// Answers a call that was carried out at once.
    func complete(_ key: CallKey, _ payload: UnsafeRawBufferPointer)
}
