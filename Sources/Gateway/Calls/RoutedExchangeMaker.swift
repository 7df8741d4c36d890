import EventLoop
import PiecesOS
import Transcoding

/// Makes exchanges that have in common what they are made with: the transcoder, and the memory for what arrives.
final class RoutedExchangeMaker {
    private let loop: Loop
    private let upstream: Upstream
    private let transcoder = JSONTranscoder()
    private let memory: AnswerMemory

    init(_ loop: Loop, _ upstream: Upstream, _ memory: AnswerMemory = AnswerMemory()) {
        self.memory = memory
        self.loop = loop
        self.upstream = upstream
    }

    func make(for owner: any RoutedExchange.Owner) -> RoutedExchange {
        RoutedExchange(upstream, transcoder, memory, budget: loop.budget, for: owner)
    }
}
