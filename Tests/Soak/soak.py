"""Calls of every kind through one gateway, many at a time; what it holds early on is what it holds at the end.

The bulk is made by the benchmark's load generator against the benchmark's upstream, which check every answer. Beside
it a client does whatever clients should not do.
"""

import json
import random
import re
import struct
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from support import wire
from support.client import Client
from support.envelope import CANCELLED, DEADLINE_EXCEEDED, INVALID_ARGUMENT, OK, UNAVAILABLE, UNIMPLEMENTED
from support.gateway import Gateway

UPSTREAM_CONNECTIONS = 32  # What the gateway makes and keeps.
CONTROL_PAGE = 64  # Bytes; Tests/Benchmarks/control.h.
EARLY = 100_000
SEGMENT = 50_000
ALLOWED_GROWTH = 1 << 20

# What each segment asks, and of how many models the list then is.
KINDS = (
    (("--connections", "8", "--in-flight", "16"), "UnloadModels", 1),
    (("--connections", "64", "--in-flight", "2"), "UnloadModels", 1),
    (("--connections", "8", "--in-flight", "8"), "ModelsSnapshot", 1),
    (("--connections", "4", "--in-flight", "16", "--alone"), "ModelsSnapshot", 1),
    (("--connections", "100", "--in-flight", "1", "--alone"), "ModelsSnapshot", 3),
)


class Mischief(threading.Thread):
    """A client that makes mistakes, gives up and disappears, and expects the right answer to each of them."""

    def __init__(self, path: str):
        super().__init__(daemon=True)
        self.calls = 0
        self.fault: str | None = None
        self._path = path
        self._chance = random.Random(1)
        self._running = threading.Event()
        self._paused = threading.Event()

    def run(self) -> None:
        while True:
            self._paused.set()
            self._running.wait()
            self._paused.clear()
            while self._running.is_set():
                try:
                    self._round()
                except Exception as error:
                    self.fault = repr(error)
                    self._running.clear()

    def resume(self) -> None:
        self._paused.clear()
        self._running.set()

    def pause(self) -> None:
        self._running.clear()
        self._paused.wait()
        if self.fault:
            sys.exit(f"a client that makes mistakes was answered wrongly: {self.fault}")

    def _round(self) -> None:
        """One connection, from its beginning to its end."""
        client = Client(self._path)
        mistakes = (self._unknown, self._bad_payload, self._too_late, self._cancelled, self._stream, self._create)
        for _ in range(20):
            self._chance.choice(mistakes)(client)
            self.calls += 1
        if self._chance.random() < 0.5:
            self._leave(client)
        client.close()

    def _expect(self, found, *codes: int) -> None:
        if found.code not in codes:
            raise ValueError(found)

    def _unknown(self, client: Client) -> None:
        self._expect(client.call("NoSuchMethod"), UNIMPLEMENTED)

    def _bad_payload(self, client: Client) -> None:
        self._expect(client.call("ModelsDeleteSpecificModel", wire.field(1, "..")), INVALID_ARGUMENT)

    def _too_late(self, client: Client) -> None:
        timeout = self._chance.choice((-1, 1, 1_000_000))
        self._expect(client.call("UnloadModels", timeout_nano=timeout), DEADLINE_EXCEEDED, OK)

    def _cancelled(self, client: Client) -> None:
        stream_id = client.request("UnloadModels")
        self._expect(client.cancel(stream_id), OK)
        self._expect(client.response(stream_id), CANCELLED, OK)

    def _stream(self, client: Client) -> None:
        messages, error = client.stream()
        if error or not messages:
            raise ValueError(error)

    def _create(self, client: Client) -> None:
        payload = wire.field(1, wire.field(11, "d" * self._chance.randrange(10_000)))
        # An upstream connection that was given up by somebody else at this moment is no fault.
        self._expect(client.call("ModelsCreateNewModel", payload), OK, UNAVAILABLE)

    def _leave(self, client: Client) -> None:
        """Disappears with calls in flight, or in the middle of a frame, or after bytes that are no frame."""
        for _ in range(self._chance.randrange(10)):
            client.request("ModelsSnapshot")
        client.send(self._chance.choice((b"", b"\0\0\0", b"P", wire.header(wire.MAX_DATA + 9, 99, 1, 1) + b"x")))


class Soak:
    """The upstream, the gateway and everybody who asks."""

    def __init__(self, programs: Path, directory: Path):
        self.load = programs / "load"
        self.page = directory / "control"
        self.page.write_bytes(bytes(CONTROL_PAGE))
        self.set_models(1)
        self.upstream = subprocess.Popen([programs / "upstream", self.page], stdout=subprocess.PIPE, text=True)
        port = re.match(r"ready (\d+)", self.upstream.stdout.readline())[1]
        self.path = str(directory / "gateway.sock")
        self.gateway = Gateway("--socket", self.path, "--upstream", f"http://127.0.0.1:{port}")
        self.own_descriptors = self.gateway.descriptors()
        self.mischief = Mischief(self.path)
        self.mischief.start()
        self.own_calls = 0

    def close(self) -> None:
        self.gateway.stop()
        self.upstream.kill()
        self.upstream.wait()

    @property
    def calls(self) -> int:
        return self.own_calls + self.mischief.calls

    def set_models(self, count: int) -> None:
        with self.page.open("r+b") as file:
            file.write(struct.pack("=Q", count))

    def work(self, until: int) -> None:
        """Takes its turns through all kinds until so many calls have been made."""
        turn = 0
        while self.calls < until:
            options, method, models = KINDS[turn % len(KINDS)]
            turn += 1
            self.set_models(models)
            self.mischief.resume()
            self.ask(min(SEGMENT, max(1, until - self.calls)), method, options)
            self.mischief.pause()

    def ask(self, calls: int, method: str, options: tuple[str, ...]) -> None:
        command = [self.load, "--warm-up", "0", "--seconds", "0", "--calls", str(calls), *options]
        done = subprocess.run([*command, "ttrpc", self.path, method], stdout=subprocess.PIPE, check=True)
        measured = json.loads(done.stdout)
        if measured["errors"]:
            sys.exit(f"{measured['errors']} wrong answers to {method} {options}")
        self.own_calls += measured["calls"]

    def settle(self) -> tuple[int, int]:
        """Memory and descriptors when all have gone and every upstream connection that may be kept is there."""
        self.ask(EARLY // 10, "UnloadModels", ("--connections", "8", "--in-flight", "64"))
        self.gateway.wait_for_descriptors(self.own_descriptors + UPSTREAM_CONNECTIONS)
        return self.gateway.memory("VmRSS"), self.gateway.descriptors()


def main() -> None:
    programs, calls = Path(sys.argv[1]), int(sys.argv[2])
    with tempfile.TemporaryDirectory() as directory:
        soak = Soak(programs, Path(directory))
        started = time.monotonic()
        soak.work(EARLY)
        early = soak.settle()
        print(f"{soak.calls:>12,} calls: {early[0] / 1024:,.0f} KiB resident, {early[1]} descriptors", flush=True)
        for at in range(1, 11):
            soak.work(max(EARLY, calls * at // 10))
            late = soak.settle()
            print(f"{soak.calls:>12,} calls: {late[0] / 1024:,.0f} KiB resident, {late[1]} descriptors", flush=True)
        soak.close()
        print(f"in {time.monotonic() - started:,.0f} s, {soak.mischief.calls:,} of them mistakes of clients")
        grown = late[0] - early[0]
        print(f"resident memory: {grown / 1024:+,.0f} KiB, at most {ALLOWED_GROWTH / 1024:+,.0f} are allowed")
        if grown > ALLOWED_GROWTH or late[1] != early[1]:
            sys.exit(1)


main()
