"""Section 2: what goes out over HTTP/2, frame by frame: settings, answers, trailers, the end of a call and of a
connection."""

import time
import unittest
from pathlib import Path

from hyperframe.frame import DataFrame, Frame, GoAwayFrame, HeadersFrame, PingFrame, RstStreamFrame, SettingsFrame
from support.case import EndToEndTest
from support.connection import Connection
from support.envelope import DEADLINE_EXCEEDED, OK, UNAVAILABLE, UNIMPLEMENTED
from support.gateway import Gateway
from support.grpc_client import GRPCClient, message, parse_trailers, request_head
from support.http2 import CANCEL, LARGEST_WINDOW, PREFACE, StreamReset, frame
from support.messages import Models
from support.upstream import Held, ScriptedUpstream, answering

UNLOAD = "/pieces.models.v1.ModelsService/UnloadModels"
REFLECTION = "grpc.reflection.v1.ServerReflection"
HEALTH = "grpc.health.v1.Health"
SERVING, NOT_SERVING = 1, 2
MODELS = '{"iterable":[%s]}' % ",".join('{"id":"%d","description":"%s"}' % (n, "d" * 10_000) for n in range(100))
# grpc's own, by which it announces that it takes trailers with base64 that is none.
ALLOW_TRUE_BINARY_METADATA = 0xFE03
LIST_SERVICES = b"\x3a\0"


class AnswerTest(EndToEndTest):
    client_type = GRPCClient

    def frames(self, client: GRPCClient, stream_id: int) -> list[Frame]:
        """All of an answer, up to the frame that ends its stream."""
        frames = [client.frame(stream_id)]
        while "END_STREAM" not in frames[-1].flags and not isinstance(frames[-1], RstStreamFrame):
            frames.append(client.frame(stream_id))
        return frames


class SettingsTests(AnswerTest):
    def test_settings_answer_the_preface_alone(self):
        gateway = self.gateway(self.upstream())
        client = Connection(gateway.path)
        self.addCleanup(client.close)
        client.send(PREFACE)
        found, length = Frame.parse_frame_header(memoryview(client._take(9)))
        found.parse_body(memoryview(client._take(length)))
        self.assertIsInstance(found, SettingsFrame)
        self.assertNotIn("ACK", found.flags)
        self.assertEqual(found.settings[SettingsFrame.MAX_HEADER_LIST_SIZE], 16 * 1024)
        self.assertLessEqual(found.settings[SettingsFrame.MAX_CONCURRENT_STREAMS], 1_024)
        self.assertNotIn(ALLOW_TRUE_BINARY_METADATA, found.settings)
        self.assertNotIn(SettingsFrame.ENABLE_PUSH, found.settings)

    def test_no_later_settings_say_otherwise(self):
        client, _ = self.start()
        seen = []
        take_notice = client._take_notice
        client._take_notice = lambda received: (seen.append(received), take_notice(received))
        self.assert_ok(client.call("UnloadModels"))
        client.wait_for_ping()
        announced = [each for each in seen if isinstance(each, SettingsFrame) and "ACK" not in each.flags]
        self.assertEqual(len(announced), 1)


class ShapeTests(AnswerTest):
    def test_a_unary_answer_is_a_head_data_and_trailers(self):
        client, _ = self.start(answering('{"iterable":[{"id":"a"}]}'))
        head, data, trailers = self.frames(client, client.request("ModelsSnapshot"))
        self.assertEqual(dict(head.fields)[":status"], "200")
        self.assertEqual(dict(head.fields)["content-type"], "application/grpc")
        self.assertNotIn("grpc-status", dict(head.fields))
        self.assertIsInstance(data, DataFrame)
        self.assertNotIn("END_STREAM", data.flags)
        self.assertEqual((data.data[0], int.from_bytes(data.data[1:5], "big")), (0, len(data.data) - 5))
        self.assertEqual(Models.FromString(data.data[5:]).iterable[0].id, "a")
        self.assertEqual(trailers.fields, [("grpc-status", "0")])

    def test_an_empty_answer_is_a_message(self):
        client, _ = self.start()
        _, data, _ = self.frames(client, client.request("UnloadModels"))
        self.assertEqual(data.data, bytes(5))

    def test_an_error_before_the_first_message_is_one_frame(self):
        for method, script in (
            ("UnloadModels", answering("no", 404)),
            ("StreamModelsSnapshot", answering("no", 404)),
            ("ModelsSnapshot", answering("no JSON")),
            ("NoSuchMethod", answering()),
        ):
            with self.subTest(method=method):
                client, _ = self.start(script)
                [trailers] = self.frames(client, client.request(method))
                self.assertIsInstance(trailers, HeadersFrame)
                fields = dict(trailers.fields)
                self.assertEqual((fields[":status"], fields["content-type"]), ("200", "application/grpc"))
                self.assertNotEqual(parse_trailers(1, fields).code, OK)

    def test_an_error_behind_messages_is_in_the_trailers(self):
        client, _ = self.start(answering(MODELS[:-1]))
        *answer, trailers = self.frames(client, client.request("StreamModelsSnapshot"))
        self.assertNotIn(":status", dict(trailers.fields))
        self.assertEqual(parse_trailers(1, dict(trailers.fields)).reason, "UPSTREAM_BAD_JSON")
        self.assertTrue(any(isinstance(each, DataFrame) for each in answer))

    def test_a_unary_answer_leaves_in_one_write(self):
        """Each call is one write to Pieces OS and one to the client."""
        count = 50
        for method, script in (
            ("UnloadModels", answering()),
            ("ModelsSnapshot", answering('{"iterable":[{"id":"a","name":"%s"}]}' % ("n" * 9_000))),
            ("UnloadModels", answering("no " * 1_000, 500)),
        ):
            with self.subTest(method=method):
                upstream = self.upstream(script)
                gateway = self.gateway(upstream)
                client = self.client(gateway)
                client.call(method)
                client.wait_for_ping()
                before = self.writes(gateway)
                for _ in range(count):
                    # By itself, so that no answer is that of another.
                    client.call(method)
                self.assertEqual(self.writes(gateway) - before, 2 * count)

    def writes(self, gateway: Gateway) -> int:
        lines = Path(f"/proc/{gateway.pid}/io").read_text().splitlines()
        return int(dict(line.split(": ") for line in lines)["syscw"])


class TrailersTests(AnswerTest):
    def setUp(self):
        self.connected, self.scripted = self.start()

    def trailers(self, text: bytes, status: int = 500) -> dict[str, str]:
        self.scripted.script = answering(text, status)
        return dict(self.frames(self.connected, self.connected.request("UnloadModels"))[-1].fields)

    def test_a_message_is_percent_encoded(self):
        for text, encoded in (
            (b"a b", "a b"),
            (b" a b ", "%20a b%20"),
            (b" ", "%20"),
            (b"100%", "100%25"),
            (b"\tx\r\n", "%09x%0D%0A"),
            ("é😀".encode(), "%C3%A9%F0%9F%98%80"),
            (b"~!@#$^&*()_+{}|:<>?`-=[];',./\\\"", "~!@#$^&*()_+{}|:<>?`-=[];',./\\\""),
            (b"\x7f\x01", "%7F%01"),
        ):
            with self.subTest(text=text):
                fields = self.trailers(text)
                self.assertEqual(fields["grpc-message"], encoded)
                self.assertEqual(parse_trailers(1, fields).message.encode(), text)

    def test_whatever_the_message_the_list_is_short_and_says_the_same_twice(self):
        """Each is cut at a character, and as little as can be."""
        for text in ("x", " ", "%", "\n", "é", "€", "😀", "é ", "a\n€😀"):
            for status in (401, 500, 503, 593):
                with self.subTest(text=text, status=status):
                    whole = (text * 5_000)[:4_000]
                    fields = self.trailers(whole.encode(), status)
                    length = sum(len(name) + len(value) + 32 for name, value in fields.items())
                    self.assertLess(length, 7_680)
                    response = parse_trailers(1, fields)
                    self.assertTrue(whole.startswith(response.message))
                    self.assertGreaterEqual(len(response.message.encode()), 512)
                    self.assertEqual(response.metadata["http_status"], str(status))
                    self.assertEqual("hint" in response.metadata, status in (401, 593))
                    if len(response.message.encode()) < 4_093:
                        # A character more would have taken its percent-encoded bytes, those in base64, and no more.
                        self.assertGreater(length + 12 + 6 + 4, 7_680)

    def test_names_of_unknown_methods_are_cut(self):
        client = self.connected
        for name in ("x" * 12_000, "é" * 6_000, "%" * 12_000, "😀" * 3_000):
            for path in (f"/{name}/{name[:100]}", f"/pieces.models.v1.ModelsService/{name}", f"/{name}", name):
                with self.subTest(path=path[:40]):
                    stream_id = client.use_id()
                    client.send(client.head(stream_id, request_head(path)))
                    client.send_data(stream_id, message(b""))
                    response = client.response(stream_id)
                    self.assert_status(response, UNIMPLEMENTED, "UNKNOWN_METHOD")
                    self.assertGreaterEqual(len(response.message.encode()), 512)

    def test_details_are_base64_without_padding_whatever_their_length(self):
        paddings = set()
        for count in range(1, 7):
            details = self.trailers(b"x" * count)["grpc-status-details-bin"]
            paddings.add(len(details) % 4)
        self.assertEqual(paddings, {0, 2, 3})


class EndingTests(AnswerTest):
    def test_a_deadline_that_finds_data_waiting_resets_the_stream(self):
        for method in ("ModelsSnapshot", "StreamModelsSnapshot"):
            with self.subTest(method=method):
                gateway = self.gateway(self.upstream(answering(MODELS)))
                client = GRPCClient(gateway.path, window=1_000)
                self.addCleanup(client.close)
                stream_id = client.request(method, timeout_nano=300_000_000)
                with self.assertRaises(StreamReset) as raised:
                    client.response(stream_id)
                self.assertEqual(raised.exception.code, CANCEL)
                self.assertEqual(client.call("NoSuchMethod").reason, "UNKNOWN_METHOD")
                self.assertEqual(client.goaways, [])

    def test_a_deadline_that_finds_nothing_waiting_is_told(self):
        client, _ = self.start(Held())
        late = client.call("StreamModelsSnapshot", timeout_nano=100_000_000)
        self.assert_status(late, DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED", request_sent=True)

    def test_end_of_file_gives_up_all_that_is_in_flight(self):
        held = Held()
        client, upstream = self.start(held)
        for _ in range(3):
            client.request("UnloadModels")
        upstream.wait_for_requests(3)
        client.stop_writing()
        held.wait_until_given_up(3)
        self.assertEqual([each for each in client.wait_until_closed() if isinstance(each, HeadersFrame)], [])

    def test_a_call_waits_until_its_client_has_ended_its_side(self):
        client, upstream = self.start()
        path = UNLOAD.removesuffix("UnloadModels")
        for count, method in enumerate(("UnloadModels", "StreamModelsSnapshot"), 1):
            with self.subTest(method=method):
                stream_id = client.use_id()
                client.send(client.head(stream_id, request_head(path + method)))
                client.send_data(stream_id, message(b""), is_end=False)
                client.wait_for_ping()
                self.assertEqual(len(upstream.requests), count - 1)
                client.send(frame(DataFrame(stream_id), is_end=True))
                _, error = client.stream_answer(stream_id)
                self.assertIsNone(error)
                self.assertEqual(len(upstream.requests), count)


class DrainTests(AnswerTest):
    def draining(self, *, answers_pings: bool) -> tuple[Gateway, GRPCClient, ScriptedUpstream]:
        """A gateway that has said that it is about to end, while a call is in flight, and this call's upstream."""
        self.held = Held()
        upstream = self.upstream(self.held)
        gateway = self.gateway(upstream)
        client = self.client(gateway)
        self.in_flight = client.request("UnloadModels")
        upstream.wait_for_requests(1)
        client.answers_pings = answers_pings
        self.begin = time.monotonic()
        gateway.signal()
        return gateway, client, upstream

    def end(self, gateway: Gateway, client: GRPCClient, *others: int) -> None:
        """What is in flight is answered, and then the connection ends, and the gateway."""
        self.held.release(1 + len(others))
        for stream_id in (self.in_flight, *others):
            self.assert_ok(client.response(stream_id))
        rest = [each for each in client.wait_until_closed() if not isinstance(each, RstStreamFrame)]
        self.assertEqual(rest, [])
        self.assertEqual(gateway.wait(), 0)

    def next_of_connection(self, client: GRPCClient) -> Frame:
        while True:
            received = client.receive()
            client._keep(received)
            if isinstance(received, (GoAwayFrame, PingFrame)):
                return received

    def test_a_notice_a_ping_and_the_last_id(self):
        gateway, client, _ = self.draining(answers_pings=True)
        notice = self.next_of_connection(client)
        self.assertEqual((notice.last_stream_id, notice.error_code), (LARGEST_WINDOW, 0))
        self.assertIsInstance(self.next_of_connection(client), PingFrame)
        last = self.next_of_connection(client)
        self.assertEqual((last.last_stream_id, last.error_code), (self.in_flight, 0))
        self.end(gateway, client)

    def test_what_comes_before_the_ping_is_answered_is_served(self):
        gateway, client, upstream = self.draining(answers_pings=False)
        self.next_of_connection(client)
        ping = self.next_of_connection(client)
        late = client.request("UnloadModels")
        check = client.call("Check", service=HEALTH)
        self.assertEqual(self.assert_ok(check), bytes([8, NOT_SERVING]))
        client.send(PingFrame(opaque_data=ping.opaque_data, flags=["ACK"]).serialize())
        last = self.next_of_connection(client)
        self.assertEqual(last.last_stream_id, client.next_id - 2)
        upstream.wait_for_requests(2)
        self.end(gateway, client, late)

    def test_the_answer_to_the_ping_is_waited_for_200_ms(self):
        gateway, client, _ = self.draining(answers_pings=False)
        self.next_of_connection(client)
        self.next_of_connection(client)
        last = self.next_of_connection(client)
        # The gateway's clock counts whole milliseconds.
        self.assertGreater(time.monotonic() - self.begin, 0.198)
        self.assertEqual(last.last_stream_id, self.in_flight)
        self.end(gateway, client)

    def test_a_watch_and_reflection_end_for_the_reason(self):
        self.held = held = Held()
        calm = answering("ok")
        script = lambda exchange: (calm if exchange.request.method == "GET" else held)(exchange)  # noqa: E731
        upstream = self.upstream(script)
        gateway = self.gateway(upstream)
        client = self.client(gateway)
        watch = client.request("Watch", service=HEALTH)
        self.assertEqual(client.next_message(watch), bytes([8, SERVING]))
        asking = client.use_id()
        client.send(client.head(asking, request_head(f"/{REFLECTION}/ServerReflectionInfo")))
        client.send_data(asking, message(LIST_SERVICES), is_end=False)
        client.next_message(asking)
        self.in_flight = client.request("UnloadModels")
        upstream.wait_for_requests(2)
        gateway.signal()
        messages, error = client.stream_answer(watch)
        self.assertEqual(messages, [bytes([8, NOT_SERVING])])
        self.assert_status(error, UNAVAILABLE, "SHUTTING_DOWN")
        messages, error = client.stream_answer(asking)
        self.assertEqual(messages, [])
        self.assert_status(error, UNAVAILABLE, "SHUTTING_DOWN")
        self.end(gateway, client)


if __name__ == "__main__":
    unittest.main()
