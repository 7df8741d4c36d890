"""Calls of every kind through one gateway, many at a time; what it holds early on is what it holds at the end.

Half of them are ttrpc's, half gRPC's. The bulk is made against the benchmark's upstream by its load generator, which
checks every answer, and by h2load, whose answers have to be as long altogether as so many good ones. Beside them a
client does whatever clients should not do, over one wire and then over the other.
"""

import itertools
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
from support.grpc_client import GRPCClient
from support.http2 import LARGEST_FRAME, raw, window_update

UPSTREAM_CONNECTIONS = 32  # What the gateway makes and keeps.
CONTROL_PAGE = 64  # Bytes; Tests/Benchmarks/control.h.
EARLY = 100_000
# How often each kind is asked over each wire by then: a heap grows for a while until it has room for everything.
EARLY_TURNS = 10
SEGMENT = 50_000
ALLOWED_GROWTH = 1 << 20

# What each segment asks: how many connections have how many calls in flight, of what, whether each call is on its own,
# and of how many models the list then is. Over gRPC none is.
KINDS = (
    (8, 16, "UnloadModels", False, 1),
    (64, 2, "UnloadModels", False, 1),
    (8, 8, "ModelsSnapshot", False, 1),
    (4, 16, "ModelsSnapshot", True, 1),
    (100, 1, "ModelsSnapshot", True, 3),
)


# What clients end with that leave: nothing, parts of frames, and what is none.
LAST_WORDS = (b"", b"\0\0\0", b"P", wire.header(wire.MAX_DATA + 9, 99, 1, 1) + b"x")
LAST_WORDS_OVER_GRPC = (b"", b"\0\0\0", raw(9, 1, 0, 99, b"\x82"), raw(LARGEST_FRAME + 1, 0, 0, 1), window_update(0, 0))


class Mischief(threading.Thread):
    """A client that makes mistakes, gives up and disappears, and expects the right answer to each of them."""

    def __init__(self, path: str):
        super().__init__(daemon=True)
        self.calls = 0
        self.calls_over_grpc = 0
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
        """One connection, from its beginning to its end, over the wire whose turn it is."""
        is_grpc = self.calls_over_grpc < self.calls / 2
        client = (GRPCClient if is_grpc else Client)(self._path)
        mistakes = (self._unknown, self._bad_payload, self._too_late, self._cancelled, self._stream, self._create)
        for _ in range(20):
            self._chance.choice(mistakes)(client)
            self.calls += 1
            self.calls_over_grpc += is_grpc
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
        answer = client.give_up(client.request("UnloadModels"))
        # Over gRPC nothing is answered any more.
        if answer is not None:
            self._expect(answer, CANCELLED, OK)

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
        last = LAST_WORDS_OVER_GRPC if isinstance(client, GRPCClient) else LAST_WORDS
        client.send(self._chance.choice(last))


class Soak:
    """The upstream, the gateway and everybody who asks."""

    def __init__(self, programs: Path, directory: Path):
        self.load = programs / "load"
        self.page = directory / "control"
        self.empty_request = directory / "empty-request"
        self.empty_request.write_bytes(bytes(5))  # gRPC's frame around an empty message
        self.page.write_bytes(bytes(CONTROL_PAGE))
        self.set_models(1)
        self.upstream = subprocess.Popen([programs / "upstream", self.page], stdout=subprocess.PIPE, text=True)
        port = re.match(r"ready (\d+)", self.upstream.stdout.readline())[1]
        self.path = str(directory / "gateway.sock")
        self.gateway = Gateway("--socket", self.path, "--upstream", f"http://127.0.0.1:{port}")
        self.own_descriptors = self.gateway.descriptors()
        self.mischief = Mischief(self.path)
        self.mischief.start()
        self.kinds = itertools.cycle(KINDS)
        self.own_calls = 0
        self.own_calls_over_grpc = 0

    def close(self) -> None:
        self.gateway.stop()
        self.upstream.kill()
        self.upstream.wait()

    @property
    def calls(self) -> int:
        return self.own_calls + self.mischief.calls

    @property
    def calls_over_grpc(self) -> int:
        return self.own_calls_over_grpc + self.mischief.calls_over_grpc

    def set_models(self, count: int) -> None:
        with self.page.open("r+b") as file:
            file.write(struct.pack("=Q", count))

    def work(self, until: int, segment: int = SEGMENT) -> None:
        """Takes its turns through all kinds until so many calls have been made, over the wire that has had fewer."""
        while self.calls < until:
            *kind, models = next(self.kinds)
            ask = self.ask_over_grpc if self.calls_over_grpc < self.calls / 2 else self.ask
            self.set_models(models)
            self.mischief.resume()
            ask(min(segment, until - self.calls), *kind)
            self.mischief.pause()

    def ask(self, calls: int, connections: int, in_flight: int, method: str, is_alone: bool = False) -> None:
        command = [self.load, "--warm-up", "0", "--seconds", "0", "--calls", str(calls)]
        command += ["--connections", str(connections), "--in-flight", str(in_flight), *["--alone"] * is_alone]
        done = subprocess.run([*command, "ttrpc", self.path, method], stdout=subprocess.PIPE, check=True)
        measured = json.loads(done.stdout)
        if measured["errors"]:
            sys.exit(f"{measured['errors']} wrong answers to {method}")
        self.own_calls += measured["calls"]

    def ask_over_grpc(self, calls: int, connections: int, in_flight: int, method: str, _: bool) -> None:
        client = GRPCClient(self.path)
        length = len(client.call(method).payload)
        client.close()
        calls = max(calls, connections * in_flight)
        done = subprocess.run(
            ["h2load", f"--requests={calls}", f"--clients={connections}", f"--max-concurrent-streams={in_flight}",
             "--window-bits=24", "--connection-window-bits=26", f"--base-uri=unix:{self.path}",
             f"--data={self.empty_request}", "--header=content-type: application/grpc", "--header=te: trailers",
             f"http://localhost/pieces.models.v1.ModelsService/{method}"],
            stdout=subprocess.PIPE, text=True, check=True,
        )  # fmt: skip
        data = int(re.search(r"\((\d+)\) data", done.stdout)[1])
        if f" {calls} succeeded" not in done.stdout or data != calls * (5 + length):
            sys.exit(f"wrong answers to {method} over gRPC:\n{done.stdout}")
        self.own_calls += calls
        self.own_calls_over_grpc += calls

    def settle(self) -> tuple[int, int]:
        """Memory and descriptors when all have gone and every upstream connection that may be kept is there."""
        self.ask(EARLY // 10, 8, 64, "UnloadModels")
        self.gateway.wait_for_descriptors(self.own_descriptors + UPSTREAM_CONNECTIONS)
        return self.gateway.memory("VmRSS"), self.gateway.descriptors()


def main() -> None:
    programs, calls = Path(sys.argv[1]), int(sys.argv[2])
    with tempfile.TemporaryDirectory() as directory:
        soak = Soak(programs, Path(directory))
        started = time.monotonic()
        soak.work(EARLY, EARLY // (2 * len(KINDS) * EARLY_TURNS))
        early = soak.settle()
        print(f"{soak.calls:>12,} calls: {early[0] / 1024:,.0f} KiB resident, {early[1]} descriptors", flush=True)
        for at in range(1, 11):
            soak.work(max(EARLY, calls * at // 10))
            late = soak.settle()
            print(f"{soak.calls:>12,} calls: {late[0] / 1024:,.0f} KiB resident, {late[1]} descriptors", flush=True)
        soak.close()
        print(f"in {time.monotonic() - started:,.0f} s, {soak.mischief.calls:,} of them mistakes of clients,")
        print(f"{soak.calls_over_grpc:,} of them over gRPC")
        grown = late[0] - early[0]
        print(f"resident memory: {grown / 1024:+,.0f} KiB, at most {ALLOWED_GROWTH / 1024:+,.0f} are allowed")
        if grown > ALLOWED_GROWTH or late[1] != early[1]:
            sys.exit(1)


main()
