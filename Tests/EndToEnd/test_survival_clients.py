"""Whatever one client does: the right answer for everybody else, and nothing left of it."""

import resource
import select
import socket

from support import envelope, wire
from support.client import Client
from support.envelope import CONTROL, INVALID_ARGUMENT, MODELS, OK, RESOURCE_EXHAUSTED
from support.survival import SurvivalTest
from support.upstream import Held, answering

LAST_ID = 0xFFFFFFFF
TOO_LARGE = wire.header(wire.MAX_DATA + 1, 1, wire.REQUEST, 1)


def request(stream_id: int, method: str = "UnloadModels", payload: bytes = b"") -> bytes:
    return wire.frame(stream_id, wire.REQUEST, wire.REMOTE_CLOSED, envelope.request(MODELS, method, payload))


# What a client sends, and the reasons of the answers that it gets by their stream ids.
BAD_FRAMES = {
    "nothing that is spoken": (b"get / HTTP/1.1\r\n\r\n", {}),
    "nothing but ones": (b"\xff" * 1000, {}),
    "an even id": (request(2), {2: "BAD_REQUEST"}),
    "id 0": (request(0), {0: "BAD_REQUEST"}),
    "an id twice": (request(5) * 2, {5: "BAD_REQUEST"}),
    "an id that is too low": (request(555) + request(3), {3: "BAD_REQUEST", 555: ""}),
    "ids out of order": (request(5) + request(3), {3: "", 5: ""}),
    "an unknown type": (wire.frame(1, 77, 255, b"x" * 1000), {}),
    "a response": (wire.frame(1, wire.RESPONSE, 0, b"x" * 1000), {}),
    "data of nobody": (wire.frame(1, wire.DATA, wire.REMOTE_CLOSED, b"x"), {1: "BAD_REQUEST"}),
    "data of a live call": (request(1) + wire.frame(1, wire.DATA, wire.REMOTE_CLOSED, b"x"), {1: "BAD_REQUEST"}),
    "an envelope that is no protobuf": (wire.frame(1, wire.REQUEST, 1, b"\xff" * 100), {1: "BAD_REQUEST"}),
    "an envelope that is cut off": (wire.frame(1, wire.REQUEST, 1, wire.field(1, MODELS)[:-1]), {1: "BAD_REQUEST"}),
    "an empty envelope": (wire.frame(1, wire.REQUEST, 1), {1: "UNKNOWN_METHOD"}),
    "a payload that is no protobuf": (request(1, payload=b"\xff" * 100), {1: "BAD_REQUEST"}),
    "a frame that is too large": (TOO_LARGE + bytes(wire.MAX_DATA + 1), {1: "FRAME_TOO_LARGE"}),
    "a part of one that is too large": (TOO_LARGE + bytes(100_000), {1: "FRAME_TOO_LARGE"}),
    "half a header": (request(1)[:5], {}),
    "half a frame": (request(1)[:20], {}),
    "half a frame of 4 MiB": (wire.header(wire.MAX_DATA, 1, wire.REQUEST, 1) + bytes(wire.MAX_DATA // 2), {}),
}


class BadClientTests(SurvivalTest):
    def test_every_malformed_frame(self):
        for name, (data, reasons) in BAD_FRAMES.items():
            with self.subTest(name):

                def fault():
                    client = Client(self.served.path)
                    client.send(data)
                    answers = [envelope.parse_response(client.receive()) for _ in reasons]
                    self.assertEqual({found.stream_id: found.reason for found in answers}, reasons)
                    client.stop_writing()
                    self.assertEqual(client.wait_until_closed(), [])
                    client.close()

                self.assert_survives(fault, rounds=100 if len(data) < 10_000 else 10)

    def test_frames_that_come_by_drops(self):
        """Nobody waits for a client whose frame takes for ever."""

        def fault():
            slow = [Client(self.served.path) for _ in range(20)]
            for length, client in enumerate(slow):
                client.send(request(1)[:length])
            for client in slow:
                client.send(b"\0")
                client.wait_until_read()
                self.assert_ok(self.asking.call("UnloadModels"))
            for client in slow:
                client.close()

        self.assert_survives(fault)

    def test_4_mib_of_fields_of_two_bytes(self):
        count = (wire.MAX_DATA - 200) // 2
        requests = {
            "unknown to the envelope": envelope.request(MODELS, "UnloadModels") + b"\x48\x01" * count,
            "of the payload": envelope.request(MODELS, "ModelsCreateNewModel", b"\x0a\x00" * count),
            "of a model": envelope.request(MODELS, "ModelsCreateNewModel", wire.field(1, b"\x0a\x00" * count)),
        }
        for name, data in requests.items():
            with self.subTest(name):
                self.assert_refused_or_answered(data)

    def assert_refused_or_answered(self, data: bytes) -> None:
        def fault():
            client = Client(self.served.path)
            client.send(wire.frame(1, wire.REQUEST, wire.REMOTE_CLOSED, data))
            self.assertIn(client.response(1).code, (OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED))
            client.close()

        before = self.served.memory("VmHWM")
        self.assert_survives(fault, rounds=1)
        self.assertLess(self.served.memory("VmHWM") - before, 48 << 20)

    def test_a_million_metadata_entries(self):
        data = envelope.request(MODELS, "UnloadModels") + b"\x2a\x00" * 1_000_000
        data += wire.field(5, wire.field(1, "application") + wire.field(2, "last"))
        self.assert_refused_or_answered(data)

    def test_ten_thousand_calls_before_an_answer_is_read(self):

        def fault():
            client = Client(self.served.path)
            ids = range(1, 20_000, 2)
            codes = self.send_without_reading(client, b"".join(request(id, "ModelsSnapshot") for id in ids), ids)
            self.assertEqual(set(codes) - {OK, RESOURCE_EXHAUSTED}, set())
            self.assertIn(OK, codes)
            client.close()

        self.assert_survives(fault, rounds=2)

    def send_without_reading(self, client: Client, data: bytes, ids: range) -> list[int]:
        """Reads only when no more can be written, and at the end; one answer for each call."""
        unsent = memoryview(data)
        read = []
        while unsent:
            if select.select([], [client.socket], [], 0.2)[1]:
                unsent = unsent[client.socket.send(unsent, socket.MSG_DONTWAIT) :]
            else:
                read.append(envelope.parse_response(client.receive()))
        while len(read) < len(ids):
            read.append(envelope.parse_response(client.receive()))
        self.assertEqual(sorted(found.stream_id for found in read), list(ids))
        return [found.code for found in read]

    def test_clients_that_never_read(self):
        self.script = answering('{"iterable":[{"description":"%s"}]}' % ("d" * 1_000_000))

        def fault():
            deaf = [Client(self.served.path) for _ in range(4)]
            for client in deaf:
                client.send(b"".join(request(id, "ModelsSnapshot") for id in range(1, 21, 2)))
            self.assert_ok(self.asking.call("ModelsSnapshot"))
            for client in deaf:
                client.close()

        self.assert_survives(fault)

    def test_closing_with_a_thousand_calls_in_flight(self):
        self.script = held = Held()

        def fault():
            before = len(self.scripted.requests)
            client = Client(self.served.path)
            client.send(b"".join(request(id) for id in range(1, 2000, 2)))
            self.scripted.wait_for_requests(before + 32)
            connections = len(self.scripted.connections)
            client.close()
            held.wait_until_given_up(32)
            self.asking.other_frames()
            self.assertEqual(len(self.scripted.requests), before + 32)
            # Calls that waited for a connection got none of those that became free.
            self.assertEqual(len(self.scripted.connections), connections)

        self.assert_survives(fault, rounds=5, asks_upstream=False)

    def test_stream_ids_that_run_out(self):
        def fault():
            client = Client(self.served.path)
            for first in (2**31 - 3, LAST_ID - 2):
                client.next_id = first
                for _ in range(2):
                    self.assert_ok(client.call("UnloadModels"))
            for stream_id in (1, LAST_ID - 2, LAST_ID):
                client.next_id = stream_id
                self.assert_bad_request(client.call("UnloadModels"))
                client.next_id = stream_id
                self.assert_bad_request(client.call("Cancel", service=CONTROL))
            client.close()

        self.assert_survives(fault, rounds=100)

    def test_connecting_and_closing_a_hundred_thousand_times(self):
        def fault():
            for _ in range(5_000):
                with socket.socket(socket.AF_UNIX) as client:
                    client.connect(self.served.path)
            self.asking.other_frames()

        self.assert_survives(fault, rounds=10)

    def test_more_connections_than_descriptors(self):
        self.assert_ok(self.asking.call("UnloadModels"))

        def fault():
            crowd = [Client(self.served.path) for _ in range(100)]
            self.assertEqual(crowd[-1].wait_until_closed(), [])
            # On the connection to the upstream that is there: another could not be made.
            self.assert_ok(self.asking.call("UnloadModels"))
            for client in crowd:
                client.close()
            self.served.wait_for_descriptors(most)

        most = self.served.descriptors() + 1  # The bystander's.
        resource.prlimit(self.served.pid, resource.RLIMIT_NOFILE, (most + 20, most + 20))
        self.assert_survives(fault, asks_upstream=False)


class SlowClientTests(SurvivalTest):
    options = ("--frame-timeout", "100ms", "--read-timeout", "100ms", "--max-unread", "16MiB")

    def assert_turned_out(self, begin) -> None:
        """The gateway closes the connections of clients that begin so and then do nothing more."""

        def fault():
            slow = [Client(self.served.path) for _ in range(20)]
            for client in slow:
                begin(client)
            for client in slow:
                client.wait_until_hung_up()
                client.close()

        self.assert_survives(fault, rounds=2)

    def test_a_byte_of_a_frame_and_no_more(self):
        self.assert_turned_out(lambda client: client.send(request(1)[:1]))

    def test_answers_that_are_never_read(self):
        self.script = answering('{"iterable":[{"description":"%s"}]}' % ("d" * 1_000_000))

        def begin(client):
            client.send(b"".join(request(id, "ModelsSnapshot") for id in range(1, 11, 2)))

        self.assert_turned_out(begin)
