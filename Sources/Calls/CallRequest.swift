/// A call as a client begins it: views into what has arrived, lent for as long as that is.
package struct CallRequest {
    package var key: CallKey
    package let service: UnsafeRawBufferPointer
    package let method: UnsafeRawBufferPointer
    package let payload: UnsafeRawBufferPointer
    package let metadata: RequestMetadata
    package var timeout: CallTimeout

    package init(
        key: CallKey,
        service: UnsafeRawBufferPointer,
        method: UnsafeRawBufferPointer,
        payload: UnsafeRawBufferPointer,
        metadata: RequestMetadata,
        timeout: CallTimeout
    ) {
        self.key = key
        self.service = service
        self.method = method
        self.payload = payload
        self.metadata = metadata
        self.timeout = timeout
    }
}

/// How long a client gives its call.
package enum CallTimeout: Equatable, Sendable {
    /// It does not say.
    case unspecified
    /// Over before it began.
    case expired
    case nanoseconds(UInt64)
}
