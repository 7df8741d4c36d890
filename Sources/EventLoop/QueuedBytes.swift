/// How many bytes some streams have queued together, until the memory is given back.
package final class QueuedBytes {
    package internal(set) var count = 0

    package init() {}
}

@available(*, unavailable) extension QueuedBytes: Sendable {}
