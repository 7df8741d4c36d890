import Bytes
import Calls
import GRPC

/// One stream of questions about the contract.
final class ReflectionStream {
    private let reflection: Reflection
    private let serving: Serving
    /// Names of the files that it has had.
    private var sent: Set<String> = []
    private var call: (any LocalCall)?

    /// - Parameter serving: says when it is over.
    init(_ reflection: Reflection, _ serving: Serving) {
        self.reflection = reflection
        self.serving = serving
    }

    /// The call, to be ended.
    private func takeCall() -> (any LocalCall)? {
        defer { call = nil }
        serving.leave(self)
        return call
    }

    private func answer(_ message: UnsafeRawBufferPointer) throws(Status) -> [UInt8] {
        do throws(ProtobufProblem) {
            return reflection.answer(try ReflectionRequest(message), sent: &sent)
        } catch {
            throw Status(error)
        }
    }
}

extension ReflectionStream: RequestStream {
    func begin(_ call: any LocalCall) {
        self.call = call
        serving.watch(self, asking: false)
    }

    func received(_ message: UnsafeRawBufferPointer) {
        do throws(Status) {
            let answer = try answer(message)
            guard ServerSession.fits(payload: answer.count) else { throw .echoTooLarge }
            answer.withUnsafeBytes { call?.send($0) }
        } catch {
            takeCall()?.fail(error)
        }
    }

    func endOfRequest() {
        takeCall()?.complete()
    }

    func leave(_ call: any SharingCall) {
        _ = takeCall()
    }
}

extension ReflectionStream: ServingAsker {
    func told(_ answer: Serving.Answer) {
        if answer == .shuttingDown { takeCall()?.fail(.shuttingDown) }
    }
}

extension Status {
    fileprivate static let echoTooLarge = Status(
        .resourceExhausted,
        .answerTooLarge,
        "the answer, which repeats the request, has more than \(ServerSession.maximumMessageLength) bytes"
    )
}
