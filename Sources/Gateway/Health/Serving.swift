import EventLoop
import PiecesOS

/// Who wants to know whether calls can be carried out.
protocol ServingAsker: AnyObject {
    func told(_ answer: Serving.Answer)
}

/// Whether calls can be carried out. Pieces OS is asked at most once a second, and only while somebody wants to know.
final class Serving {
    enum Answer: Equatable {
        case serving
        /// Why not.
        case notServing(String)
        /// Not any more. The last answer.
        case shuttingDown
    }

    /// Milliseconds between two questions, and those that somebody waits for an answer.
    private static let interval: UInt64 = 1_000
    /// Milliseconds after which a question is given up. An answer that is late is better than none.
    private static let patience: UInt64 = 3_000

    private let loop: Loop
    private let question: HealthQuestion
    private var timer: Timer?
    /// Those who wait for one answer, and those who are told each.
    private var askers: [any ServingAsker] = []
    private var watchers: [any ServingAsker] = []
    /// Those who only want to know when it is over.
    private var others: [any ServingAsker] = []
    private var last: Answer?
    private var lastAsked: UInt64?
    private var isAsking = false
    private var isLate = false

    init(loop: Loop, upstream: Upstream) throws(LoopError) {
        self.loop = loop
        question = HealthQuestion(upstream)
        timer = try Timer(loop: loop) { [unowned self] in look() }
    }

    /// Tells the asker once: at once if it was known a moment ago, and after a second at the latest.
    func ask(_ asker: any ServingAsker) {
        if !isKnown { askNow() }
        if isKnown, let last { return asker.told(last) }
        askers.append(asker)
    }

    /// Tells the watcher like an asker, and then each answer until it leaves.
    /// - Parameter asking: without it the watcher is told of the end alone, and Pieces OS is not asked for it.
    func watch(_ watcher: any ServingAsker, asking: Bool) {
        guard asking || last == .shuttingDown else { return others.append(watcher) }
        watchers.append(watcher)
        if !isKnown { askNow() }
        if isKnown, let last { watcher.told(last) }
        schedule()
    }

    func leave(_ asker: any ServingAsker) {
        askers.removeAll { $0 === asker }
        watchers.removeAll { $0 === asker }
        others.removeAll { $0 === asker }
    }

    /// The last answer is fresh enough.
    private var isKnown: Bool {
        switch last {
        case nil: false
        case .shuttingDown: true
        case .serving, .notServing: isAsking ? isLate : !isDue
        }
    }

    private var isDue: Bool { lastAsked.map { loop.now - $0 >= Self.interval } ?? true }

    private func askNow() {
        guard !isAsking, isDue else { return schedule() }
        isAsking = true
        isLate = false
        lastAsked = loop.now
        question.ask { [self] answer in
            isAsking = false
            switch answer {
            case .healthy: tell(.serving)
            case .not(let reason): tell(.notServing(reason))
            }
        }
        schedule()
    }

    /// Whoever is told may ask again or leave.
    private func tell(_ answer: Answer) {
        guard last != .shuttingDown else { return }
        last = answer
        let told = askers + watchers + (answer == .shuttingDown ? others : [])
        askers = []
        for asker in told { asker.told(answer) }
        schedule()
    }

    private func schedule() {
        guard let lastAsked, isAsking || !askers.isEmpty || !watchers.isEmpty else { return }
        let due = lastAsked + (isAsking && isLate ? Self.patience : Self.interval)
        timer?.start(milliseconds: due - min(due, loop.now))
    }

    private func look() {
        guard isAsking else {
            if !askers.isEmpty || !watchers.isEmpty { askNow() }
            return
        }
        if isLate {
            question.cancel()
            isAsking = false
            look()
        } else {
            isLate = true
            tell(.notServing(question.isLate(by: Self.interval)))
        }
    }

    // MARK: - The end

    /// Nothing is carried out any more; all are told so.
    func shutDown() {
        question.cancel()
        isAsking = false
        tell(.shuttingDown)
    }

    func close() {
        timer?.close()
        timer = nil
    }
}
