"""Section 1: which stream ids may be used, and in which order a frame is checked."""

from support import envelope, wire
from support.case import EndToEndTest
from support.envelope import MODELS
from support.upstream import Held

GARBAGE = b"\xff\xff\xff"
SNAPSHOT = envelope.request(MODELS, "ModelsSnapshot")
UNKNOWN_METHOD = envelope.request(MODELS, "NoSuchMethod")


def deleting(model: str) -> bytes:
    return envelope.request(MODELS, "ModelsDeleteSpecificModelCache", wire.field(1, model))


def echo(exchange) -> None:
    exchange.answer('{"model":{"id":"%s"}}' % exchange.request.target.split("/")[2])


class StreamIDTest(EndToEndTest):
    def send(self, client, stream_id: int, data: bytes = SNAPSHOT):
        client.send(wire.frame(stream_id, wire.REQUEST, wire.REMOTE_CLOSED, data))
        return client.response(stream_id)

    def assert_id_refused(self, response):
        self.assert_bad_request(response, "stream id")


class StreamIDTests(StreamIDTest):
    def test_an_even_id_is_refused_on_that_id(self):
        client, upstream = self.start()
        for stream_id in (2, 0x80000000, 0xFFFFFFFE):
            self.assert_id_refused(self.send(client, stream_id))
        self.assertEqual(upstream.requests, [])

    def test_id_zero_is_even(self):
        client, _ = self.start()
        self.assert_id_refused(self.send(client, 0))
        self.assert_ok(self.send(client, 1))

    def test_an_even_id_uses_up_nothing(self):
        client, _ = self.start()
        self.assert_id_refused(self.send(client, 100))
        self.assert_ok(self.send(client, 1))
        self.assert_ok(self.send(client, 99))

    def test_the_same_even_id_is_refused_every_time(self):
        client, _ = self.start()
        for _ in range(3):
            self.assert_id_refused(self.send(client, 2))

    def test_a_reused_id_is_refused(self):
        client, upstream = self.start()
        self.assert_ok(self.send(client, 1))
        self.assert_id_refused(self.send(client, 1))
        self.assert_ok(self.send(client, 3))
        self.assertEqual(len(upstream.requests), 2)

    def test_an_unused_id_at_most_254_below_the_highest_is_served(self):
        client, upstream = self.start()
        for stream_id in (1001, 999, 747, 1003, 749):
            self.assert_ok(self.send(client, stream_id))
        for stream_id in (1001, 999, 749):
            self.assert_id_refused(self.send(client, stream_id))
        self.assertEqual(len(upstream.requests), 5)

    def test_an_id_further_below_the_highest_is_refused(self):
        client, upstream = self.start()
        self.assert_ok(self.send(client, 1001))
        for stream_id in (745, 1):
            self.assert_id_refused(self.send(client, stream_id))
        self.assert_ok(self.send(client, 747))
        self.assertEqual(len(upstream.requests), 2)

    def test_calls_out_of_order_are_answered_each_on_its_id(self):
        client, upstream = self.start(echo)
        ids = [stream_id ^ 6 for stream_id in range(1, 256, 2)]
        requests = [wire.frame(stream_id, wire.REQUEST, 1, deleting(f"m{stream_id}")) for stream_id in ids]
        client.send(b"".join(requests))
        for stream_id in ids:
            answer = wire.field(1, wire.field(1, f"m{stream_id}"))
            self.assertEqual(self.assert_ok(client.response(stream_id)), answer)
        self.assertEqual(len(upstream.requests), 128)

    def test_a_call_whose_id_came_late_can_be_cancelled(self):
        held = Held()
        client, upstream = self.start(held)
        for stream_id in (9, 5, 7):
            client.send(wire.frame(stream_id, wire.REQUEST, 1, envelope.request(MODELS, "UnloadModels")))
        upstream.wait_for_requests(3)
        client.next_id = 11
        for stream_id in (5, 9, 7):
            self.assert_ok(client.cancel(stream_id))
            self.assert_status(client.response(stream_id), envelope.CANCELLED, "CANCELLED")
            held.wait_until_given_up()

    def test_ids_may_skip_and_reach_the_last_one(self):
        client, _ = self.start()
        for stream_id in (5, 0x7FFFFFFF, 0x80000001, 0xFFFFFFFF):
            self.assert_ok(self.send(client, stream_id))
        self.assert_id_refused(self.send(client, 0xFFFFFFFF))
        self.assert_id_refused(self.send(client, 1))

    def test_a_reused_id_of_a_live_call_cancels_it_and_is_answered_once(self):
        held = Held()
        client, upstream = self.start(held)
        stream_id = client.request("ModelsSnapshot")
        upstream.wait_for_requests(1)
        self.assert_id_refused(self.send(client, stream_id))
        held.wait_until_given_up()
        self.assertEqual(client.other_frames(), [])

    def test_a_reused_id_of_a_live_stream_cancels_it_and_is_answered_once(self):
        held = Held()
        client, upstream = self.start(held)
        stream_id = client.request("StreamModelsSnapshot")
        upstream.wait_for_requests(1)
        self.assert_id_refused(self.send(client, stream_id))
        held.wait_until_given_up()
        self.assertEqual(client.other_frames(), [])

    def test_a_reused_id_of_a_call_that_waits_for_a_connection_cancels_it(self):
        held = Held()
        client, upstream = self.start(held, "--max-upstream-connections", "1")
        first = client.request("ModelsSnapshot")
        upstream.wait_for_requests(1)
        waiting = client.request("UnloadModels")
        self.assert_id_refused(self.send(client, waiting))
        held.release()
        self.assert_ok(client.response(first))
        self.assertEqual(client.other_frames(), [])
        self.assertEqual([request.target for request in upstream.requests], ["/models"])

    def test_a_lower_id_that_is_not_live_leaves_the_live_call_alone(self):
        held = Held()
        client, upstream = self.start(held)
        client.send(wire.frame(999, wire.REQUEST, 1, SNAPSHOT))
        upstream.wait_for_requests(1)
        self.assert_id_refused(self.send(client, 743))
        held.release()
        self.assert_ok(client.response(999))

    def test_the_id_of_a_live_call_far_below_the_highest_is_a_reused_one_too(self):
        held = Held()
        client, upstream = self.start(held)
        client.send(wire.frame(1, wire.REQUEST, 1, SNAPSHOT))
        upstream.wait_for_requests(1)
        client.send(wire.frame(999, wire.REQUEST, 1, UNKNOWN_METHOD))
        self.assert_status(client.response(999), envelope.UNIMPLEMENTED, "UNKNOWN_METHOD")
        self.assert_id_refused(self.send(client, 1))
        held.wait_until_given_up()
        client.next_id = 1001
        self.assertEqual(client.other_frames(), [])

    def test_a_data_frame_on_a_live_call_cancels_it_and_is_answered_once(self):
        for method in ("ModelsSnapshot", "StreamModelsSnapshot"):
            with self.subTest(method=method):
                held = Held()
                client, upstream = self.start(held)
                stream_id = client.request(method, flags=wire.REMOTE_OPEN)
                upstream.wait_for_requests(1)
                client.send(wire.frame(stream_id, wire.DATA, wire.REMOTE_CLOSED, b"x"))
                self.assert_bad_request(client.response(stream_id))
                held.wait_until_given_up()
                self.assertEqual(client.other_frames(), [])

    def test_a_data_frame_uses_up_no_id(self):
        client, _ = self.start()
        client.send(wire.frame(9, wire.DATA, 0, b"x"))
        self.assert_bad_request(client.response(9))
        self.assert_ok(self.send(client, 1))
        self.assert_ok(self.send(client, 9))

    def test_ignored_frames_use_up_no_id(self):
        client, _ = self.start()
        client.send(wire.frame(9, wire.RESPONSE, 0, SNAPSHOT) + wire.frame(11, 200, 0, SNAPSHOT))
        self.assert_ok(self.send(client, 1))

    def test_ids_of_one_connection_are_not_those_of_another(self):
        gateway = self.gateway(self.upstream())
        self.assert_ok(self.send(self.client(gateway), 99))
        self.assert_ok(self.send(self.client(gateway), 1))


class OrderOfChecksTests(StreamIDTest):
    def test_an_even_id_is_said_before_a_bad_envelope(self):
        client, _ = self.start()
        self.assert_id_refused(self.send(client, 2, GARBAGE))

    def test_an_even_id_is_said_before_an_unknown_method(self):
        client, _ = self.start()
        self.assert_id_refused(self.send(client, 2, UNKNOWN_METHOD))

    def test_a_lower_id_is_said_before_a_bad_envelope(self):
        client, _ = self.start()
        self.assert_ok(self.send(client, 555))
        self.assert_id_refused(self.send(client, 3, GARBAGE))

    def test_a_lower_id_is_said_before_an_unknown_method(self):
        client, _ = self.start()
        self.assert_ok(self.send(client, 555))
        self.assert_id_refused(self.send(client, 3, UNKNOWN_METHOD))

    def test_a_reused_id_is_said_before_an_unknown_method(self):
        client, _ = self.start()
        self.assert_ok(self.send(client, 5))
        self.assert_id_refused(self.send(client, 5, UNKNOWN_METHOD))

    def test_a_reused_id_with_a_bad_envelope_cancels_the_live_call_all_the_same(self):
        held = Held()
        client, upstream = self.start(held)
        stream_id = client.request("ModelsSnapshot")
        upstream.wait_for_requests(1)
        self.assert_id_refused(self.send(client, stream_id, GARBAGE))
        held.wait_until_given_up()
        self.assertEqual(client.other_frames(), [])

    def test_a_bad_envelope_uses_its_id_up(self):
        client, _ = self.start()
        self.assert_bad_request(self.send(client, 7, GARBAGE), "envelope")
        self.assert_id_refused(self.send(client, 7))
        self.assert_bad_request(self.send(client, 5, GARBAGE), "envelope")
        self.assert_id_refused(self.send(client, 5))
        self.assert_ok(self.send(client, 9))

    def test_an_unknown_method_uses_its_id_up(self):
        client, _ = self.start()
        self.assert_status(self.send(client, 7, UNKNOWN_METHOD), envelope.UNIMPLEMENTED, "UNKNOWN_METHOD")
        self.assert_id_refused(self.send(client, 7))

    def test_a_bad_envelope_is_said_before_an_unknown_service(self):
        client, _ = self.start()
        data = envelope.request("no.such.Service", "NoSuchMethod") + GARBAGE
        self.assert_bad_request(self.send(client, 1, data), "envelope")

    def test_an_unknown_method_is_said_before_a_bad_payload(self):
        client, _ = self.start()
        data = envelope.request(MODELS, "NoSuchMethod", GARBAGE)
        self.assert_status(self.send(client, 1, data), envelope.UNIMPLEMENTED, "UNKNOWN_METHOD")

    def test_an_unknown_service_is_said_before_an_unknown_method(self):
        client, _ = self.start()
        response = self.send(client, 1, envelope.request("no.such.Service", "NoSuchMethod", GARBAGE))
        self.assert_status(response, envelope.UNIMPLEMENTED, "UNKNOWN_METHOD")
        self.assertIn("no.such.Service", response.message)
