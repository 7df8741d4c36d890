import Glibc

/// The window that standard output is seen in, if it is.
struct Screen {
    /// What fits a line; nil where nothing is cut.
    let columns: Int?
    let isColoured: Bool

    init(isCut: Bool) {
        let isTerminal = isatty(STDOUT_FILENO) == 1
        columns = isTerminal && isCut ? Self.columns() : nil
        isColoured = isTerminal && Self.variable("NO_COLOR").isEmpty && Self.variable("TERM") != "dumb"
    }

    func bold(_ text: String) -> String { coloured(text, "1") }
    func green(_ text: String) -> String { coloured(text, "32") }
    func red(_ text: String) -> String { coloured(text, "31") }

    private func coloured(_ text: String, _ attribute: String) -> String {
        isColoured ? "\u{1B}[\(attribute)m\(text)\u{1B}[0m" : text
    }

    /// Those of the window, or fewer where somebody wants fewer.
    private static func columns() -> Int {
        var size = winsize()
        let window = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 ? Int(size.ws_col) : 0
        let wanted = Int(variable("COLUMNS")) ?? 0
        return [window, wanted].filter { $0 > 0 }.min() ?? 80
    }

    private static func variable(_ name: String) -> String {
        getenv(name).map { String(cString: $0) } ?? ""
    }
}
