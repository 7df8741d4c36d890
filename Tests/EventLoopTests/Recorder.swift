@testable import EventLoop

/// Everything that a stream says, in a form that can be compared.
final class Recorder {
    private(set) var received: [UInt8] = []
    private(set) var ends: [LoopError?] = []
    private(set) var drains = 0

    var text: String { String(decoding: received, as: UTF8.self) }

    /// - Parameter then: what the test does besides, inside the callback.
    func events(
        onReceive: @escaping () -> Void = {},
        onEnd: @escaping () -> Void = {}
    ) -> ByteStream.Events {
        .init(
            received: { [self] in
                received += $0
                onReceive()
            },
            ended: { [self] in
                ends.append($0)
                onEnd()
            },
            drained: { [self] in drains += 1 }
        )
    }
}

extension LoopError {
    static let brokenPipe = LoopError.system(32)
    static let connectionReset = LoopError.system(104)
}
