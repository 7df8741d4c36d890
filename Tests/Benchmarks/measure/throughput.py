"""The same call over and over: CPU time a call of the process in the middle, calls a second, latency."""

import dataclasses
import json
import sys

from processes import run

METRICS = ("cpu_us", "calls_per_second", "p50_us", "p99_us")


@dataclasses.dataclass(frozen=True)
class Case:
    models: int  # 0: UnloadModels
    different: int  # so many of them, in every answer
    in_flight: int

    @property
    def method(self):
        return "ModelsSnapshot" if self.models else "UnloadModels"

    @property
    def call(self):
        if not self.models:
            return "UnloadModels"
        return f"{self.models:,} model{'s' * (self.models > 1)}, {self.kind}"

    @property
    def kind(self):
        if self.different in (0, self.models):
            return "different" if self.different else "repeated"
        return f"{self.different} of them different"

    @property
    def name(self):
        return f"{self.call}, {self.in_flight} in flight"


def cases(sizes):
    calls = [(0, 0)] + [(models, different) for models in sizes for different in (0, models)]
    calls.insert(calls.index((60, 60)), (60, 1))
    return [Case(models, different, in_flight) for in_flight in (1, 32) for models, different in calls]


@dataclasses.dataclass
class Way:
    """One way to the same calls: who is asked, where, and whose time is measured."""

    name: str
    process: object
    address: object
    protocol: str = "http"  # or ttrpc, or h2load
    alone: bool = False
    spread: bool = False  # one call in flight on each connection, where ttrpc and h2 have four connections with eight
    methods: tuple = ("UnloadModels", "ModelsSnapshot")

    def takes(self, case):
        if self.alone and not case.models:
            return False  # UnloadModels is never shared
        if case.method not in self.methods:
            return False
        return not self.spread or case.in_flight > 1

    def shape(self, case):
        if case.in_flight == 1 or self.spread or self.protocol == "http":
            return case.in_flight, 1
        return 4, case.in_flight // 4

    def measure(self, stage, case, seconds):
        stage.control.answer(case.models, case.different)
        if self.protocol == "h2load":
            return self._ask_with_h2load(stage, case, seconds)
        return self._ask(stage, case, seconds)

    def _ask(self, stage, case, seconds):
        connections, in_flight = self.shape(case)
        arguments = ["--connections", connections, "--in-flight", in_flight, "--process", self.process.pid]
        arguments += ["--warm-up", seconds / 4, "--seconds", seconds, "--control", stage.control.path]
        # What is in flight at the beginning and at the end of the measurement must not weigh.
        arguments += ["--calls", 16 * case.in_flight]
        arguments += ["--alone"] if self.alone else []
        faults_before = self.process.page_faults()
        found = json.loads(run([stage.tools.programs / "load", *arguments, self.protocol, self.address, case.method]))
        # With those of the warm-up, which is not among the calls.
        found["page_faults"] = (self.process.page_faults() - faults_before) / found["calls"]
        if found["stale"]:
            sys.exit(f"{self.name}, {case.name}: {found['stale']} answers are older than their questions")
        return found

    def _ask_with_h2load(self, stage, case, seconds):
        connections, in_flight = self.shape(case)
        log, request = stage.directory / "h2load.log", stage.directory / "empty-request"
        request.write_bytes(bytes(5))  # gRPC's frame around an empty message
        count = self._h2load_calls(stage, case, seconds)
        log.unlink(missing_ok=True)
        before = self.process.cpu_ns()
        printed = run([
            stage.tools.h2load, f"--requests={count}", f"--clients={connections}",
            f"--max-concurrent-streams={in_flight}", "--window-bits=24", "--connection-window-bits=26",
            f"--base-uri=unix:{self.address}", f"--data={request}", f"--log-file={log}",
            "--header=content-type: application/grpc", "--header=te: trailers",
            f"http://localhost/pieces.models.v1.ModelsService/{case.method}",
        ], limit=300)  # fmt: skip
        cpu = self.process.cpu_ns() - before
        if f" {count} succeeded" not in printed:
            sys.exit(f"{self.name} did not answer every call:\n{printed}")
        calls = [tuple(map(int, line.split("\t"))) for line in log.read_text().splitlines()]
        # A line: when it began, the HTTP status, how long it took; in microseconds.
        elapsed = (max(start + took for start, _, took in calls) - min(start for start, _, _ in calls)) / 1e6
        took = sorted(took for _, _, took in calls)
        self.rates[case] = count / elapsed
        return {
            "calls": count, "seconds": elapsed, "calls_per_second": count / elapsed, "cpu_us": cpu / count / 1e3,
            "p50_us": took[len(took) // 2], "p99_us": took[len(took) * 99 // 100],
        }  # fmt: skip

    # h2load is given a number of calls, not a time: the rate of the run before says how many.
    rates: dict = dataclasses.field(default_factory=dict)

    def _h2load_calls(self, stage, case, seconds):
        if case not in self.rates:
            self.rates[case] = 1
            self._ask_with_h2load(stage, case, seconds)
        return max(4 * case.in_flight, round(self.rates[case] * seconds))


def measure(stage, ways, cases, repetitions, seconds, progress):
    """All ways one after the other, that again for every case, and all that `repetitions` times."""
    results = {case: {way.name: [] for way in ways if way.takes(case)} for case in cases}
    for repetition in range(repetitions):
        for case in cases:
            progress(f"{case.name} ({repetition + 1} of {repetitions})")
            for way in ways:
                if way.takes(case):
                    results[case][way.name].append(way.measure(stage, case, seconds))
    return results
