import EventLoopTesting
import Glibc
import Testing

@testable import Gateway

/// One after the other, since the umask belongs to the process.
@Suite(.serialized) struct SocketFileTests {
    private func kind(_ path: String) -> mode_t? {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
    }

    private func mode(_ path: String) -> mode_t? {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : nil
    }

    private func inode(_ path: String) -> ino_t? {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_ino : nil
    }

    private func makeFile(_ path: String) {
        close(open(path, O_WRONLY | O_CREAT | O_EXCL, 0o644))
        #expect(kind(path) == S_IFREG)
    }

    @Test(arguments: [0o600, 0o660, 0o666, 0o777, 0o700])
    func `the socket has exactly its mode, whatever the umask was, and the umask stays`(wanted: mode_t) throws {
        try withTemporaryDirectory { directory in
            for mask: mode_t in [0o000, 0o022, 0o077] {
                let before = umask(mask)
                defer { umask(before) }
                let path = "\(directory)/\(mask)"
                let file = try SocketFile(path: path, mode: wanted)
                #expect(kind(path) == S_IFSOCK)
                #expect(mode(path) == wanted)
                #expect(umask(mask) == mask)
                close(file.descriptor)
            }
        }
    }

    @Test func `a socket that was left behind is replaced`() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/socket"
            try RawSocket.listening(at: path).close()
            #expect(kind(path) == S_IFSOCK)
            let file = try SocketFile(path: path, mode: 0o600)
            #expect(mode(path) == 0o600)
            file.remove()
            #expect(kind(path) == nil)
            close(file.descriptor)
        }
    }

    @Test func `a socket that is served is left to its server`() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/socket"
            let server = try RawSocket.listening(at: path)
            let before = inode(path)
            #expect(throws: SocketFileError.isServed(path)) { try SocketFile(path: path, mode: 0o600) }
            #expect(inode(path) == before)
            server.close()
        }
    }

    @Test func `a server whose backlog is full is a server`() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/socket"
            let server = try RawSocket.bound(to: path)
            listen(server.descriptor, 0)
            var waiting: [RawSocket] = []
            while let client = try? RawSocket.connected(to: path) { waiting.append(client) }
            #expect(!waiting.isEmpty)
            #expect(throws: SocketFileError.isServed(path)) { try SocketFile(path: path, mode: 0o600) }
            server.close()
        }
    }

    @Test func `a gateway that has just bound its socket keeps it`() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/socket"
            let first = try SocketFile(path: path, mode: 0o600)
            let before = inode(path)
            #expect(throws: SocketFileError.isServed(path)) { try SocketFile(path: path, mode: 0o600) }
            #expect(inode(path) == before)
            close(first.descriptor)
        }
    }

    @Test func `a file that is no socket stays as it is`() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/file"
            makeFile(path)
            let before = inode(path)
            #expect(throws: SocketFileError.notASocket(path)) { try SocketFile(path: path, mode: 0o600) }
            #expect(inode(path) == before)
            #expect(throws: SocketFileError.notASocket(directory)) { try SocketFile(path: directory, mode: 0o600) }
        }
    }

    @Test func `a symbolic link is not followed, wherever it leads`() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/link"
            for target in ["\(directory)/nothing", "\(directory)/dead"] {
                if target.hasSuffix("dead") { try RawSocket.listening(at: target).close() }
                symlink(target, path)
                #expect(throws: SocketFileError.notASocket(path)) { try SocketFile(path: path, mode: 0o600) }
                #expect(kind(path) == S_IFLNK)
                unlink(path)
            }
            #expect(kind("\(directory)/dead") == S_IFSOCK)
            #expect(kind("\(directory)/nothing") == nil)
        }
    }

    @Test func `what somebody else has put there is not removed`() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/socket"
            let file = try SocketFile(path: path, mode: 0o600)
            rename(path, path + ".kept")
            makeFile(path)
            file.remove()
            #expect(kind(path) == S_IFREG)
            unlink(path)
            file.remove()
            #expect(kind(path + ".kept") == S_IFSOCK)
            close(file.descriptor)
        }
    }

    @Test func `a directory that is not there is said to be`() {
        let error = SocketFileError.noDirectory("/nonexistent-directory")
        #expect(throws: error) { try SocketFile(path: "/nonexistent-directory/socket", mode: 0o600) }
        #expect(error.description.contains("mkdir"))
        #expect(error.description.contains("/nonexistent-directory"))
    }

    @Test func `the descriptor is closed in programs that are started, and does not block`() throws {
        try withTemporaryDirectory { directory in
            let file = try SocketFile(path: "\(directory)/socket", mode: 0o600)
            #expect(fcntl(file.descriptor, F_GETFD) & FD_CLOEXEC != 0)
            #expect(fcntl(file.descriptor, F_GETFL) & O_NONBLOCK != 0)
            close(file.descriptor)
        }
    }
}
