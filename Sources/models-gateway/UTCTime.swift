import Glibc

/// Now in UTC, as RFC 3339 with milliseconds.
func presentTime() -> String {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return utc(now.tv_sec) + ".\(String(1_000 + now.tv_nsec / 1_000_000).dropFirst())Z"
}

/// A moment in UTC, as RFC 3339.
func timeText(seconds: Int64) -> String {
    utc(Int(seconds)) + "Z"
}

private func utc(_ seconds: Int) -> String {
    var (seconds, parts) = (seconds, tm())
    gmtime_r(&seconds, &parts)
    var text = [CChar](repeating: 0, count: 64)
    let length = strftime(&text, text.count, "%Y-%m-%dT%H:%M:%S", &parts)
    return String(decoding: text[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
