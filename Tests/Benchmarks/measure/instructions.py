"""Counts the gateway's instructions a call under callgrind.

instructions.py GATEWAY PROGRAMS
"""

import pathlib
import re
import sys
import tempfile

import processes
from stage import Stage, Tools
from throughput import Case

CALLS = 2000
PATHS = [Case(0, False, 1), Case(60, False, 1), Case(60, True, 1)]


def count(stage, gateway, path, case, profile):
    """Warms up, then counts: what is done once, such as opening connections, is no part of a call."""
    stage.control.answer(case.models, case.different)

    def ask(calls):
        load = [stage.tools.programs / "load", "--alone", "--warm-up", 0, "--calls", calls]
        processes.run([*load, "--control", stage.control.path, "ttrpc", path, case.method], limit=300)

    def say(*words):
        processes.run(["callgrind_control", *words, gateway.pid])

    ask(100)
    say("--instr=on")
    say("--zero")
    ask(CALLS)
    say("--dump")
    say("--instr=off")
    dumped = max(profile.parent.glob(f"{profile.name}.*"), key=lambda file: file.stat().st_mtime)
    total = int(re.search(r"^(?:totals|summary): (\d+)", dumped.read_text(), re.MULTILINE)[1])
    kept = profile.with_name(f"callgrind.{case.call.replace(', ', '-').replace(' ', '-')}")
    dumped.rename(kept)
    return total / CALLS, kept


def main():
    gateway_program, programs = map(pathlib.Path, sys.argv[1:])
    processes.prepare()
    print("| path | instructions a call |\n| --- | --- |")
    with tempfile.TemporaryDirectory() as directory:
        stage = Stage(Tools(gateway_program, programs, environment=None), pathlib.Path(directory))
        profile = programs / "callgrind.out"
        callgrind = ["valgrind", "--quiet", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={profile}"]
        gateway, path = stage.start_gateway(under=callgrind)
        for case in PATHS:
            instructions, _ = count(stage, gateway, path, case, profile)
            print(f"| {case.call} | {instructions:,.0f} |", flush=True)
        gateway.stop()


main()
