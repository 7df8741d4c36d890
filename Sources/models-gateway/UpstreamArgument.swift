import ArgumentParser
import PiecesOS

/// What `--upstream` says. A host that nobody knows is no fault of the command line, so it is reported later.
struct UpstreamArgument {
    let location: Result<UpstreamLocation, UpstreamLocationError>

    static let auto = UpstreamArgument(location: .success(.auto))

    private init(location: Result<UpstreamLocation, UpstreamLocationError>) {
        self.location = location
    }

    init(parsing text: String) throws {
        do {
            location = .success(try UpstreamLocation(parsing: text))
        } catch .notUsable(let reason) {
            throw ValidationError(reason)
        } catch {
            location = .failure(error)
        }
    }
}
