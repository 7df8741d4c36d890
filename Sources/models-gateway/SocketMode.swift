import ArgumentParser
import Gateway
import Glibc

/// What `--socket-mode` says: permission bits in octal.
struct SocketMode: ExpressibleByArgument {
    let bits: mode_t

    init?(argument: String) {
        guard let bits = ListenSpecification.mode(octal: argument) else { return nil }
        self.bits = bits
    }
}
