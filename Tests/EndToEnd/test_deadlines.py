"""Section 1: how long a call may take, and who says so."""

import os
import select
import signal
import time
from pathlib import Path

from support import envelope, wire
from support.case import EndToEndTest
from support.envelope import DEADLINE_EXCEEDED, MODELS
from support.gateway import Gateway
from support.upstream import Held, answering
from support.wires import over_both_wires, ttrpc_only

MILLISECOND = 1_000_000
SECOND = 1_000 * MILLISECOND


@over_both_wires
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
        ended = [client.next_answered() for _ in ids]
        self.assertEqual(ended, [ids[2], ids[4], ids[1], ids[3], ids[0]])

    def test_none_is_early(self):
        client, _ = self.start(Held(), "--deadline", "5ms")
        timeouts = [*range(1, 20 * MILLISECOND, 199_999), *[0] * 20]
        for timeout in timeouts:
            started = time.monotonic_ns()
            self.assert_too_late(client.call("UnloadModels", timeout_nano=timeout))
            self.assertGreaterEqual(time.monotonic_ns() - started, timeout or 5 * MILLISECOND)

    @ttrpc_only
    def test_none_is_early_because_the_gateway_was_busy_when_its_call_came(self):
        """The call arrives while the gateway is in the middle of a request that takes it long. Its time begins when it
        has been sent, and not when the gateway became busy."""
        gateway = self.gateway(self.upstream(Held()))
        heavy, client = self.client(gateway), self.client(gateway)
        for ready in (heavy, client):
            ready.other_frames()
        stream_id = heavy.use_id()
        data = envelope.request(MODELS, "UnloadModels") + wire.field(5, b"") * 700_000
        data += wire.field(5, wire.field(1, "application") + wire.field(2, "\n"))
        work = wire.frame(stream_id, wire.REQUEST, wire.REMOTE_CLOSED, data)
        heavy.send(work[:-1])
        heavy.wait_until_read()
        timeout = 2_000 * MILLISECOND
        data = envelope.request(MODELS, "UnloadModels", timeout_nano=timeout)
        call = wire.frame(client.use_id(), wire.REQUEST, wire.REMOTE_CLOSED, data)

        # Both are ready to be read when it wakes up, in one turn.
        gateway.signal(signal.SIGSTOP)
        os.waitid(os.P_PID, gateway.pid, os.WSTOPPED | os.WNOWAIT)
        heavy.send(work[-1:])
        client.send(call[:10])
        gateway.signal(signal.SIGCONT)
        self.wait_until_busy(gateway, heavy, 5 * MILLISECOND)
        started = time.monotonic_ns()
        client.send(call[10:])
        self.assert_too_late(client.response(client.next_id - 2))
        self.assertGreaterEqual(time.monotonic_ns() - started, timeout)
        self.assert_bad_request(heavy.response(stream_id), "application")

    def wait_until_busy(self, gateway: Gateway, heavy, nanoseconds: int) -> None:
        """Waits until the gateway has spent so much time on the work of a client, or has done it sooner."""
        statistics = Path(f"/proc/{gateway.pid}/schedstat")
        goal = int(statistics.read_text().split()[0]) + nanoseconds
        while int(statistics.read_text().split()[0]) < goal and not select.select([heavy.socket], [], [], 0)[0]:
            pass
