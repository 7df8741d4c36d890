"""Attacks that HTTP/2 makes possible: shut windows, compressed requests, heads, resets."""

import contextlib
import gzip
import itertools
import select
import time

import bodies
import h2
import upstreams
from attack import Attack, bystander_waits, memory_grows_by, memory_is
from memory_attacks import MEGABYTE
from support.upstream import sending

SECONDS_OF_FLOOD = 4
FLOODERS = 200
#: Frames of nothing that a flooder sends at once, so that it is not the slower of the two.
AT_ONCE = 100


def _connect(scene, count, **window):
    connections = scene.connect(count)
    for connection in connections:
        connection.sendall(h2.greeting(**window))
    return connections


def _snapshot(stream_id, alone):
    """`alone`: as in bodies.request."""
    fields = [(b"traceparent", bodies.new_traceparent().encode())] if alone else []
    return h2.request("ModelsSnapshot", stream_id, fields)


def _leave_behind_shut_windows(clients, calls, alone):
    """Asks for snapshots with windows that are shut, and reads nothing."""

    def run(scene):
        for connection in _connect(scene, clients, window=0):
            asked = b"".join(_snapshot(1 + 2 * number, alone) for number in range(calls))
            scene.send([connection], asked)
        scene.settle(quiet=1)

    return run


def _send_compressed_creates(clients):
    """32 creates each of 4 MiB of control characters, which gzip makes 4 KiB of."""

    def run(scene):
        body = h2.message(gzip.compress(bodies.new_model()), is_compressed=True)
        asked = b"".join(
            h2.head("ModelsCreateNewModel", stream_id, [(b"grpc-encoding", b"gzip")])
            + h2.frame(h2.DATA, stream_id, body, h2.END_STREAM)
            for stream_id in range(1, 65, 2)
        )
        scene.send(_connect(scene, clients), asked)
        scene.settle(quiet=1)
        return {"sent": clients * len(asked)}

    return run


def _complete_creates_together(scene):
    connections = scene.connect(63)
    body = h2.message(bodies.new_model())
    for connection in connections:
        client = h2.Client(connection=connection)
        connection.sendall(h2.head("ModelsCreateNewModel", 1))
        client.send_data(1, memoryview(body)[:-1])
    scene.settle()
    for connection in connections:
        with contextlib.suppress(OSError):
            connection.send(h2.frame(h2.DATA, 1, body[-1:], h2.END_STREAM))
    scene.settle()


class _Flooder:
    """A connection that sends as fast as it is read from, and reads what it is answered; another when it is closed."""

    def __init__(self, scene, flood):
        self.scene = scene
        self.flood = flood
        self.connection = None

    def begin(self, poll):
        (self.connection,) = self.scene.connect(1)
        self.connection.setblocking(False)
        self.parts = itertools.chain([h2.greeting()], self.flood)
        self.unsent = memoryview(b"")
        poll.register(self.connection, select.EPOLLIN | select.EPOLLOUT)

    def go_on(self, events, poll):
        try:
            if events & select.EPOLLIN and not self.connection.recv(1 << 18):
                raise ConnectionError
            if events & select.EPOLLOUT:
                self.unsent = self.unsent or memoryview(next(self.parts))
                self.unsent = self.unsent[self.connection.send(self.unsent) :]
        except BlockingIOError:
            pass
        except (ConnectionError, StopIteration):
            self.connection.close()
            self.begin(poll)


def _flood(step, steps=10_000):
    """`step`: what is sent so many times by a connection, made of a stream id that is higher each time."""
    flood = [b"".join(step(1 + 2 * number) for number in range(first, first + 10)) for first in range(0, steps, 10)]

    def run(scene):
        poll = select.epoll()
        flooders = {}
        for flooder in [_Flooder(scene, flood) for _ in range(FLOODERS)]:
            flooder.begin(poll)
            flooders[flooder.connection.fileno()] = flooder
        end = time.monotonic() + SECONDS_OF_FLOOD
        while time.monotonic() < end:
            for descriptor, events in poll.poll(0.1):
                flooder = flooders.pop(descriptor)
                flooder.go_on(events, poll)
                flooders[flooder.connection.fileno()] = flooder
        poll.close()

    return run


def _nobodys_call(stream_id):
    return h2.request("Nothing", stream_id)


def _reset_call(stream_id):
    return _snapshot(stream_id, alone=False) + h2.reset(stream_id)


def _long_head(stream_id):
    """References to one field, a byte each."""
    frames = [h2.frame(h2.CONTINUATION, stream_id, b"\x82" * h2.LARGEST_FRAME) for _ in range(7)]
    last = h2.frame(h2.CONTINUATION, stream_id, b"\x82" * h2.LARGEST_FRAME, h2.END_HEADERS)
    return h2.frame(h2.HEADERS, stream_id, b"", h2.END_STREAM) + b"".join(frames) + last


def _pings(_):
    return h2.frame(h2.PING, 0, bytes(8)) * AT_ONCE


def _settings(_):
    return h2.frame(h2.SETTINGS, 0) * AT_ONCE


def _empty_data(stream_id):
    """All for one call, whose message never comes."""
    head = h2.head("UnloadModels", 1) if stream_id == 1 else b""
    return head + h2.frame(h2.DATA, 1) * AT_ONCE


def _answers(size):
    return {"script": sending(bodies.long_models(size))}


ATTACKS = [
    Attack(
        "shut-windows", "12 clients ask for 83 answers of 3.5 MB each of their own, with windows that are shut",
        _leave_behind_shut_windows(12, 83, alone=True), [memory_is(256)], _answers(3_500_000),
    ),
    Attack(
        "shut-window", "one client asks for 100 answers of 3.5 MB of its own, with windows that are shut",
        _leave_behind_shut_windows(1, 100, alone=True), [memory_is(256)], _answers(3_500_000),
    ),
    Attack(
        "shut-shared", "64 clients ask for 10 shared snapshots of 1 MB each, with windows that are shut",
        _leave_behind_shut_windows(64, 10, alone=False), [memory_grows_by(17)], _answers(MEGABYTE),
    ),
    Attack(
        "gzip", "one client sends 32 creates of 4 MiB of control characters, compressed to 4 KiB each",
        _send_compressed_creates(1), [bystander_waits(100), memory_is(160)], {"on_accept": upstreams.silent},
    ),
    Attack(
        "gzips", "16 clients do the same",
        _send_compressed_creates(16), [bystander_waits(100), memory_is(160)], {"on_accept": upstreams.silent},
    ),
    Attack(
        "h2-creates", "63 clients complete a 4 MiB create of control characters at once",
        _complete_creates_together, [bystander_waits(100)], {"on_accept": upstreams.silent},
    ),
    Attack(
        "h2-calls", "200 clients that send nothing but calls of a method which there is not",
        _flood(_nobodys_call), [bystander_waits(100)], {},
    ),
    Attack(
        "resets", "200 clients that send nothing but calls and their resets, and come again when they are closed",
        _flood(_reset_call), [bystander_waits(100)], _answers(1_000),
    ),
    Attack(
        "pings", "200 clients that send nothing but PINGs, and come again when they are closed",
        _flood(_pings), [bystander_waits(100), memory_grows_by(16)], {},
    ),
    Attack(
        "settings", "200 clients that send nothing but SETTINGS",
        _flood(_settings), [bystander_waits(100), memory_grows_by(16)], {},
    ),
    Attack(
        "empty-data", "200 clients that send nothing but DATA of which there is none",
        _flood(_empty_data), [bystander_waits(100), memory_grows_by(16)], {},
    ),
    Attack(
        "heads", "200 clients that send nothing but heads of 128 KiB whose fields are a byte each",
        _flood(_long_head, steps=100), [bystander_waits(100)], {},
    ),
]  # fmt: skip
