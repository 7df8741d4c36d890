internal import Bytes

/// Lines that a request has in its head besides those that every request has.
package struct HTTPHeaderLines: Equatable, Sendable {
    /// Why a value cannot be in a line.
    package enum ValueError: Error {
        case tooLong
        /// It could end the line, or HTTP leaves undefined what it means.
        case notPrintableASCII
    }

    package static let maximumValueLength = 8 * 1024

    /// Each with its CRLF.
    package private(set) var bytes: [UInt8] = []

    package init() {}

    package mutating func removeAll() {
        if !bytes.isEmpty { bytes.removeAll(keepingCapacity: true) }
    }

    package mutating func append(_ name: StaticString, _ value: UnsafeRawBufferPointer) throws(ValueError) {
        guard value.count <= Self.maximumValueLength else { throw .tooLong }
        guard value.isPrintableASCII else { throw .notPrintableASCII }
        bytes.append(count: name.utf8CodeUnitCount + value.count + 4) { place in
            place.put(name)
            place.put(": ")
            place.put(value)
            place.put("\r\n")
        }
    }
}
