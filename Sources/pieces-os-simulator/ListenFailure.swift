internal import Glibc

/// Why the address cannot be listened on, and what to try instead.
struct ListenFailure: Error, CustomStringConvertible {
    let address: String
    let code: CInt

    var description: String {
        "cannot listen on \(address): \(String(cString: strerror(code))).\(advice)"
    }

    private var advice: String {
        switch code {
        case EACCES: " Ports below 1024 may need root; try --port 5323."
        case EADDRINUSE: " Something listens there already; try another --port, or 0 for a free one."
        default: ""
        }
    }
}
