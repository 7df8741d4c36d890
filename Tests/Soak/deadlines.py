"""How late calls are told that their time is up, as their client sees it.

Pieces OS takes every request and answers none. A call's time begins before its first byte is sent, and has ended when
its answer has been read.
"""

import random
import socket
import sys
import tempfile
import time
from pathlib import Path

from support.client import Client
from support.envelope import DEADLINE_EXCEEDED, parse_response
from support.gateway import Gateway

SHORTEST, LONGEST = 5_000_000, 200_000_000


def lateness(client: Client, calls: int, in_flight: int) -> list[int]:
    """The nanoseconds between the deadline and the answer of each call, sorted."""
    chance = random.Random(calls)
    due: dict[int, int] = {}
    late = []
    while len(late) < calls:
        while len(due) < min(in_flight, calls - len(late)):
            timeout = chance.randint(SHORTEST, LONGEST)
            started = time.monotonic_ns()
            due[client.request("UnloadModels", timeout_nano=timeout)] = started + timeout
        frame = client.receive()
        late.append(time.monotonic_ns() - due.pop(frame.stream_id))
        answer = parse_response(frame)
        if answer.code != DEADLINE_EXCEEDED:
            sys.exit(f"a wrong answer: {answer}")
    return sorted(late)


def main() -> None:
    calls = int(sys.argv[1])
    # The kernel accepts for it. Whoever did it here would take time from the client.
    upstream = socket.create_server(("127.0.0.1", 0), backlog=4096)
    url = f"http://127.0.0.1:{upstream.getsockname()[1]}"
    early = 0
    with tempfile.TemporaryDirectory() as directory:
        path = str(Path(directory) / "gateway.sock")
        gateway = Gateway("--socket", path, "--upstream", url)
        print("in flight   calls   early   p50 late   p99 late   max late")
        for in_flight in (1, 64):
            late = lateness(Client(path), calls, in_flight)
            figures = [late[min(calls - 1, calls * part // 100)] / 1e6 for part in (50, 99, 100)]
            early += (below := sum(nanoseconds < 0 for nanoseconds in late))
            columns = "".join(f"{figure:8.2f} ms" for figure in figures)
            print(f"{in_flight:9} {calls:7,} {below:7}{columns}", flush=True)
        gateway.stop()
    upstream.close()
    sys.exit(early > 0)


main()
