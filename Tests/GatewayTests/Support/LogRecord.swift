import Logging
import Synchronization

/// Keeps what is logged.
final class LogRecord: LogHandler {
    struct Entry: Sendable {
        let message: String
        let metadata: Logger.Metadata
    }

    private let record = Mutex<[Entry]>([])
    private let level = Mutex(Logger.Level.trace)
    private let common = Mutex<Logger.Metadata>([:])

    var entries: [Entry] { record.withLock { $0 } }

    var logLevel: Logger.Level {
        get { level.withLock { $0 } }
        set { level.withLock { $0 = newValue } }
    }

    var metadata: Logger.Metadata {
        get { common.withLock { $0 } }
        set { common.withLock { $0 = newValue } }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let entry = Entry(message: "\(event.message)", metadata: event.metadata ?? [:])
        record.withLock { $0.append(entry) }
    }
}
