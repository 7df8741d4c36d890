internal import Glibc
internal import Transcoding

/// A file's bytes, with the padding behind them that the transcoder asks for.
struct Text {
    let bytes: UnsafeRawBufferPointer
    private let memory: UnsafeMutableRawBufferPointer

    init(contentsOf path: String) throws {
        guard let file = fopen(path, "r") else { throw Failure(description: "\(path) cannot be opened") }
        defer { fclose(file) }
        fseek(file, 0, SEEK_END)
        let count = ftell(file)
        rewind(file)
        memory = .allocate(byteCount: count + JSONTranscoder.padding, alignment: 64)
        memory.initializeMemory(as: UInt8.self, repeating: 0)
        guard fread(memory.baseAddress, 1, count, file) == count else {
            memory.deallocate()
            throw Failure(description: "\(path) cannot be read")
        }
        bytes = UnsafeRawBufferPointer(rebasing: memory[..<count])
    }

    func deallocate() { memory.deallocate() }
}
