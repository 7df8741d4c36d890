import Calls

@testable import Gateway

/// Does with requests what the test says, and keeps what became of calls.
final class FakeDispatcher: CallDispatcher {
    struct Request: Equatable {
        let key: UInt32
        let method: String
        let payload: [UInt8]
    }

    struct Ended: Equatable {
        let key: UInt32
        let code: Status.Code
    }

    private(set) var requests: [Request] = []
    private(set) var ended: [Ended] = []
    private(set) var refusals: [Status.Reason] = []
    var keepsOthersWaiting = false
    private(set) var isHeldBack = false
    var carryOut: (CallRequest, any CallingClient) throws(Status) -> Void = { _, _ in }

    func dispatch(_ request: CallRequest, for client: any CallingClient) throws(Status) {
        let method = String(decoding: request.method, as: UTF8.self)
        requests.append(Request(key: request.key.rawValue, method: method, payload: Array(request.payload)))
        try carryOut(request, client)
    }

    func ended(_ call: Call, _ code: Status.Code, _ reason: Status.Reason?, for client: any CallingClient) {
        ended.append(Ended(key: call.key.rawValue, code: code))
    }

    func refused(_ reason: Status.Reason) {
        refusals.append(reason)
    }

    func keepsWaiting(othersThan client: AnyObject, for milliseconds: UInt64) -> Bool { keepsOthersWaiting }

    func holdBack(_ client: AnyObject) {
        isHeldBack = true
    }

    func goOn(for client: AnyObject) {
        isHeldBack = false
    }
}
