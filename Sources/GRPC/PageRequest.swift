package import Calls

/// A GET or HEAD for one of the pages, as a client begins it. The path is lent for as long as the event is.
package struct PageRequest {
    package let key: CallKey
    package let path: UnsafeRawBufferPointer
    /// The answer has no body.
    package let isHead: Bool
}
