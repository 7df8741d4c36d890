internal import CProtobufC

/// protobuf-c's index over sorted numbers: one entry where each run of consecutive numbers begins, and one behind the last.
enum NumberRanges {
    /// Empty if there are no numbers.
    static func ranges(of numbers: [Int32]) -> [ProtobufCIntRange] {
        guard !numbers.isEmpty else { return [] }
        var ranges: [ProtobufCIntRange] = []
        for (index, number) in numbers.enumerated() where index == 0 || numbers[index - 1] != number &- 1 {
            ranges.append(ProtobufCIntRange(start_value: number, orig_index: UInt32(index)))
        }
        return ranges + [ProtobufCIntRange(start_value: 0, orig_index: UInt32(numbers.count))]
    }
}
