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

    /// Counts a digit in the middle up.
    func changeDigit() {
        guard let index = memory.indices[(bytes.count / 2)...].first(where: { 0x30..<0x3A ~= memory[$0] }) else {
            return
        }
        memory[index] = memory[index] < 0x39 ? memory[index] + 1 : 0x31
    }

    func deallocate() { memory.deallocate() }
}
