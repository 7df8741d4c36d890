import ArgumentParser
import FlyingFox

/// What Pieces OS is in the middle of, which decides whether it serves calls.
enum State: String, CaseIterable, ExpressibleByArgument {
    case serving
    case migrating
    case signedOut = "signed-out"
    case updateRequired = "update-required"
    case starting

    /// What the Models API answers to every call, if it does not serve it.
    var answerToCalls: (status: HTTPStatusCode, text: String)? {
        switch self {
        case .serving, .starting: nil
        case .migrating: (.serviceUnavailable, "Pieces OS is migrating its database.")
        case .signedOut: (.unauthorized, "Nobody is signed in to Pieces OS.")
        case .updateRequired:
            (HTTPStatusCode(593, phrase: "Update Required"), "This version of Pieces OS has to be updated.")
        }
    }
}
