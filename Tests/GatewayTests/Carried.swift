import Calls
import Contract

@testable import Gateway

/// The contract that the program carries.
enum Carried {
    static func contract() throws -> Contract { try Contract.carried() }

    /// Methods by what an `allow=` says.
    static func methods(_ names: String) throws -> MethodSet? { MethodSet(names, of: try contract()) }

    /// The method with that name.
    static func method(_ name: String) throws -> Method? { try contract().methods.first { $0.name == name } }

    /// The bytes of a request that names so; nothing is in it.
    static func withRequest<Result>(
        _ service: String,
        _ method: String,
        _ body: (CallRequest) throws -> Result
    ) rethrows -> Result {
        try Array(service.utf8).withUnsafeBytes { service in
            try Array(method.utf8).withUnsafeBytes { method in
                try body(
                    CallRequest(
                        key: CallKey(1),
                        service: service,
                        method: method,
                        payload: UnsafeRawBufferPointer(start: nil, count: 0),
                        metadata: RequestMetadata(),
                        timeout: .unspecified
                    )
                )
            }
        }
    }
}
