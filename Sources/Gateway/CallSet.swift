/// Which RPCs may be called: one bit each, so that asking costs nothing.
package struct CallSet: OptionSet, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    package static let all = CallSet(rpcs: RPC.allCases)
    /// What changes nothing in Pieces OS.
    package static let read = CallSet(rpcs: [.modelsSnapshot, .streamModelsSnapshot, .cancel])

    /// Cancelling is always part of it: it ends what the same client has begun, and does nothing else.
    private init(rpcs: [RPC]) {
        self.init(rawValue: rpcs.reduce(1 << RPC.cancel.rawValue) { $0 | 1 << $1.rawValue })
    }

    /// - Parameter names: `all`, `read` or names of RPCs, with `+` between them. Anything else gives `nil`.
    package init?(_ names: some StringProtocol) {
        self = []
        for name in names.split(separator: "+", omittingEmptySubsequences: false) {
            switch name {
            case "all": formUnion(.all)
            case "read": formUnion(.read)
            default:
                guard let rpc = RPC.allCases.first(where: { $0.method.description == name }) else { return nil }
                formUnion(CallSet(rpcs: [rpc]))
            }
        }
    }

    func contains(_ rpc: RPC) -> Bool {
        rawValue & 1 << rpc.rawValue != 0
    }
}
