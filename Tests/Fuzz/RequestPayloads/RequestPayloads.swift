import Bytes
import Calls
import Contract
import FuzzSupport
import HTTP
import TTRPC
import Transcoding

@testable import Gateway

@MainActor private let decoder = RequestDecoder(memoryBudget: 1 << 20)
@MainActor private let poorDecoder = RequestDecoder(memoryBudget: 1 << 10)
@MainActor private let methods = routedMethods()

private func routedMethods() -> [RoutedMethod] {
    do {
        let contract = try Contract.carried()
        let schemas = Schemas(contract)
        return try contract.methods.compactMap { method in
            try method.route.map { try RoutedMethod(method, $0, schemas) }
        }
    } catch {
        preconditionFailure("the contract cannot be used: \(error)")
    }
}

/// The payload of each call: refused as the client's fault, or the HTTP request that it asks for and no other.
@MainActor @_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRequestPayloads(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let input = FuzzInput(data, count) else { return -1 }
    let method = methods[input.control % methods.count]
    input.withCopy(of: input.bytes.indices, padding: 0) { payload in
        do throws(Status) {
            let request = try method.request(payload, decoder)
            check(request, of: method.method.name)
            checkPoor(method, payload, request)
        } catch {
            let isTooMuch = error.code == .resourceExhausted
            demand(isTooMuch || error.code == .invalidArgument, "a bad payload ends in \(error)")
            demand(!error.message.isEmpty, "a bad payload ends without a word")
        }
    }
    return 0
}

/// The path has nothing in it that could end it early or lead elsewhere.
private func check(_ request: HTTPRequest, of method: String) {
    let suffix: StaticString
    let slashes: Int
    switch method {
    case "ModelsDeleteSpecificModel": (suffix, slashes) = ("/delete", 3)
    case "ModelsDeleteSpecificModelCache": (suffix, slashes) = ("/delete/cache", 4)
    case "ModelsCreateNewModel": (suffix, slashes) = ("/create", 2)
    case "UnloadModels": (suffix, slashes) = ("/unload", 2)
    default: (suffix, slashes) = ("/models", 1)
    }
    let text = String(decoding: request.path, as: UTF8.self)
    demand(text.hasPrefix("/models") && text.hasSuffix(suffix.description), "another path: \(text)")
    demand(request.path.count { $0 == UInt8(ascii: "/") } == slashes, "a path of other segments: \(text)")
    demand(!text.contains("/../") && !text.contains("/./") && !text.contains("//"), "a path that leads away: \(text)")
    let isSafe = request.path.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "-._~%/".utf8.contains(byte)
        }
    }
    demand(isSafe, "a path with more than a path's characters: \(text)")
}

/// With hardly any memory the outcome is the same, or that there is too little.
@MainActor private func checkPoor(_ method: RoutedMethod, _ payload: UnsafeRawBufferPointer, _ rich: HTTPRequest) {
    do throws(Status) {
        let request = try method.request(payload, poorDecoder)
        demand(request.path == rich.path && hasSameBody(request, rich), "the request depends on the memory there is")
    } catch {
        demand(error.code == .resourceExhausted, "with little memory a good payload ends in \(error)")
    }
}

private func hasSameBody(_ left: HTTPRequest, _ right: HTTPRequest) -> Bool {
    left.body.map { Array($0.bytes) } == right.body.map { Array($0.bytes) }
}
