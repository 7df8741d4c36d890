import FlyingFox
import Foundation

/// Which call a request line asks for.
enum Endpoint {
    case health
    case snapshot
    case create
    case delete(model: String)
    case deleteCache(model: String)
    case unload

    /// Splits before decoding: `a%2Fb` is one segment.
    init?(method: HTTPMethod, percentEncodedPath: String) {
        var segments: [String] = []
        for segment in percentEncodedPath.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            guard let decoded = segment.removingPercentEncoding else { return nil }
            segments.append(decoded)
        }
        switch (method, segments.count) {
        case (.GET, _) where segments == [".well-known", "health"]: self = .health
        case (.GET, _) where segments == ["models"]: self = .snapshot
        case (.POST, _) where segments == ["models", "create"]: self = .create
        case (.POST, _) where segments == ["models", "unload"]: self = .unload
        case (.POST, 3) where segments[0] == "models" && segments[2] == "delete":
            self = .delete(model: segments[1])
        case (.POST, 4) where segments[0] == "models" && segments[2...] == ["delete", "cache"]:
            self = .deleteCache(model: segments[1])
        default: return nil
        }
    }
}
