import Bytes
import Testing

@Suite struct OwnedMemoryTests {
    @Test func `what is handed out stays where it is`() {
        let memory = OwnedMemory()
        let array = memory.array([1, 2, 3] as [UInt16])
        let value = memory.value(7.5)
        let strings = (0..<100).map { memory.string("Größe \($0)") }
        #expect((0..<3).map { array[$0] } == [1, 2, 3])
        #expect(value.pointee == 7.5)
        #expect(strings.enumerated().allSatisfy { String(cString: $1) == "Größe \($0)" })
        #expect(String(cString: memory.string("")) == "")
    }
}
