import FlyingFox
import Foundation

/// Which call a request line asks for.
enum Endpoint {
    case health
    case version
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
        // HEAD is answered wherever GET is.
        switch (method == .HEAD ? .GET : method, segments.count) {
        case (.GET, _) where segments == [".well-known", "health"]: self = .health
        case (.GET, _) where segments == [".well-known", "version"]: self = .version
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

    /// It is no call of the Models API.
    var isWellKnown: Bool {
        switch self {
        case .health, .version: true
        default: false
        }
    }

    /// What the call is for, as a refusal of it says.
    var purpose: String {
        switch self {
        case .health: "tell the health"
        case .version: "tell the version"
        case .snapshot: "get the models"
        case .create: "create the model"
        case .delete: "delete the model"
        case .deleteCache: "delete the cache of the model"
        case .unload: "unload the models"
        }
    }
}
