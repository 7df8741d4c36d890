"""Counts what a call costs the gateway in instructions (callgrind) and in allocations, on its three main paths.

instructions.py GATEWAY PROGRAMS
"""

import os
import pathlib
import re
import struct
import sys
import tempfile

import processes
from stage import Stage, Tools
from throughput import Case, Way

PATHS = [Case(0, 0, 1), Case(60, 0, 1), Case(60, 60, 1)]
COUNTED = 2000  # calls under callgrind, which is some fifty times slower
ALLOCATING = 100_000
SECONDS = 4  # of calls over gRPC, whose allocations are counted, too


def ask(stage, path, case, calls):
    stage.control.answer(case.models, case.different)
    load = [stage.tools.programs / "load", "--alone", "--warm-up", 0, "--seconds", 0, "--calls", calls]
    processes.run([*load, "--control", stage.control.path, "ttrpc", path, case.method], limit=300)


def count_instructions(stage):
    """What is done once is done before the counting begins. Over gRPC opening a connection counts, which is h2load's."""
    profile = stage.tools.programs / "callgrind"
    callgrind = ["valgrind", "--quiet", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={profile}"]
    gateway, path = stage.start_gateway("instructions", under=callgrind)
    over_grpc = Way("gateway, gRPC", gateway, path, "h2load")

    def ask_over_grpc(case, calls):
        over_grpc.rates[case] = calls
        over_grpc.measure(stage, case, 1)

    def counted(case, wire, ask):
        ask(case, 100)
        processes.run(["callgrind_control", "--instr=on", gateway.pid])
        processes.run(["callgrind_control", "--zero", gateway.pid])
        ask(case, COUNTED)
        processes.run(["callgrind_control", "--dump", gateway.pid])
        processes.run(["callgrind_control", "--instr=off", gateway.pid])
        newest = max(profile.parent.glob("callgrind.*"), key=lambda file: file.stat().st_mtime_ns)
        kept = newest.rename(profile.parent / f"profile of {case.call}, {wire}")
        return int(re.search(r"^(?:totals|summary): (\d+)", kept.read_text(), re.MULTILINE)[1]) / COUNTED

    for case in PATHS:
        yield counted(case, "ttrpc", lambda case, calls: ask(stage, path, case, calls)), counted(case, "gRPC", ask_over_grpc)
    gateway.stop()
    profile.unlink(missing_ok=True)


def count_allocations(stage):
    counter = stage.directory / "allocations"
    counter.write_bytes(bytes(8))
    environment = {**os.environ, "LD_PRELOAD": stage.tools.programs / "allocations.so", "ALLOCATIONS": counter}
    gateway, path = stage.start_gateway("allocations", environment=environment)

    def counted():
        return struct.unpack("=Q", counter.read_bytes())[0]

    for case in PATHS:
        ask(stage, path, case, 1000)
        before = counted()
        ask(stage, path, case, ALLOCATING)
        yield (counted() - before) / ALLOCATING
    over_grpc = Way("gateway, gRPC", gateway, path, "h2load")
    for case in PATHS:
        over_grpc.measure(stage, case, SECONDS)
        before = counted()
        calls = over_grpc.measure(stage, case, SECONDS)["calls"]
        yield (counted() - before) / calls
    gateway.stop()


def main():
    program, programs = map(pathlib.Path, sys.argv[1:])
    processes.prepare()
    with tempfile.TemporaryDirectory() as directory:
        # Debian's valgrind cannot read the debug information that Swift writes; the symbols are enough.
        bare = pathlib.Path(directory, "models-gateway")
        processes.run(["objcopy", "--strip-debug", program, bare])
        stage = Stage(Tools(bare, programs, environment=None), pathlib.Path(directory))
        instructions, allocations = list(count_instructions(stage)), list(count_allocations(stage))
    print("| call, alone | instructions | over gRPC | allocations | over gRPC |\n| --- | --- | --- | --- | --- |")
    over_ttrpc, over_grpc = allocations[: len(PATHS)], allocations[len(PATHS) :]
    for case, counts, *allocated in zip(PATHS, instructions, over_ttrpc, over_grpc, strict=True):
        figures = [f"{count:,.0f}" for count in counts] + [f"{count:.3f}" for count in allocated]
        print(f"| {case.call} | {' | '.join(figures)} |")


main()
