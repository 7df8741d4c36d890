"""Section 1: frames, against bytes written out by hand."""

from support import wire
from support.case import EndToEndTest
from support.messages import Models
from support.upstream import Held, answering

SERVICE = "0a 1e 70 69 65 63 65 73 2e 6d 6f 64 65 6c 73 2e 76 31 2e 4d 6f 64 65 6c 73 53 65 72 76 69 63 65"
UNLOAD_MODELS = SERVICE + "12 0c 55 6e 6c 6f 61 64 4d 6f 64 65 6c 73"
MODELS_SNAPSHOT = SERVICE + "12 0e 4d 6f 64 65 6c 73 53 6e 61 70 73 68 6f 74"
STREAM_MODELS_SNAPSHOT = SERVICE + "12 14 53 74 72 65 61 6d 4d 6f 64 65 6c 73 53 6e 61 70 73 68 6f 74"

UNLOAD_ON_1 = bytes.fromhex("00 00 00 2e 00 00 00 01 01 01" + UNLOAD_MODELS)
UNLOADED_1 = bytes.fromhex("00 00 00 00 00 00 00 01 02 00")
SNAPSHOT_ON_3 = bytes.fromhex("00 00 00 30 00 00 00 03 01 01" + MODELS_SNAPSHOT)
SNAPSHOT_3 = bytes.fromhex("00 00 00 07 00 00 00 03 02 00" + "12 05 0a 03 0a 01 61")
STREAM_ON_5 = bytes.fromhex("00 00 00 36 00 00 00 05 01 01" + STREAM_MODELS_SNAPSHOT)
MODELS_5 = bytes.fromhex("00 00 00 05 00 00 00 05 03 00" + "0a 03 0a 01 61")
EMPTY_MODELS_5 = bytes.fromhex("00 00 00 00 00 00 00 05 03 00")
END_5 = bytes.fromhex("00 00 00 00 00 00 00 05 03 05")

ONE_MODEL = '{"iterable":[{"id":"a"}]}'


class FrameTests(EndToEndTest):
    def read(self, client, length: int) -> bytes:
        data = b""
        while len(data) < length:
            received = client.socket.recv(length - len(data))
            self.assertNotEqual(received, b"", "closed")
            data += received
        return data

    def test_a_golden_request_gets_the_golden_response(self):
        client, _ = self.start(answering(status=204))
        client.send(UNLOAD_ON_1)
        self.assertEqual(self.read(client, len(UNLOADED_1)), UNLOADED_1)

    def test_a_golden_snapshot_gets_the_golden_models(self):
        client, _ = self.start(answering(ONE_MODEL))
        client.send(SNAPSHOT_ON_3)
        self.assertEqual(self.read(client, len(SNAPSHOT_3)), SNAPSHOT_3)

    def test_a_golden_stream_ends_with_remote_closed_and_no_data(self):
        client, _ = self.start(answering(ONE_MODEL))
        client.send(STREAM_ON_5)
        self.assertEqual(self.read(client, len(MODELS_5)), MODELS_5)
        end = self.read(client, len(END_5))
        if end == EMPTY_MODELS_5:
            end = self.read(client, len(END_5))
        self.assertEqual(end, END_5)

    def test_frames_may_arrive_byte_by_byte(self):
        client, _ = self.start(answering(ONE_MODEL))
        client.send_byte_by_byte(UNLOAD_ON_1)
        self.assertEqual(self.read(client, len(UNLOADED_1)), UNLOADED_1)
        client.send_byte_by_byte(SNAPSHOT_ON_3)
        self.assertEqual(self.read(client, len(SNAPSHOT_3)), SNAPSHOT_3)

    def test_frames_may_arrive_all_at_once(self):
        client, _ = self.start(answering(ONE_MODEL))
        client.send(UNLOAD_ON_1 + SNAPSHOT_ON_3 + STREAM_ON_5)
        self.assertEqual(client.frame(1), wire.Frame(1, wire.RESPONSE, 0, b""))
        self.assertEqual(client.frame(3), wire.Frame(3, wire.RESPONSE, 0, SNAPSHOT_3[10:]))
        messages, error = client.stream_answer(5)
        self.assertIsNone(error)
        self.assertEqual(b"".join(messages), MODELS_5[10:])

    def test_frames_may_be_split_at_every_place(self):
        client, upstream = self.start(answering(status=204))
        for at in range(1, len(UNLOAD_ON_1)):
            stream_id = client.use_id()
            data = UNLOAD_ON_1[:4] + stream_id.to_bytes(4, "big") + UNLOAD_ON_1[8:]
            client.send(data[:at])
            client.wait_until_read()
            client.send(data[at:])
            self.assert_ok(client.response(stream_id))
        self.assertEqual(len(upstream.requests), len(UNLOAD_ON_1) - 1)

    def test_a_frame_and_a_half_may_arrive_together(self):
        client, _ = self.start(answering(status=204))
        second = UNLOAD_ON_1[:4] + b"\0\0\0\3" + UNLOAD_ON_1[8:]
        client.send(UNLOAD_ON_1 + second[:20])
        self.assert_ok(client.response(1))
        client.send(second[20:])
        self.assert_ok(client.response(3))

    def test_a_unary_call_may_have_any_of_the_flags(self):
        client, _ = self.start()
        for flags in (0, wire.REMOTE_CLOSED, wire.REMOTE_OPEN):
            with self.subTest(flags=flags):
                self.assert_ok(client.call("ModelsSnapshot", flags=flags))

    def test_a_stream_may_have_any_of_the_flags(self):
        client, _ = self.start(answering(ONE_MODEL))
        for flags in (0, wire.REMOTE_CLOSED, wire.REMOTE_OPEN):
            with self.subTest(flags=flags):
                messages, error = client.stream(flags=flags)
                self.assertIsNone(error)
                self.assertEqual(b"".join(messages), MODELS_5[10:])

    def test_unknown_types_and_response_frames_are_ignored(self):
        client, upstream = self.start()
        for type in (0, wire.RESPONSE, 4, 255):
            for stream_id in (0, 1, 2, 0xFFFFFFFF):
                client.send(wire.frame(stream_id, type, 1, b"\xff\xff"))
        self.assertEqual(client.other_frames(), [])
        self.assertEqual(upstream.requests, [])
        self.assert_ok(client.call("ModelsSnapshot"))

    def test_an_ignored_frame_does_not_touch_the_call_of_its_id(self):
        held = Held()
        client, upstream = self.start(held)
        stream_id = client.request("ModelsSnapshot")
        upstream.wait_for_requests(1)
        client.send(wire.frame(stream_id, wire.RESPONSE, 0) + wire.frame(stream_id, 9, 0, b"x"))
        self.assertEqual(client.other_frames(), [])
        held.release()
        self.assert_ok(client.response(stream_id))

    def test_a_data_frame_for_an_unknown_stream_is_refused_on_its_id(self):
        client, _ = self.start()
        for stream_id in (0, 1, 2, 77, 0xFFFFFFFF):
            with self.subTest(stream_id=stream_id):
                client.send(wire.frame(stream_id, wire.DATA, 0, b"x"))
                self.assert_bad_request(client.response(stream_id))
        self.assert_ok(client.call("ModelsSnapshot"))

    def test_a_data_frame_for_an_answered_stream_is_refused(self):
        client, _ = self.start()
        stream_id = client.request("ModelsSnapshot")
        self.assert_ok(client.response(stream_id))
        client.send(wire.frame(stream_id, wire.DATA, wire.REMOTE_CLOSED | wire.NO_DATA))
        self.assert_bad_request(client.response(stream_id))
        self.assert_ok(client.call("ModelsSnapshot"))

    def test_a_first_byte_that_begins_nothing_closes_the_connection_without_a_word(self):
        for first in (b"\x01", b"get / HTTP/1.1\r\n\r\n", b"\xff" * 10):
            with self.subTest(first=first):
                client, upstream = self.start()
                client.send(first)
                self.assertEqual(client.wait_until_closed(), [])
                self.assertEqual(upstream.requests, [])

    def test_a_later_frame_that_begins_with_another_byte_closes_the_connection_too(self):
        client, _ = self.start()
        self.assert_ok(client.call("ModelsSnapshot"))
        client.send(b"\x10")
        self.assertEqual(client.wait_until_closed(), [])

    def test_many_answers_of_one_connection_keep_to_their_streams(self):
        def echo(exchange):
            exchange.answer('{"model":{"id":"%s"}}' % exchange.request.target.split("/")[2])

        client, _ = self.start(echo)
        ids = {client.request("ModelsDeleteSpecificModelCache", wire.field(1, f"m{n}")): n for n in range(200)}
        for stream_id, n in ids.items():
            payload = self.assert_ok(client.response(stream_id))
            self.assertIn(b"m%d" % n, payload)

    def test_connections_do_not_mix(self):
        upstream = self.upstream(answering(ONE_MODEL))
        gateway = self.gateway(upstream)
        clients = [self.client(gateway) for _ in range(20)]
        for client in clients:
            client.request("ModelsSnapshot")
        for client in clients:
            models = Models.FromString(self.assert_ok(client.response(1)))
            self.assertEqual([model.id for model in models.iterable], ["a"])
            self.assertEqual(client.other_frames(), [])
