import Glibc

/// A time of day.
struct WallTime {
    let seconds: Int
    let nanoseconds: Int

    static func now() -> WallTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return WallTime(seconds: time.tv_sec, nanoseconds: time.tv_nsec)
    }

    func earlier(by nanoseconds: UInt64) -> WallTime {
        let total = seconds * 1_000_000_000 + self.nanoseconds - Int(nanoseconds)
        return WallTime(seconds: total / 1_000_000_000, nanoseconds: total % 1_000_000_000)
    }
}
