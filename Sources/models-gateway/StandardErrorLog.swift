import ArgumentParser
import Glibc
import Logging

/// What `--log-level` says.
enum LogLevel: String, ExpressibleByArgument, CaseIterable {
    case trace, debug, info, notice, warning, error, critical

    var level: Logger.Level {
        switch self {
        case .trace: .trace
        case .debug: .debug
        case .info: .info
        case .notice: .notice
        case .warning: .warning
        case .error: .error
        case .critical: .critical
        }
    }
}

/// What `--log-format` says.
enum LogFormat: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
}

/// Writes log entries to standard error, one line and one write each; does not wait for a reader who has stopped reading.
struct StandardErrorLog: LogHandler {
    let format: LogFormat
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    init(format: LogFormat, logLevel: Logger.Level) {
        self.format = format
        self.logLevel = logLevel
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let metadata = self.metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        var line: String
        switch format {
        case .text:
            line = "\(presentTime()) \(event.level) \(Self.printable("\(event.message)"))"
            for (key, value) in metadata { line += " \(key)=\(Self.printable("\(value)"))" }
        case .json:
            line =
                "{\"time\":\"\(presentTime())\",\"level\":\"\(event.level)\",\"message\":\(jsonString("\(event.message)"))"
            for (key, value) in metadata { line += ",\(jsonString(key)):\(jsonString("\(value)"))" }
            line += "}"
        }
        line += "\n"
        let bytes = Array(line.utf8)
        // A pipe that nobody reads must not stop the gateway, and there is nowhere to report a line that is lost.
        var output = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
        if poll(&output, 1, 0) == 1 { _ = write(STDERR_FILENO, bytes, bytes.count) }
    }

    /// The text without anything that could end the line or steer a terminal.
    private static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 })
        )
    }
}
