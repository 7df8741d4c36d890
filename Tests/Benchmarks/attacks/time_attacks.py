"""Attacks on the others' time: whoever holds the loop keeps everybody waiting."""

import contextlib
import itertools
import select
import statistics
import time

import bodies
import upstreams
from attack import Attack, bystander_waits, memory_grows_by, shot_waits
from frames import FrameReader
from support import wire
from support.upstream import sending

SHOTS = 5
SECONDS_OF_BURSTS = 12


def _last_bytes_together(frame, count):
    """Frames that lack one byte, whose last bytes come together."""

    def run(scene):
        connections = scene.connect(count)
        scene.send(connections, memoryview(frame)[:-1])
        scene.settle()
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.send(frame[-1:])
        scene.settle()

    return run


def _shots(shot):
    """The same, again and again with nothing between."""

    def run(scene):
        for _ in range(SHOTS):
            scene.shoot(lambda: shot(scene))
        return {"wait": statistics.median(waits["most"] for waits in scene.shots)}

    return run


def _sends(frame):
    return _shots(lambda scene: scene.send(scene.connect(1), frame))


DIFFERENT_MEMBERS = bodies.create_with(f'"{number}":0' for number in itertools.count())
EQUAL_MEMBERS = bodies.create_with(itertools.repeat('"":0'))


def _ask_snapshot(scene):
    (connection,) = scene.connect(1)
    connection.sendall(bodies.request("ModelsSnapshot", alone=True))
    with contextlib.suppress(OSError):
        connection.recv(1)


LARGE_ANSWER = bodies.models(64 * bodies.MEBIBYTE)
LARGE_ANSWERS = upstreams.Together(LARGE_ANSWER)


def _ask_large_answers(scene):
    for connection in scene.connect(32):
        connection.sendall(bodies.request("ModelsSnapshot", alone=True))
    LARGE_ANSWERS.wait(32, timeout=8)
    scene.settle()
    LARGE_ANSWERS.release()
    scene.settle()


def _flood(scene):
    """Connections that send as fast as they are read from, and read what they are answered."""
    connections = {connection.fileno(): connection for connection in scene.connect(200)}
    frames = bodies.BAD_FRAME * 6400
    poll = select.epoll()
    for descriptor, connection in connections.items():
        connection.setblocking(False)
        poll.register(descriptor, select.EPOLLIN | select.EPOLLOUT)
    rest = dict.fromkeys(connections, memoryview(b""))
    end = time.monotonic() + 4
    while time.monotonic() < end:
        for descriptor, events in poll.poll(0.1):
            try:
                if events & select.EPOLLIN and not connections[descriptor].recv(1 << 18):
                    poll.unregister(descriptor)
                elif events & select.EPOLLOUT:
                    data = rest[descriptor] or memoryview(frames)
                    rest[descriptor] = data[connections[descriptor].send(data) :]
            except BlockingIOError:
                pass
            except ConnectionError:  # the gateway has had enough of it
                poll.unregister(descriptor)
    poll.close()


def _read_in_bursts(scene):
    """Reads until nothing more is there, then not at all for 0.8 s; asks for another stream for each that has ended."""
    (connection,) = scene.connect(1)
    ids, frames, missing = itertools.count(1, 2), FrameReader(), 32
    end = time.monotonic() + SECONDS_OF_BURSTS
    with contextlib.suppress(OSError, EOFError):
        while time.monotonic() < end:
            for _ in range(missing):
                connection.sendall(bodies.request("StreamModelsSnapshot", next(ids), alone=True))
            scene.rest(0.8)
            missing, burst_end = 0, time.monotonic() + 0.15
            while time.monotonic() < burst_end and select.select([connection], [], [], 0.02)[0]:
                missing += frames.read(connection).count(wire.RESPONSE)
    scene.rest(end - time.monotonic())


ATTACKS = [
    Attack(
        "creates", "63 clients complete a 4 MiB create of control characters at once",
        _last_bytes_together(bodies.create(), 63), [bystander_waits(100)], {"on_accept": upstreams.silent},
    ),
    Attack(
        "create", "one create of 4 MiB of control characters",
        _sends(bodies.create()), [shot_waits(25)], {"on_accept": upstreams.silent},
    ),
    Attack(
        "members", "one create of 4 MiB of additional properties",
        _sends(DIFFERENT_MEMBERS), [shot_waits(25)], {"on_accept": upstreams.silent},
    ),
    Attack(
        "equal-members", "one create of 4 MiB of additional properties of one name",
        _sends(EQUAL_MEMBERS), [shot_waits(25)], {"on_accept": upstreams.silent},
    ),
    Attack(
        "empty-metadata", "one request of 4 MiB of empty metadata",
        _sends(bodies.empty_metadata()), [shot_waits(25)], {"on_accept": upstreams.silent},
    ),
    Attack(
        "large-answers", "32 answers of 64 MiB whose last bytes come together",
        _ask_large_answers, [bystander_waits(100)], {"script": LARGE_ANSWERS},
    ),
    Attack(
        "large-answer", "one answer of 64 MiB",
        _shots(_ask_snapshot), [shot_waits(50), memory_grows_by(32)],
        {"script": sending(LARGE_ANSWER)},
    ),
    Attack(
        "bad-frames", "200 clients that send nothing but the shortest bad frames",
        _flood, [bystander_waits(100)], {},
    ),
    Attack(
        "unknown-fields", "63 clients complete 4 MiB of unknown fields at once",
        _last_bytes_together(bodies.unknown_fields(), 63), [bystander_waits(150)], {},
    ),
    Attack(
        "bursts", "one client with 32 streams that it reads in bursts with 0.8 s between",
        _read_in_bursts, [bystander_waits(1, "s", "another client's longest wait for Pieces OS")],
        {"script": upstreams.endless}, asks="UnloadModels",
    ),
]  # fmt: skip
