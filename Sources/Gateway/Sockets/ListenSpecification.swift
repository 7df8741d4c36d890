import Bytes
package import Contract
import EventLoop

/// What `--listen` says: where a socket is, who may connect to it, and what they may call over it.
///
///     path=/run/x/ro.sock,mode=0660,group=staff,allow=read,uid=1000,uid=1001
package struct ListenSpecification: Equatable, Sendable {
    package var path: String
    /// Permission bits of the socket.
    package var mode: UInt32 = 0o600
    /// The group that the socket is to belong to: its name or its number.
    package var group: String?
    package var methods: MethodSet
    package var users: [UInt32] = []
    package var groups: [UInt32] = []

    private enum Key: String, CaseIterable {
        case path, mode, group, allow, uid, gid

        var mayBeRepeated: Bool { self == .allow || self == .uid || self == .gid }
    }

    /// For a socket over which everything of the contract may be called.
    package init(path: String, _ contract: Contract) {
        self.path = path
        methods = .all(of: contract)
    }

    package init(parsing text: String, _ contract: Contract) throws(ListenSpecificationError) {
        self.init(path: "", contract)
        var seen: [Key] = []
        var allowed: MethodSet?
        for entry in text.split(separator: ",", omittingEmptySubsequences: false) {
            let (key, value) = try Self.keyAndValue(entry)
            guard key.mayBeRepeated || !seen.contains(key) else { throw .init("\(key.rawValue)= comes twice") }
            seen.append(key)
            switch key {
            case .path: path = try Self.path(value)
            case .mode: mode = try Self.mode(value)
            case .group: group = value
            case .allow:
                let methods = try Self.methods(value, contract)
                allowed = allowed?.union(methods) ?? methods
            case .uid: try Self.add(value, to: &users, key)
            case .gid: try Self.add(value, to: &groups, key)
            }
        }
        guard seen.contains(.path) else { throw .init("path= is missing") }
        if let allowed { methods = allowed }
    }

    /// - Parameter owner: the user that the gateway runs as, who is always let in.
    package func policy(owner: UInt32) -> AccessPolicy {
        AccessPolicy(users: [owner] + users, groups: groups, methods: methods)
    }

    /// Permission bits, written in octal.
    package static func mode(octal: some StringProtocol) -> UInt32? {
        guard !octal.isEmpty, octal.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "7") ~= $0 }) else { return nil }
        guard let bits = UInt32(octal, radix: 8), bits <= 0o777 else { return nil }
        return bits
    }

    private static func keyAndValue(_ entry: Substring) throws(ListenSpecificationError) -> (Key, String) {
        guard let sign = entry.firstIndex(of: "=") else { throw .init("'\(entry)' is not of the form key=value") }
        guard let key = Key(rawValue: String(entry[..<sign])) else {
            let keys = Key.allCases.map(\.rawValue).joined(separator: ", ")
            throw .init("there is no key '\(entry[..<sign])'; there are \(keys)")
        }
        let value = String(entry[entry.index(after: sign)...])
        guard !value.isEmpty else { throw .init("\(key.rawValue)= has no value") }
        return (key, value)
    }

    private static func path(_ value: String) throws(ListenSpecificationError) -> String {
        if let fault = SocketAddress.fault(inPath: value) { throw .init("path=\(value): \(fault)") }
        return value
    }

    private static func mode(_ value: String) throws(ListenSpecificationError) -> UInt32 {
        guard let mode = mode(octal: value) else {
            throw .init("mode=\(value): permission bits in octal are wanted, such as 0660")
        }
        return mode
    }

    private static func methods(
        _ value: String,
        _ contract: Contract
    ) throws(ListenSpecificationError) -> MethodSet {
        guard let methods = MethodSet(value, of: contract) else {
            let names = contract.methods.map(\.name).joined(separator: ", ")
            throw .init("allow=\(value): read, all, or names joined with '+' are wanted; the names are \(names)")
        }
        return methods
    }

    private static func add(_ value: String, to ids: inout [UInt32], _ key: Key) throws(ListenSpecificationError) {
        // The largest number stands for 'no id' (chown(2)). A sign is not part of one.
        guard value.utf8.allSatisfy(\.isDecimalDigit), let id = UInt32(value),
            id != .max
        else { throw .init("\(key.rawValue)=\(value): a number below \(UInt32.max) is wanted") }
        guard !ids.contains(id) else { throw .init("\(key.rawValue)=\(value) comes twice") }
        ids.append(id)
    }
}

/// What is wrong with a `--listen`, for people.
package struct ListenSpecificationError: Error, Equatable, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
