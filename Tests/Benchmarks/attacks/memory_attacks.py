"""Attacks on memory: what is asked and not read, begun and not ended, or kept for those who have gone quiet."""

import contextlib
import itertools
import select
import time

import bodies
import upstreams
from attack import Attack, each_takes, memory_grows_by, memory_is
from client import Client
from support.upstream import sending

MEGABYTE = 1_000_000
SLOW = 65_536  # bytes a second
IDLE = 1000
QUEUE = 1000  # calls that may wait for Pieces OS, nearly
SECONDS_OF_ASKING = 10


class Asker:
    """Asks for snapshots, as far as the socket takes the requests; those of one time in one piece."""

    def __init__(self, connection, alone):
        self.connection = connection
        self.alone = alone
        self._ids = itertools.count(1, 2)
        self._unsent = b""
        connection.setblocking(False)

    def ask(self, calls):
        ids = itertools.islice(self._ids, calls)
        self._unsent += b"".join(bodies.request("ModelsSnapshot", next_id, alone=self.alone) for next_id in ids)
        with contextlib.suppress(OSError):  # full, or closed by the gateway
            self._unsent = self._unsent[self.connection.send(self._unsent) :]


def _ask_without_reading(clients, calls, alone):
    def run(scene):
        for connection in scene.connect(clients):
            Asker(connection, alone).ask(calls)
        scene.settle(quiet=1)

    return run


def _read_slowly(connections, seconds, scene):
    """Each reads 64 KiB a second, an eighth at a time."""
    end = min(time.monotonic() + seconds, scene.deadline)
    while time.monotonic() < end:
        began = time.monotonic()
        for connection in select.select(connections, [], [], 0)[0]:
            try:
                if not connection.recv(SLOW // 8):
                    connections.remove(connection)
            except OSError:
                connections.remove(connection)
        time.sleep(max(0, began + 1 / 8 - time.monotonic()))


def _read_shared_answers_slowly(scene):
    connections = scene.connect(32)
    for connection in connections:
        connection.sendall(bodies.request("ModelsSnapshot"))
    _read_slowly(connections, 4, scene)


def _take_all_there_is(clients, read):
    """Asks for large answers of its own again and again, whether those before have been read or not."""

    def run(scene):
        connections = scene.connect(clients)
        askers = [Asker(connection, alone=True) for connection in connections]
        more, end = QUEUE // clients, time.monotonic() + SECONDS_OF_ASKING
        while time.monotonic() < end:
            for asker in askers:
                asker.ask(more)
            more = 20
            if read:
                _read_slowly(connections, 1, scene)
            else:
                scene.rest(1)

    return run


def _stay_after_a_snapshot(scene):
    """The first client's snapshot is not counted: it pays for what all of them use."""
    clients = [scene.enter_context(contextlib.closing(Client(scene.path))) for _ in range(IDLE + 1)]
    clients[0].call("ModelsSnapshot")
    scene.settle(quiet=1)
    before = scene.gateway.memory()
    for client in clients[1:]:
        client.call("ModelsSnapshot")
    scene.settle(quiet=2)
    return {"each": (scene.gateway.memory() - before) / IDLE}


def _create(scene):
    scene.send(scene.connect(32), bodies.create())
    scene.settle(quiet=1)


def _stream(scene):
    for connection in scene.connect(32):
        connection.sendall(bodies.request("StreamModelsSnapshot", alone=True))
    scene.settle(quiet=1)


def _answers(answer):
    return {"script": sending(answer)}


ATTACKS = [
    Attack(
        "unread", "200 snapshots of 1 MB asked on one connection, none read",
        _ask_without_reading(1, 200, alone=True), [memory_grows_by(48)], _answers(bodies.long_models(MEGABYTE)),
    ),
    Attack(
        "unread-shared", "64 clients ask for 10 shared snapshots of 1 MB each and read none",
        _ask_without_reading(64, 10, alone=False), [memory_grows_by(17)], _answers(bodies.long_models(MEGABYTE)),
    ),
    Attack(
        "slow-shared", "32 clients read shared answers of 2 MB at 64 KiB a second",
        _read_shared_answers_slowly, [memory_grows_by(10)], _answers(bodies.long_models(2 * MEGABYTE)),
    ),
    Attack(
        "idle", "1,000 connections that have read one snapshot of 241 KB each and are idle",
        _stay_after_a_snapshot, [each_takes(4)], _answers(bodies.long_models(241_000)),
    ),
    Attack(
        "idle-60", "1,000 connections that have read one snapshot of 60 models each and are idle",
        _stay_after_a_snapshot, [each_takes(4)], _answers(bodies.models(70_000)),
    ),
    Attack(
        "creates-silent", "32 creates of 4 MiB of control characters in flight, upstream silent",
        _create, [memory_is(160)], {"on_accept": upstreams.silent},
    ),
    Attack(
        "creates-deaf", "32 creates of 4 MiB of control characters in flight, upstream does not read",
        _create, [memory_is(160)], {"on_accept": upstreams.deaf},
    ),
    Attack(
        "elements", "32 streams with one unfinished element of 15 MiB",
        _stream, [memory_is(192)], {"script": upstreams.unfinished},
    ),
    Attack(
        "never-readers", "12 clients ask for answers of 3.5 MB of their own for as long as they may, and read none",
        _take_all_there_is(12, read=False), [memory_is(256)], _answers(bodies.long_models(3_500_000)),
    ),
    Attack(
        "slow-readers", "64 clients do the same and read 64 KiB a second",
        _take_all_there_is(64, read=True), [memory_is(256)], _answers(bodies.long_models(3_500_000)),
    ),
]  # fmt: skip
