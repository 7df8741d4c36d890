import ArgumentParser
import Gateway

/// What `--metrics` says.
struct MetricsAddress: ExpressibleByArgument {
    let place: LoopbackSocket.Place

    init?(argument: String) {
        guard let place = LoopbackSocket.Place(parsing: argument) else { return nil }
        self.place = place
    }

    /// Opens it.
    func open() throws -> ListeningSocket {
        do throws(SystemError) {
            let socket = try LoopbackSocket(at: place)
            return ListeningSocket(doorDescriptor: socket.descriptor, address: socket.address)
        } catch {
            throw Refusal("--metrics \(place.description): \(error)")
        }
    }
}
