import Calls
import FuzzSupport
import PiecesOS
import TTRPC
import Transcoding

@testable import Gateway

@MainActor private let decoder = RequestDecoder(memoryBudget: 1 << 20)
@MainActor private let poorDecoder = RequestDecoder(memoryBudget: 1 << 10)

/// The payload of each call: refused as the client's fault, or the HTTP request that it asks for and no other.
@MainActor @_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRequestPayloads(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let input = FuzzInput(data, count) else { return -1 }
    let rpc = RPC.allCases[input.control % RPC.allCases.count]
    input.withCopy(of: input.bytes.indices, padding: 0) { payload in
        if rpc == .cancel {
            _ = try? decoder.withMessage(payload, as: .cancelRequest) { $0.uint32("stream_id") }
            return
        }
        do throws(Status) {
            let request = try rpc.request(payload, decoder)
            check(request, of: rpc)
            checkPoor(rpc, payload, request)
        } catch {
            let isTooMuch = error.code == .resourceExhausted
            demand(isTooMuch || error.code == .invalidArgument, "a bad payload ends in \(error)")
            demand(!error.message.isEmpty, "a bad payload ends without a word")
        }
    }
    return 0
}

/// The path has nothing in it that could end it early or lead elsewhere.
private func check(_ request: HTTPRequest, of rpc: RPC) {
    let suffix: StaticString
    let slashes: Int
    switch rpc {
    case .modelsDeleteSpecificModel: (suffix, slashes) = ("/delete", 3)
    case .modelsDeleteSpecificModelCache: (suffix, slashes) = ("/delete/cache", 4)
    case .modelsCreateNewModel: (suffix, slashes) = ("/create", 2)
    case .unloadModels: (suffix, slashes) = ("/unload", 2)
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
@MainActor private func checkPoor(_ rpc: RPC, _ payload: UnsafeRawBufferPointer, _ rich: HTTPRequest) {
    do throws(Status) {
        let request = try rpc.request(payload, poorDecoder)
        demand(request.path == rich.path && request.body == rich.body, "the request depends on the memory there is")
    } catch {
        demand(error.code == .resourceExhausted, "with little memory a good payload ends in \(error)")
    }
}
