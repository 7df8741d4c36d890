import Glibc

/// Standard output and standard error, as far as they can be written.
enum Output {
    static func write(_ text: String) throws {
        try write(Array(text.utf8))
    }

    /// Text that is not there for others is not success.
    static func write(_ bytes: [UInt8]) throws {
        guard send(bytes, to: STDOUT_FILENO) else {
            let problem = String(cString: strerror(errno))
            throw CallFailure(code: "DATA_LOSS", message: "The output cannot be written: \(problem).")
        }
    }

    static func writeError(_ text: String, terminator: String = "\n") {
        // Where that cannot be written either, the exit code says it all.
        _ = send(Array((text + terminator).utf8), to: STDERR_FILENO)
    }

    private static func send(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count > 0 {
                    rest = rest.dropFirst(count)
                } else if count < 0, errno == EAGAIN {
                    // Whoever shares it has made it one that does not wait.
                    var output = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    poll(&output, 1, -1)
                } else if count == 0 || errno != EINTR {
                    return false
                }
            }
            return true
        }
    }
}
