/// Exchanges that have ended and can be used again.
final class SharedExchangePool {
    private static let keptSpares = 64

    private let make: () -> SharedExchange
    private var spares: [SharedExchange] = []
    private var isClosed = false

    init(_ make: @escaping () -> SharedExchange) {
        self.make = make
    }

    func take() -> SharedExchange {
        spares.popLast() ?? make()
    }

    func giveBack(_ exchange: SharedExchange) {
        if !isClosed, spares.count < Self.keptSpares { spares.append(exchange) }
    }

    /// Keeps nothing from now on.
    func close() {
        isClosed = true
        spares = []
    }
}
