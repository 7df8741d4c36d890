import Calls
import Contract
import Testing

@testable import Gateway

struct MetricsTests {
    @Test func `a bucket has what took as long as its bound, and the sum has everything`() {
        var histogram = Histogram()
        for nanoseconds: UInt64 in [0, 100_000, 100_001, 30_000_000_000, 30_000_000_001] {
            histogram.add(nanoseconds: nanoseconds)
        }
        #expect(histogram.counts.first == 2)
        #expect(histogram.counts[1] == 1)
        #expect(histogram.counts.last == 1)
        #expect(histogram.counts.reduce(0, +) == 4)
        #expect(histogram.count == 5)
        #expect(histogram.sum == 60_000_200_002)
    }

    @Test func `bounds rise from a tenth of a millisecond to 30 seconds`() {
        #expect(Histogram.bounds.first == 100_000)
        #expect(Histogram.bounds.last == 30_000_000_000)
        #expect(Histogram.bounds == Histogram.bounds.sorted())
    }

    @Test func `a method's codes are counted apart from those of all others`() throws {
        let contract = try Carried.contract()
        let metrics = Metrics(contract)
        for method in contract.methods {
            for (code, count) in [(Status.Code.ok, 2), (.unauthenticated, 1)] {
                for _ in 0..<count { metrics.handled(method, code, nanoseconds: 1) }
            }
        }
        for method in contract.methods {
            for code in Status.Code.allCases {
                let expected = code == .ok ? 2 : code == .unauthenticated ? 1 : 0
                #expect(metrics.handledCount(method, code) == expected)
            }
        }
        #expect(metrics.callDurations.count == 3 * contract.methods.count)
    }

    @Test func `the text is that of the exposition format`() {
        var histogram = Histogram()
        histogram.add(nanoseconds: 250_000)
        var page = MetricsText()
        page.begin("a_total", .counter, "What a is.")
        page.add(1, ("x", "back\\slash \"quote\"\nline"), ("y", "ü"))
        page.begin("b_seconds", .histogram, "What b is.")
        page.add(histogram)
        let lines = page.text.split(separator: "\n")
        #expect(lines[0] == "# HELP a_total What a is.")
        #expect(lines[1] == "# TYPE a_total counter")
        #expect(lines[2] == #"a_total{x="back\\slash \"quote\"\nline",y="ü"} 1"#)
        #expect(lines[5] == #"b_seconds_bucket{le="0.0001"} 0"#)
        #expect(lines[6] == #"b_seconds_bucket{le="0.00025"} 1"#)
        #expect(lines.contains(#"b_seconds_bucket{le="2.5"} 1"#))
        #expect(
            lines.suffix(4) == [
                #"b_seconds_bucket{le="30"} 1"#, #"b_seconds_bucket{le="+Inf"} 1"#, "b_seconds_sum 0.00025",
                "b_seconds_count 1",
            ]
        )
    }
}
