"""Attacks a gateway in every way that its README promises something about, and says what each costs the others."""

import argparse
import datetime
import os
import pathlib
import sys
import time

BENCHMARKS = pathlib.Path(__file__).resolve().parent.parent
sys.path += [str(BENCHMARKS / "measure"), str(BENCHMARKS.parent / "EndToEnd")]

import http2_attacks  # noqa: E402
import memory_attacks  # noqa: E402
import page  # noqa: E402
import processes  # noqa: E402
import time_attacks  # noqa: E402
from scene import Scene  # noqa: E402

GROUPS = {"Time": time_attacks.ATTACKS, "Memory": memory_attacks.ATTACKS, "HTTP/2": http2_attacks.ATTACKS}
NAMES = [attack.name for attacks in GROUPS.values() for attack in attacks]

ABOUT = """\
Every attack has a gateway process of its own, with the default options, and a hostile stand-in for Pieces OS. Beside it
a bystander, a process of its own, calls every 2 ms what the gateway answers by itself; what it waits is how long the
loop is away. Each attack takes 20 s at most; an answer that has not come by then counts with its age ('over').
"""
EXAMPLES = """\
examples:
  Tests/Benchmarks/run.sh --attacks                     builds, two minutes; writes attacks.md
  python3 Tests/Benchmarks/attacks --list
  python3 Tests/Benchmarks/attacks --gateway .build/release/models-gateway --only create --only idle

The figures are comparable only if little else is running. The exit code is 0 whether goals are met or not.
"""


def read_command_line():
    parser = argparse.ArgumentParser(
        prog="attacks", description=ABOUT, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--gateway", type=pathlib.Path, metavar="BINARY", help="models-gateway, built for release")
    parser.add_argument("--only", action="append", choices=NAMES, metavar="NAME", help="this attack; may be repeated")
    parser.add_argument("--list", action="store_true", help="the names of all attacks, and what they do")
    parser.add_argument("--results", type=pathlib.Path, metavar="FILE", help="where the page is written, too")
    arguments = parser.parse_args()
    if not arguments.list and not arguments.gateway:
        parser.error("name the program to attack: --gateway .build/release/models-gateway (or see --list)")
    if arguments.gateway and not os.access(arguments.gateway, os.X_OK):
        parser.error(f"{arguments.gateway} is no program; swift build -c release --product models-gateway makes it")
    return arguments


def print_list():
    for heading, attacks in GROUPS.items():
        print(heading)
        for attack in attacks:
            goals = "; ".join(f"{goal.measured} ≤ {goal.limit} {goal.unit}" for goal in attack.goals)
            print(f"  {attack.name:<16}{attack.what}\n{'':18}{goals}")


def carry_out(binary, attack):
    """What was found, or why nothing was."""
    try:
        with Scene(binary, attack) as scene:
            return scene.measure()
    except (EOFError, OSError) as error:
        return f"not measured: {error}"


def main():
    arguments = read_command_line()
    if arguments.list:
        return print_list()
    processes.prepare()
    os.sched_setaffinity(0, {processes.AROUND})
    groups = {}
    for heading, attacks in GROUPS.items():
        for attack in attacks:
            if arguments.only and attack.name not in arguments.only:
                continue
            findings = carry_out(arguments.gateway, attack)
            groups.setdefault(heading, []).append((attack, findings))
            for row in page.goal_rows(attack, findings):
                print(f"{time.monotonic() - BEGAN:6.1f} s  {attack.name}: {' | '.join(row[1:])}", file=sys.stderr)
    about = {
        "date": datetime.date.today().isoformat(),
        "command": "Tests/Benchmarks/run.sh --attacks" + "".join(f" --only {name}" for name in arguments.only or []),
        "cores": os.cpu_count(),
    }
    text = page.markdown(about, groups)
    if arguments.results:
        arguments.results.write_text(text)
    print(text)


BEGAN = time.monotonic()
main()
