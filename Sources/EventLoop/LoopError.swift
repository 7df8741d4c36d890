import CLibUV

/// What libuv answers when it could not do something: one of its negative `UV_E…` codes.
package struct LoopError: Error, RawRepresentable, Equatable, Sendable, CustomStringConvertible {
    package let rawValue: Int32

    package init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    package static let cancelled = LoopError(rawValue: UV_ECANCELED.rawValue)
    package static let connectionRefused = LoopError(rawValue: UV_ECONNREFUSED.rawValue)
    package static let noBufferSpace = LoopError(rawValue: UV_ENOBUFS.rawValue)
    package static let nameTooLong = LoopError(rawValue: UV_ENAMETOOLONG.rawValue)

    /// The error of a system call of our own: libuv's codes are the negated numbers of errno.
    package static func system(_ number: Int32) -> LoopError {
        LoopError(rawValue: -number)
    }

    /// Such as `connection refused`.
    package var description: String { String(cString: uv_strerror(rawValue)) }

    /// Passes on what libuv returned unless it is an error.
    @discardableResult
    static func check(_ result: Int32) throws(LoopError) -> Int32 {
        guard result >= 0 else { throw LoopError(rawValue: result) }
        return result
    }
}
