/// How many bytes some streams have received and sent together.
package final class Traffic {
    package internal(set) var received = 0
    package internal(set) var sent = 0

    package init() {}
}

@available(*, unavailable) extension Traffic: Sendable {}
