"""Section 2: what has been done to servers of HTTP/2, by its name. Whoever does it is stopped or bounded, and nobody else
notices."""

import os
import resource
from typing import Callable

from hyperframe.frame import DataFrame, PriorityFrame
from support import wire
from support.connection import Connection
from support.envelope import DEADLINE_EXCEEDED, INTERNAL, RESOURCE_EXHAUSTED
from support.grpc_client import GRPCClient, message, request_head
from support.http2 import (
    CANCEL,
    COMPRESSION_ERROR,
    ENHANCE_YOUR_CALM,
    FLOW_CONTROL_ERROR,
    FRAME_SIZE_ERROR,
    LARGEST_FRAME,
    LARGEST_WINDOW,
    PREFACE,
    PROTOCOL_ERROR,
    REFUSED_STREAM,
    STREAM_CLOSED,
    block,
    frame,
    head,
    head_in_parts,
    ping,
    raw,
    reset,
    settings,
    window_update,
)
from support.messages import Models
from support.survival import SurvivalTest
from support.upstream import Held, answering

SERVICE = "/pieces.models.v1.ModelsService/"
HEAD = request_head(SERVICE + "UnloadModels")
NOBODYS = request_head(SERVICE + "Nothing")
SNAPSHOT = request_head(SERVICE + "ModelsSnapshot")
STREAM = request_head(SERVICE + "StreamModelsSnapshot")
CALLS = 1_024
BURST = 1_000
PRIORITY_UPDATE, PADDED = 16, 8
MODEL = '{"id":"%d","description":"' + "d" * 10_000 + '"}'
COUNT = 300
MANY = '{"iterable":[%s]}' % ",".join(MODEL % n for n in range(COUNT))


def call(client: GRPCClient, stream_id: int, fields=HEAD) -> bytes:
    return client.head(stream_id, fields) + frame(DataFrame(stream_id, message(b"")), is_end=True)


def opened(client: GRPCClient, stream_id: int) -> bytes:
    """The head of a call, with the first frame of a flood only."""
    return client.head(stream_id, NOBODYS) if stream_id == 1 else b""


# What is sent again and again: a function of the client and of a stream id that is higher each time.
Step = Callable[[GRPCClient, int], bytes]
FLOODS: dict[str, Step] = {
    "rapid reset": lambda client, id: call(client, id) + reset(id),
    "rapid reset of heads alone": lambda client, id: client.head(id, HEAD) + reset(id),
    "MadeYouReset by a window too large": lambda client, id: client.head(id, HEAD) + window_update(id, LARGEST_WINDOW),
    "MadeYouReset by DATA behind the end": lambda client, id: call(client, id) + frame(DataFrame(id, b"x")),
    "MadeYouReset by a malformed head": lambda client, id: client.head(id, [(":status", "200")]),
    "MadeYouReset by a content-length": lambda client, id: call(client, id, [*HEAD, ("content-length", "9")]),
    "MadeYouReset by trailers without an end": lambda client, id: client.head(id, HEAD) + client.head(id, [("x", "y")]),
    "PING flood": lambda client, id: ping(),
    "SETTINGS flood": lambda client, id: settings({}),
    "SETTINGS flood that changes the windows": lambda client, id: settings({4: id}),
    "zero-length DATA flood": lambda client, id: opened(client, id) + frame(DataFrame(1, b"")),
    "zero-length DATA flood with padding": lambda client, id: opened(client, id) + raw(3, 0, PADDED, 1, b"\2\0\0"),
    "zero-length HEADERS flood": lambda client, id: head(id, b"", is_end=True),
    "flood of fields without names and values": lambda client, id: client.head(id, [*HEAD, *[("", "")] * 50]),
    "priority flood": lambda client, id: PriorityFrame(1, depends_on=id + 2, stream_weight=1).serialize(),
    "priority flood by updates": lambda client, id: raw(7, PRIORITY_UPDATE, 0, 0, b"\0\0\0\1u=1"),
}

# What ends the connection at once, so that nothing is provoked twice.
VIOLATIONS: dict[str, tuple[Step, int]] = {
    "a window update of 0": (lambda client, id: client.head(id, HEAD) + window_update(id, 0), PROTOCOL_ERROR),
    "a window update of 0 for all": (lambda client, id: window_update(0, 0), PROTOCOL_ERROR),
    "a window for all too large": (lambda client, id: window_update(0, LARGEST_WINDOW), FLOW_CONTROL_ERROR),
    "a head behind the end": (lambda client, id: call(client, id) + client.head(id, HEAD), STREAM_CLOSED),
    "a reset of nothing": (lambda client, id: reset(id), PROTOCOL_ERROR),
    "DATA of nothing": (lambda client, id: frame(DataFrame(id, b"x")), PROTOCOL_ERROR),
    "a frame too long": (lambda client, id: raw(LARGEST_FRAME + 1, 0, 0, id) + bytes(LARGEST_FRAME + 1), FRAME_SIZE_ERROR),
    "a short PING": (lambda client, id: raw(7, 6, 0, 0, bytes(7)), FRAME_SIZE_ERROR),
    "a short reset": (lambda client, id: client.head(id, HEAD) + raw(3, 3, 0, id, bytes(3)), FRAME_SIZE_ERROR),
    "an even stream": (lambda client, id: client.head(id + 1, HEAD), PROTOCOL_ERROR),
    "a stream lower than the last": (lambda client, id: call(client, id + 10) + client.head(id, HEAD), STREAM_CLOSED),
    "a head in a head": (lambda client, id: head_in_parts(id, [b"\x83"], is_whole=False) * 2, PROTOCOL_ERROR),
    "HPACK that is none": (lambda client, id: head(id, b"\xff\xff\xff\xff\xff"), COMPRESSION_ERROR),
    "a push": (lambda client, id: raw(5, 5, 4, id, b"\0\0\0\2\x83"), PROTOCOL_ERROR),
}


class AttackTest(SurvivalTest):
    def http2(self, **windows: int) -> GRPCClient:
        client = GRPCClient(self.served.path, **windows)
        self.addCleanup(client.close)
        return client

    def assert_calmed_down(self, client: GRPCClient) -> None:
        """The gateway says why and closes the connection."""
        client.wait_until_closed()
        self.assertEqual([goaway.error_code for goaway in client.goaways], [ENHANCE_YOUR_CALM])
        client.close()


class FloodTests(AttackTest):
    def burst(self, client: GRPCClient, step: Step, count: int) -> bytes:
        return b"".join(step(client, client.use_id()) for _ in range(count))

    def test_every_flood_is_ended(self):
        def fault():
            for name, step in FLOODS.items():
                with self.subTest(name):
                    client = self.http2()
                    # More than the gateway lets pass while it takes them in, however long it takes.
                    for _ in range(20):
                        client.flood(self.burst(client, step, BURST + 500))
                        if client.goaways:
                            break
                    self.assert_calmed_down(client)

        self.assert_survives(fault, rounds=1)

    def test_a_violation_ends_its_connection_at_once(self):
        def fault():
            for name, (step, code) in VIOLATIONS.items():
                with self.subTest(name):
                    client = self.http2()
                    client.flood(step(client, client.use_id()) * 2)
                    client.wait_until_closed()
                    self.assertEqual([goaway.error_code for goaway in client.goaways], [code])
                    client.close()

        self.assert_survives(fault, rounds=3)

    def test_so_many_at_once_are_allowed(self):
        for name, step in FLOODS.items():
            with self.subTest(name):
                client = self.http2()
                # The settings that it has begun with count.
                client.flood(self.burst(client, step, BURST - 1))
                self.assert_ok(client.call("UnloadModels"))
                self.assertEqual(client.goaways, [])

    def test_each_flood_has_a_bucket_of_its_own(self):
        client = self.http2()
        for name in ("rapid reset of heads alone", "MadeYouReset by a malformed head", "PING flood", "priority flood"):
            client.flood(self.burst(client, FLOODS[name], BURST - 100))
            self.assert_ok(client.call("UnloadModels"))
        self.assertEqual(client.goaways, [])

    def test_the_calls_of_a_rapid_reset_are_given_up(self):
        self.script = held = Held()
        client = self.http2()
        client.send(b"".join(call(client, client.use_id()) for _ in range(32)))
        self.scripted.wait_for_requests(32)
        client.send(b"".join(reset(id) for id in range(1, 64, 2)))
        held.wait_until_given_up(32)

    def test_500_deadlines_that_expire_at_once_are_no_flood(self):
        """As stock clients do it: the timeout is told, and when it has passed the stream is reset."""
        self.script = Held()
        client = self.http2()
        for _ in range(2):
            ids = [client.use_id() for _ in range(500)]
            fields = [*HEAD, ("grpc-timeout", "20m")]
            client.flood(b"".join(call(client, id, fields) for id in ids))
            for id in ids:
                self.assertEqual(client.response(id).code, DEADLINE_EXCEEDED)
            client.flood(b"".join(reset(id) for id in ids))
        self.assertEqual(client.call("NoSuchMethod").reason, "UNKNOWN_METHOD")
        self.assertEqual(client.goaways, [])


class HeadTests(AttackTest):
    def test_a_continuation_flood(self):
        floods = {
            "full": [b"\0\1x\x7f\x81\x7d" + bytes(LARGEST_FRAME - 6)] + [bytes(LARGEST_FRAME)] * 100,
            "empty": [b""] * 10_000,
            "of a byte each": [b"\x82"] * 10_000,
        }

        def fault():
            for name, parts in floods.items():
                with self.subTest(name):
                    client = self.http2()
                    client.flood(head_in_parts(1, parts, is_whole=False))
                    self.assert_calmed_down(client)

        self.assert_survives(fault, rounds=2)

    def test_eight_continuations_are_allowed(self):
        client = self.http2()
        whole = block(HEAD)
        parts = [whole[:40], *[whole[at : at + 10] for at in range(40, 110, 10)], whole[110:]]
        self.assertEqual(len(parts), 1 + 8)
        client.send(head_in_parts(client.use_id(), parts))
        client.send_data(1, message(b""))
        self.assert_ok(client.response(1))

    def test_a_head_of_more_than_16_kib_costs_its_own_call(self):
        long = [*HEAD, *[("x", "y" * 1000)] * 40]

        def fault():
            client = self.http2()
            for _ in range(20):
                stream_id = client.use_id()
                client.send(call(client, stream_id, long))
                self.assert_status(client.response(stream_id), RESOURCE_EXHAUSTED, "LIMIT_REACHED")
            self.assert_ok(client.call("UnloadModels"))
            client.close()

        self.assert_survives(fault)

    def test_an_hpack_bomb(self):
        """A field of 4,000 bytes that is in the table, and 140,000 references to it: 560 MB, if anybody unpacked them."""
        length = b"\x7f" + wire.varint(4_000 - 127)
        into_table = b"\x40\x01x" + length + b"v" * 4_000
        references = b"\xbe" * (8 * LARGEST_FRAME)

        def fault():
            client = self.http2()
            for _ in range(3):
                stream_id = client.use_id()
                bomb = head(stream_id, block(HEAD) + into_table + references)
                client.send(bomb + frame(DataFrame(stream_id, message(b"")), is_end=True))
                self.assert_status(client.response(stream_id), RESOURCE_EXHAUSTED, "LIMIT_REACHED")
                self.assert_ok(client.call("UnloadModels"))
            client.close()

        before = self.served.memory("VmHWM")
        self.assert_survives(fault, rounds=2)
        self.assertLess(self.served.memory("VmHWM") - before, 16 << 20)


class OpenStreamTests(AttackTest):
    def test_streams_that_are_never_ended(self):
        """As many as there may be; more are refused, and each is a stream of its own afterwards."""

        def fault():
            client = self.http2()
            ids = [client.use_id() for _ in range(CALLS)]
            client.flood(b"".join(client.head(id, HEAD) for id in ids))
            for _ in range(10):
                refused = client.use_id()
                client.send(client.head(refused, HEAD))
                self.assertEqual(client.wait_until_reset(refused), REFUSED_STREAM)
            client.send_data(ids[0], message(b""))
            self.assert_ok(client.response(ids[0]))
            client.close()

        before = self.served.memory("VmHWM")
        self.assert_survives(fault)
        self.assertLess(self.served.memory("VmHWM") - before, 16 << 20)

    def test_half_closed_streams_that_are_kept_open(self):
        """The client has ended its side, and what it asks for never ends."""
        watch = request_head("/grpc.health.v1.Health/Watch")
        nobody = message(b"\x0a\x06nobody")

        def fault():
            client = self.http2()
            ids = [client.use_id() for _ in range(CALLS)]
            client.flood(b"".join(client.head(id, watch) + frame(DataFrame(id, nobody), is_end=True) for id in ids))
            for id in ids:
                client.next_message(id)
            for _ in range(10):
                refused = client.use_id()
                client.send(client.head(refused, HEAD))
                self.assertEqual(client.wait_until_reset(refused), REFUSED_STREAM)
            client.give_up(ids[0])
            self.assert_ok(client.call("UnloadModels"))
            client.close()

        before = self.served.memory("VmHWM")
        self.assert_survives(fault, rounds=3)
        self.assertLess(self.served.memory("VmHWM") - before, 16 << 20)

    def test_messages_that_are_never_whole(self):
        """32 MiB are kept of one connection's unfinished messages, and then the one that has just come is refused."""
        part = b"\0" + (4 << 20).to_bytes(4, "big") + bytes(900_000)

        def fault():
            client = self.http2()
            client.wait_for_ping()
            codes = set()
            for _ in range(60):
                stream_id = client.use_id()
                client.send(client.head(stream_id, HEAD))
                client.send_data(stream_id, part, is_end=False)
                client.wait_for_ping()
                if client._frames.get(stream_id):
                    codes.add(client.response(stream_id).reason)
            self.assertEqual(codes, {"LIMIT_REACHED"})
            client.close()

        before = self.served.memory("VmHWM")
        self.assert_survives(fault, rounds=1)
        self.assertLess(self.served.memory("VmHWM") - before, 80 << 20)


class StalledStreamTests(AttackTest):
    def read_all(self, client: GRPCClient, stream_id: int) -> None:
        """Opens the stream's window and reads what has waited for it."""
        client.send(window_update(stream_id, LARGEST_WINDOW))
        messages, error = client.stream_answer(stream_id)
        self.assertIsNone(error)
        self.assertEqual(len(Models.FromString(b"".join(messages)).iterable), COUNT)

    def test_streams_whose_window_is_shut(self):
        self.script = answering(MANY)

        def fault():
            client = self.http2(window=0)
            ids = [client.use_id() for _ in range(20)]
            client.send(b"".join(call(client, id, STREAM) for id in ids))
            # What needs no window is answered, and so is whoever opens one.
            for _ in range(20):
                self.assertEqual(client.call("NoSuchMethod").reason, "UNKNOWN_METHOD")
            self.read_all(client, ids[7])
            client.close()

        before = self.served.memory("VmHWM")
        self.assert_survives(fault, rounds=2)
        self.assertLess(self.served.memory("VmHWM") - before, 48 << 20)

    def test_a_stalled_stream_stops_pieces_os_for_itself_alone(self):
        """Pieces OS is behind a Unix socket, which holds little of what nobody reads."""
        sent: list[str] = []

        def script(exchange):
            exchange.answer(MANY)
            sent.append(exchange.request.header("traceparent"))

        upstream = self.upstream(script, path=str(self.directory() / "upstream.sock"))
        gateway = self.gateway(upstream)
        client = GRPCClient(gateway.path, window=0)
        self.addCleanup(client.close)
        stalled = client.request("StreamModelsSnapshot", metadata=[("traceparent", "stalled")])
        upstream.wait_for_requests(1)
        others = [f"other {number}" for number in range(3)]
        for name in others:
            self.read_all(client, client.request("StreamModelsSnapshot", metadata=[("traceparent", name)]))
        self.assertEqual(sent, others)
        self.read_all(client, stalled)
        upstream.close()
        self.assertEqual(sent, [*others, "stalled"])

    def test_a_window_that_opens_by_single_bytes(self):
        client = self.http2(window=0)
        stream_id = client.request("ModelsSnapshot")
        payload = message(b"")
        for at in range(len(payload)):
            client.send(window_update(stream_id, 1))
            received = client.frame(stream_id)
            if at == 0:
                received = client.frame(stream_id)
            self.assertEqual(received.data, payload[at : at + 1])
        self.assertEqual(dict(client.frame(stream_id).fields)["grpc-status"], "0")


class SlowTests(AttackTest):
    options = ("--frame-timeout", "100ms", "--read-timeout", "100ms", "--max-unread", "16MiB")
    log_lines = 40

    def assert_turned_out(self, begin: Callable[[], Connection], count: int = 10) -> None:
        """The gateway closes the connections of clients that begin so and then do nothing more."""

        def fault():
            slow = [begin() for _ in range(count)]
            for client in slow:
                client.wait_until_hung_up()
                client.close()

        self.assert_survives(fault, rounds=2)

    def test_a_preface_that_is_not_whole(self):
        for length in (3, 10, 23):
            with self.subTest(length=length):

                def begin():
                    client = Connection(self.served.path)
                    client.send(PREFACE[:length])
                    return client

                self.assert_turned_out(begin)

    def test_a_head_that_is_not_whole(self):
        def begin():
            client = self.http2()
            client.send(head_in_parts(1, [block(HEAD)[:20]], is_whole=False))
            return client

        self.assert_turned_out(begin)

    def test_a_frame_that_is_not_whole(self):
        def begin():
            client = self.http2()
            client.send(client.head(1, HEAD) + frame(DataFrame(1, bytes(100)))[:50])
            return client

        self.assert_turned_out(begin)

    def test_answers_that_are_never_read(self):
        self.script = answering('{"iterable":[{"description":"%s"}]}' % ("d" * 500_000))

        def begin():
            client = self.http2()
            client.send(call(client, 1, STREAM) + call(client, 3, STREAM))
            return client

        self.assert_turned_out(begin, count=2)

    def test_a_message_that_is_not_whole_costs_its_own_call(self):
        client = self.http2()
        stream_id = client.use_id()
        client.send(client.head(stream_id, HEAD) + frame(DataFrame(stream_id, b"\0\0")))
        self.assert_status(client.response(stream_id), INTERNAL, "BAD_REQUEST")
        self.assert_ok(client.call("UnloadModels"))

    def test_a_window_that_stays_shut_costs_its_own_stream(self):
        client = self.http2(window=0)
        stream_id = client.request("ModelsSnapshot")
        self.assertEqual(dict(client.frame(stream_id).fields)[":status"], "200")
        self.assertEqual(client.wait_until_reset(stream_id), CANCEL)
        self.assertEqual(client.call("NoSuchMethod").reason, "UNKNOWN_METHOD")
        self.assertEqual(client.goaways, [])

    def test_a_client_with_nothing_under_way_may_be_silent(self):
        client, slow = self.http2(), self.http2()
        client.wait_for_ping()
        slow.send(head_in_parts(1, [b""], is_whole=False))
        slow.wait_until_hung_up()
        self.assert_ok(client.call("UnloadModels"))


class CrowdTests(AttackTest):
    COUNT = int(os.environ.get("IDLE_CONNECTIONS", "1000"))
    MOST_EACH = 20 * 1024
    # What waits to be accepted meanwhile.
    PORTION = 100

    def crowd(self, path: str, count: int, is_used: bool) -> list[GRPCClient]:
        """Connections whose settings are settled, and that have had a call or not."""
        if count > self.PORTION:
            return self.crowd(path, self.PORTION, is_used) + self.crowd(path, count - self.PORTION, is_used)
        crowd = [GRPCClient(path) for _ in range(count)]
        for client in crowd:
            client.send(call(client, client.use_id(), SNAPSHOT) if is_used else ping(b"together"))
        for client in crowd:
            self.assert_ok(client.response(1)) if is_used else client.wait_for_ping_answer(b"together")
        return crowd

    def test_many_idle_connections(self):
        descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)
        if descriptors[1] < self.COUNT + 1_000:
            self.skipTest(f"at most {descriptors[1]} descriptors")
        resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors[1], descriptors[1]))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, descriptors)
        for is_used in (False, True):
            with self.subTest(is_used=is_used):
                gateway = self.gateway(self.scripted)
                warm = self.crowd(gateway.path, 100, is_used)
                before = gateway.memory("VmRSS")
                crowd = self.crowd(gateway.path, self.COUNT, is_used)
                each = (gateway.memory("VmRSS") - before) / self.COUNT
                self.assertLess(each, self.MOST_EACH)
                if "IDLE_CONNECTIONS" in os.environ:
                    print(f"{self.COUNT} idle connections, {is_used=}: {each / 1024:.1f} KiB each")
                self.assert_ok(self.client(gateway).call("UnloadModels"))
                for client in [*warm, *crowd]:
                    client.close()
