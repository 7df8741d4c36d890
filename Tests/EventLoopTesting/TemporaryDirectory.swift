import Glibc

/// A directory for the sockets and files of one test.
package func withTemporaryDirectory(_ test: (String) throws -> Void) throws {
    var template = Array("/tmp/models-gateway-test-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { throw SystemError(number: errno) }
    let path = String(cString: made)
    // Tests of the umask may run beside this one.
    chmod(path, 0o700)
    defer { remove(path) }
    try test(path)
}

private func remove(_ directory: String) {
    guard let entries = opendir(directory) else { return }
    while let entry = readdir(entries) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != ".", name != ".." { unlink("\(directory)/\(name)") }
    }
    closedir(entries)
    rmdir(directory)
}

/// A system call that a test needs has failed.
package struct SystemError: Error {
    let number: Int32

    @discardableResult
    static func check(_ result: Int32) throws -> Int32 {
        guard result >= 0 else { throw SystemError(number: errno) }
        return result
    }
}
