import Testing

@testable import PiecesOS

struct PortFilesTests {
    private static let file = "/com.pieces.os/production/Config/.port.txt"

    private func bytes(_ text: String) -> [CChar] { text.utf8.map { CChar(bitPattern: $0) } }

    private func paths(_ variables: [String: [CChar]]) -> [[CChar]] {
        PortFiles.paths { variables[$0] }
    }

    @Test func `the data directory comes first, then the documents`() {
        let home = bytes("/home/a")
        #expect(
            paths(["HOME": home, "XDG_DATA_HOME": bytes("/data")]) == [
                bytes("/data" + Self.file), bytes("/home/a/Documents" + Self.file),
            ]
        )
        #expect(
            paths(["HOME": home]) == [
                bytes("/home/a/.local/share" + Self.file), bytes("/home/a/Documents" + Self.file),
            ]
        )
    }

    @Test(arguments: ["", "data", "./data", "~/data"])
    func `a data directory that is not absolute counts as none`(directory: String) {
        let home = bytes("/home/a")
        #expect(paths(["HOME": home, "XDG_DATA_HOME": bytes(directory)]) == paths(["HOME": home]))
    }

    @Test func `without a home there is the data directory alone, or nothing`() {
        #expect(paths(["XDG_DATA_HOME": bytes("/data")]) == [bytes("/data" + Self.file)])
        #expect(paths(["HOME": [], "XDG_DATA_HOME": bytes("/data")]) == [bytes("/data" + Self.file)])
        #expect(paths([:]).isEmpty)
    }

    @Test func `the bytes of a path stay as they are`() {
        let home = bytes("/home/caf") + [CChar(bitPattern: 0xE9)]
        #expect(paths(["HOME": home]).last == home + bytes("/Documents" + Self.file))
    }
}
