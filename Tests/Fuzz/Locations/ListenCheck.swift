import Contract
import EventLoop
import FuzzSupport
import Gateway

/// What `--listen` may say: refused with a sentence, or a socket that is the same when it is written out again.
enum ListenCheck {
    private static let contract = {
        do throws(ContractError) {
            return try Contract.carried()
        } catch {
            preconditionFailure("the contract cannot be used: \(error)")
        }
    }()

    static func check(_ text: String) {
        do throws(ListenSpecificationError) {
            var specification = try ListenSpecification(parsing: text, contract)
            demand(1...SocketAddress.maximumPathLength ~= specification.path.utf8.count, "a path that does not fit")
            demand(specification.mode <= 0o777, "a mode with more than permission bits")
            let owner: UInt32 = 4_000_000_000
            demand(specification.policy(owner: owner).users.contains(owner), "the owner is not let in")
            demand(Set(specification.users).count == specification.users.count, "a user twice")
            // What may be called has no spelling of its own here.
            specification.methods = .all(of: contract)
            let again = try ListenSpecification(parsing: spelled(specification), contract)
            demand(again == specification, "\(spelled(specification)) is another socket")
        } catch {
            demand(!error.description.isEmpty, "a socket is refused without a word")
        }
    }

    private static func spelled(_ specification: ListenSpecification) -> String {
        var entries = ["path=\(specification.path)", "mode=\(String(specification.mode, radix: 8))"]
        if let group = specification.group { entries.append("group=\(group)") }
        entries += specification.users.map { "uid=\($0)" } + specification.groups.map { "gid=\($0)" }
        return entries.joined(separator: ",")
    }
}
