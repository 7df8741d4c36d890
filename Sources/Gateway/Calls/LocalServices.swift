import Calls
import Contract
import Transcoding

/// The methods that the gateway carries out itself.
final class LocalServices {
    /// Answers a request at once, or says what is wrong with it.
    typealias Answer = (CallRequest, any CallingClient) throws(Status) -> [UInt8]
    /// What carries a request out, or what is wrong with it.
    typealias Preparation = (CallRequest, any CallingClient) throws(Status) -> any LocalWork

    enum Handler {
        case atOnce(Answer)
        /// Later, or with a stream of messages.
        case work(Preparation)
    }

    /// By the index of their method.
    private var handlers: [Handler?]
    private let contract: Contract

    init(_ contract: Contract) {
        self.contract = contract
        handlers = Array(repeating: nil, count: contract.methods.count)
    }

    /// Has a method of the contract carried out so. A contract without the method does without.
    func handle(_ service: StaticString, _ method: StaticString, _ handler: Handler) {
        let found = contract.methods.first { $0.service == service.description && $0.name == method.description }
        if let found { handlers[found.index] = handler }
    }

    func handler(of request: CallRequest, _ method: Method) throws(Status) -> Handler {
        guard let handler = handlers[method.index] else { throw .unknown(request, in: contract) }
        return handler
    }
}
