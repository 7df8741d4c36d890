import EventLoop
import FuzzSupport
public import Glibc

@testable import PiecesOS

/// What `--upstream` and `--listen` may say: refused with a sentence, or a location that its own description leads to
/// again.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzLocations(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // What is on a command line has no NUL in it and, here, is text.
    guard let input = FuzzInput(data, count), !input.bytes.contains(0),
        let text = String(validating: input.bytes, as: UTF8.self)
    else { return -1 }
    ListenCheck.check(text)
    do throws(UpstreamLocationError) {
        let location = try UpstreamLocation(parsing: text)
        guard case .endpoint(let endpoint) = location else {
            demand(text == "auto", "'\(text)' is taken for auto")
            return 0
        }
        check(endpoint)
        let again = try UpstreamLocation(parsing: location.description)
        // The description names the port also where the text did not, so that Host may differ.
        guard case .endpoint(let other) = again else {
            demand(false, "'\(location)' leads elsewhere")
            return 0
        }
        demand(other.addresses == endpoint.addresses, "'\(location)' leads elsewhere")
        demand(again.description == location.description, "'\(location)' is described in two ways")
    } catch {
        demand(!error.description.isEmpty, "a location is refused without a word")
    }
    return 0
}

private func check(_ endpoint: Endpoint) {
    demand(!endpoint.addresses.isEmpty, "an endpoint without an address")
    demand(!endpoint.authority.isEmpty, "an endpoint without an authority")
    demand(endpoint.authority.allSatisfy { 0x21...0x7E ~= $0 }, "an authority that would end its header line")
    for address in endpoint.addresses {
        switch address {
        case .internet(_, let port): demand(port > 0, "port 0")
        case .unix(let path): demand(1...SocketAddress.maximumPathLength ~= path.utf8.count, "a path that does not fit")
        }
    }
}

private typealias Resolver =
    @convention(c) (
        UnsafePointer<CChar>?, UnsafePointer<CChar>?, UnsafePointer<addrinfo>?,
        UnsafeMutablePointer<UnsafeMutablePointer<addrinfo>?>?
    ) -> CInt

private let resolver = unsafeBitCast(dlsym(UnsafeMutableRawPointer(bitPattern: -1), "getaddrinfo"), to: Resolver.self)

/// Stands before the system's own: takes addresses, and asks nobody about names.
@_cdecl("getaddrinfo")
public func resolveLiterally(
    _ host: UnsafePointer<CChar>?,
    _ service: UnsafePointer<CChar>?,
    _ hints: UnsafePointer<addrinfo>?,
    _ result: UnsafeMutablePointer<UnsafeMutablePointer<addrinfo>?>?
) -> CInt {
    var hints = hints?.pointee ?? addrinfo()
    hints.ai_flags |= AI_NUMERICHOST
    return resolver(host, service, &hints, result)
}
