/// A request as it came; whether it may have an answer is not judged yet.
struct HTTPServerRequest: Equatable {
    var method: String
    /// With the query, if there is one.
    var target: String
    /// Whom it is for: what the target says, else the Host field.
    var host: String?
    /// A browser sends it, on behalf of some page.
    var hasOrigin = false

    var isRead: Bool { method == "GET" || method == "HEAD" }

    /// The target without its query.
    var path: Substring { target.prefix { $0 != "?" } }

    /// Who is called by another name than its own is not called by a program of this machine: a browser was led here by a
    /// name that an attacker has pointed at this address.
    var isForThisMachine: Bool {
        guard let host else { return true }
        var name = host.lowercased()
        if let colon = name.lastIndex(of: ":"), name[colon...].dropFirst().allSatisfy({ "0"..."9" ~= $0 }) {
            name = String(name[..<colon])
        }
        return ["localhost", "127.0.0.1", "[::1]"].contains(name)
    }
}
