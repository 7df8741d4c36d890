package import Contract
internal import Glibc

/// The contract of Shelf/shelf.proto, which is not that of Pieces OS, from the descriptor set that protoc made of it.
package enum Shelf {
    package static func contract() throws -> Contract {
        try descriptorSet().withUnsafeBytes { try Contract(descriptorSet: $0) }
    }

    package static func descriptorSet() throws -> [UInt8] {
        let path = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        guard let set = fopen(path + "/Shelf/shelf.binpb", "rb") else { throw Missing(path: path) }
        defer { fclose(set) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while case let count = fread(&chunk, 1, chunk.count, set), count > 0 { bytes += chunk[..<count] }
        return bytes
    }

    private struct Missing: Error {
        let path: String
    }
}
