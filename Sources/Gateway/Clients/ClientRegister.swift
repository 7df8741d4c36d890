/// The clients that are connected.
final class ClientRegister {
    private var clients: [ObjectIdentifier: any Client] = [:]

    var count: Int { clients.count }
    var isEmpty: Bool { clients.isEmpty }
    var all: Dictionary<ObjectIdentifier, any Client>.Values { clients.values }

    func add(_ client: any Client) {
        clients[ObjectIdentifier(client)] = client
    }

    func remove(_ client: any Client) {
        clients[ObjectIdentifier(client)] = nil
    }
}
