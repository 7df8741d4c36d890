import Glibc

/// The number of a group, from its name or from itself.
func groupID(_ text: String) -> UInt32? {
    if let group = getgrnam(text) { return group.pointee.gr_gid }
    return text.allSatisfy(\.isNumber) ? UInt32(text).flatMap { $0 == .max ? nil : $0 } : nil
}
