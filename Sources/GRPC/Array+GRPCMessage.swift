internal import Bytes

extension [UInt8] {
    /// Appends text as the value of `grpc-message`: what is not printable ASCII is percent-encoded, and so is a blank at either
    /// end, where a header's value can have none.
    mutating func append(grpcMessage text: String) {
        let bytes = text.utf8
        var left = bytes.count
        for (index, byte) in bytes.enumerated() {
            left -= 1
            let isAtEnd = index == 0 || left == 0
            if byte.isPlainInGRPCMessage, !isAtEnd || byte != UInt8(ascii: " ") {
                append(byte)
            } else {
                appendPercentEncoded(byte)
            }
        }
    }

    private mutating func appendPercentEncoded(_ byte: UInt8) {
        append(UInt8(ascii: "%"))
        append(UInt8(hexadecimalDigitOf: byte >> 4, isUppercase: true))
        append(UInt8(hexadecimalDigitOf: byte, isUppercase: true))
    }
}

extension UInt8 {
    /// It need not be percent-encoded, unless it is a blank at either end.
    var isPlainInGRPCMessage: Bool { 0x20...0x7E ~= self && self != UInt8(ascii: "%") }
}
