/// What can be wrong with bytes that should be protobuf.
public enum ProtobufProblem: String, Error, Sendable {
    case varintTruncated = "varint cut off"
    case varintTooLong = "varint longer than 10 bytes"
    case tagTooLarge = "field number out of range"
    case fieldNumberZero = "field number 0"
    case fixedTruncated = "fixed-size value cut off"
    case lengthTooLarge = "length goes beyond the end"
    case group = "a group that is not well formed"
    case unknownWireType = "unknown wire type"
    case notUTF8 = "not valid UTF-8"
}
