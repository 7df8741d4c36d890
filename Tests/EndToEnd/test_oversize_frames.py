"""Section 1: a frame over 4 MiB costs its own stream, and no memory."""

from support import envelope, wire
from support.case import EndToEndTest
from support.envelope import MODELS, RESOURCE_EXHAUSTED
from support.upstream import Held

LARGEST = 0x00FFFFFF
SNAPSHOT = envelope.request(MODELS, "ModelsSnapshot")


class OversizeFrameTests(EndToEndTest):
    def send(self, client, length: int, stream_id: int, type: int = wire.REQUEST):
        client.send(wire.header(length, stream_id, type, wire.REMOTE_CLOSED) + bytes(length))

    def snapshot(self, client, stream_id: int):
        client.send(wire.frame(stream_id, wire.REQUEST, wire.REMOTE_CLOSED, SNAPSHOT))
        return client.response(stream_id)

    def assert_too_large(self, response):
        self.assert_status(response, RESOURCE_EXHAUSTED, "FRAME_TOO_LARGE")

    def request_of(self, length: int) -> bytes:
        """A snapshot request whose frame data has exactly that length, by a payload of one unknown field."""
        keys_and_lengths = 5 + 6
        return SNAPSHOT + wire.field(3, wire.field(99, bytes(length - len(SNAPSHOT) - keys_and_lengths)))

    def test_a_frame_of_4_mib_is_answered(self):
        client, _ = self.start()
        data = self.request_of(wire.MAX_DATA)
        self.assertEqual(len(data), wire.MAX_DATA)
        client.send(wire.frame(1, wire.REQUEST, 1, data))
        self.assert_ok(client.response(1))

    def test_a_frame_of_one_byte_more_is_too_large(self):
        client, upstream = self.start()
        data = self.request_of(wire.MAX_DATA + 1)
        self.assertEqual(len(data), wire.MAX_DATA + 1)
        client.send(wire.frame(1, wire.REQUEST, 1, data))
        self.assert_too_large(client.response(1))
        self.assertEqual(upstream.requests, [])

    def test_its_bytes_are_skipped_and_the_connection_lives_on(self):
        client, _ = self.start()
        self.send(client, LARGEST, 1)
        self.assert_too_large(client.response(1))
        self.assert_ok(self.snapshot(client, 3))

    def test_its_bytes_are_not_taken_for_frames(self):
        client, upstream = self.start()
        inside = wire.frame(3, wire.REQUEST, 1, SNAPSHOT)
        client.send(wire.header(LARGEST, 1, wire.REQUEST, 1) + inside * (LARGEST // len(inside)))
        client.send(bytes(LARGEST % len(inside)))
        self.assert_too_large(client.response(1))
        self.assert_ok(self.snapshot(client, 3))
        self.assertEqual(len(upstream.requests), 1)

    def test_other_calls_of_the_connection_go_on(self):
        held = Held()
        client, upstream = self.start(held)
        first = client.request("ModelsSnapshot")
        upstream.wait_for_requests(1)
        self.send(client, wire.MAX_DATA + 1, client.use_id())
        self.assert_too_large(client.response(3))
        held.release()
        self.assert_ok(client.response(first))

    def test_another_frame_in_the_same_write_is_read(self):
        client, _ = self.start()
        length = wire.MAX_DATA + 1
        client.send(wire.header(length, 1, 1, 1) + bytes(length) + wire.frame(3, wire.REQUEST, 1, SNAPSHOT))
        self.assert_too_large(client.response(1))
        self.assert_ok(client.response(3))

    def test_it_uses_up_an_odd_id_that_is_unused(self):
        client, _ = self.start()
        for stream_id in (7, 5):
            self.send(client, wire.MAX_DATA + 1, stream_id)
            self.assert_too_large(client.response(stream_id))
            self.assert_bad_request(self.snapshot(client, stream_id), "stream id")
        self.assert_ok(self.snapshot(client, 3))
        self.assert_ok(self.snapshot(client, 9))

    def test_one_on_the_id_of_a_live_call_ends_that_with_one_answer(self):
        for type in (wire.REQUEST, wire.DATA):
            for method in ("ModelsSnapshot", "StreamModelsSnapshot"):
                with self.subTest(type=type, method=method):
                    held = Held()
                    client, upstream = self.start(held)
                    stream_id = client.request(method)
                    upstream.wait_for_requests(1)
                    self.send(client, wire.MAX_DATA + 1, stream_id, type)
                    self.assert_too_large(client.response(stream_id))
                    held.wait_until_given_up()
                    self.assertEqual(client.other_frames(), [])

    def test_the_length_is_checked_before_the_id(self):
        client, _ = self.start()
        self.assert_ok(self.snapshot(client, 9))
        for stream_id in (2, 7, 9):
            with self.subTest(stream_id=stream_id):
                self.send(client, wire.MAX_DATA + 1, stream_id)
                self.assert_too_large(client.response(stream_id))
        self.assert_ok(self.snapshot(client, 11))

    def test_the_length_is_checked_before_the_type(self):
        client, _ = self.start()
        for type in (wire.RESPONSE, wire.DATA, 99):
            with self.subTest(type=type):
                self.send(client, wire.MAX_DATA + 1, 9, type)
                self.assert_too_large(client.response(9))

    def test_an_oversize_frame_of_another_type_uses_up_nothing(self):
        client, _ = self.start()
        for type in (wire.RESPONSE, wire.DATA, 99):
            self.send(client, wire.MAX_DATA + 1, 9, type)
            self.assert_too_large(client.response(9))
        self.assert_ok(self.snapshot(client, 1))
        self.assert_ok(self.snapshot(client, 9))

    def test_a_client_that_leaves_in_the_middle_of_it_does_no_harm(self):
        gateway = self.gateway(self.upstream())
        leaving = self.client(gateway)
        leaving.send(wire.header(LARGEST, 1, 1, 1) + bytes(5_000_000))
        leaving.close()
        self.assert_ok(self.client(gateway).call("ModelsSnapshot"))

    def test_memory_stays_constant(self):
        gateway = self.gateway(self.upstream())
        client = self.client(gateway)
        self.assert_ok(self.snapshot(client, 1))
        before = gateway.memory("VmHWM")
        for stream_id in range(3, 23, 2):
            self.send(client, LARGEST, stream_id)
            self.assert_too_large(client.response(stream_id))
        self.assertLess(gateway.memory("VmHWM") - before, 4 << 20)
