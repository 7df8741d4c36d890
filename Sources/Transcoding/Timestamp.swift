/// A google.protobuf.Timestamp: `nanos` count forward from `seconds`, also before 1970.
struct Timestamp: Equatable {
    /// 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z, in seconds since 1970.
    static let range: ClosedRange<Int64> = -62_135_596_800...253_402_300_799

    var seconds: Int64
    var nanos: Int32
}
