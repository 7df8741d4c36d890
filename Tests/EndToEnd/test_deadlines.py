"""Section 1: how long a call may take, and who says so."""

import time

from support.case import EndToEndTest
from support.envelope import DEADLINE_EXCEEDED
from support.upstream import Held, answering

MILLISECOND = 1_000_000
SECOND = 1_000 * MILLISECOND


class DeadlineTests(EndToEndTest):
    def assert_too_late(self, response, **expectations):
        self.assert_status(response, DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED", **expectations)

    def test_a_negative_timeout_has_expired_and_never_reaches_the_upstream(self):
        client, upstream = self.start()
        for timeout in (-1, -SECOND, -(2**63)):
            for method in ("ModelsSnapshot", "UnloadModels"):
                with self.subTest(timeout=timeout, method=method):
                    response = client.call(method, timeout_nano=timeout)
                    self.assert_too_late(response, operation=method, request_sent=False)
        messages, response = client.stream(timeout_nano=-1)
        self.assertEqual(messages, [])
        self.assert_too_late(response, operation="StreamModelsSnapshot", request_sent=False)
        self.assert_ok(client.call("ModelsSnapshot"))
        self.assertEqual(len(upstream.requests), 1)

    def test_the_timeout_of_the_request_ends_it_and_gives_the_upstream_call_up(self):
        for method in ("ModelsSnapshot", "StreamModelsSnapshot", "UnloadModels"):
            with self.subTest(method=method):
                held = Held()
                client, _ = self.start(held)
                started = time.monotonic()
                response = client.call(method, timeout_nano=300 * MILLISECOND)
                self.assert_too_late(response, operation=method, request_sent=True)
                self.assertGreater(time.monotonic() - started, 0.29)
                self.assertLess(time.monotonic() - started, 5)
                held.wait_until_given_up()
                self.assertEqual(client.other_frames(), [])

    def test_a_timeout_of_a_nanosecond_is_too_short(self):
        client, _ = self.start(Held())
        self.assert_too_late(client.call("ModelsSnapshot", timeout_nano=1))

    def test_the_longest_timeout_is_long(self):
        client, _ = self.start()
        for timeout in (2**63 - 1, 2**62, 10**18):
            with self.subTest(timeout=timeout):
                self.assert_ok(client.call("ModelsSnapshot", timeout_nano=timeout))

    def test_zero_means_the_default(self):
        for method in ("ModelsSnapshot", "StreamModelsSnapshot"):
            with self.subTest(method=method):
                held = Held()
                client, _ = self.start(held, "--deadline", "300ms")
                started = time.monotonic()
                self.assert_too_late(client.call(method), operation=method, request_sent=True)
                self.assertLess(time.monotonic() - started, 5)
                held.wait_until_given_up()

    def test_a_timeout_longer_than_the_default_replaces_it(self):
        def slow(exchange):
            time.sleep(0.6)  # Twice the default, which this is about.
            exchange.answer('{"iterable":[]}')

        client, _ = self.start(slow, "--deadline", "300ms")
        self.assert_ok(client.call("ModelsSnapshot", timeout_nano=15 * SECOND))

    def test_waiting_for_an_upstream_connection_counts(self):
        held = Held()
        client, upstream = self.start(held, "--max-upstream-connections", "1")
        first = client.request("ModelsSnapshot")
        upstream.wait_for_requests(1)
        response = client.call("UnloadModels", timeout_nano=200 * MILLISECOND)
        self.assert_too_late(response, operation="UnloadModels", request_sent=False)
        held.release()
        self.assert_ok(client.response(first))
        held.release()
        self.assert_ok(client.call("ModelsSnapshot"))
        self.assertEqual([request.target for request in upstream.requests], ["/models", "/models"])

    def test_an_answer_that_arrives_by_drops_does_not_put_the_deadline_off(self):
        def dripping(exchange):
            exchange.send(b"HTTP/1.1 200 OK\r\n\r\n{")
            while True:
                exchange.send(b" ")
                time.sleep(0.01)

        client, _ = self.start(dripping)
        response = client.call("ModelsSnapshot", timeout_nano=300 * MILLISECOND)
        self.assert_too_late(response, request_sent=True)

    def test_a_deadline_costs_its_own_call_only(self):
        held = Held(answering("{}"))
        client, upstream = self.start(held)
        first = client.request("ModelsSnapshot")
        upstream.wait_for_requests(1)
        self.assert_too_late(client.call("UnloadModels", timeout_nano=100 * MILLISECOND))
        held.wait_until_given_up()
        held.release()
        self.assert_ok(client.response(first))

    def test_many_deadlines_end_in_their_order(self):
        client, _ = self.start(Held())
        ids = [client.request("ModelsSnapshot", timeout_nano=n * 60 * MILLISECOND) for n in (5, 3, 1, 4, 2)]
        ended = []
        for _ in ids:
            ended.append(client.receive().stream_id)
        self.assertEqual(ended, [ids[2], ids[4], ids[1], ids[3], ids[0]])
