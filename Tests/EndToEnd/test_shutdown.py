"""Section 1 and the daemon's end: what SIGTERM and SIGINT do."""

import os
import signal
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

from support import envelope, wire
from support.case import EndToEndTest
from support.envelope import MODELS, OK, UNAVAILABLE, UNIMPLEMENTED
from support.upstream import Held, answering


class ShutdownTests(EndToEndTest):
    def draining(self, number: int = signal.SIGTERM, method: str = "ModelsSnapshot"):
        """A gateway that has been told to end while one call is in flight."""
        held = Held(answering('{"iterable":[{"id":"a"}]}'))
        upstream = self.upstream(held)
        gateway = self.gateway(upstream)
        idle, busy = self.client(gateway), self.client(gateway)
        stream_id = busy.request(method)
        upstream.wait_for_requests(1)
        gateway.signal(number)
        self.assertEqual(idle.wait_until_closed(), [])
        return gateway, busy, stream_id, held

    def test_idle_connections_are_closed_and_the_call_in_flight_is_finished(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(signal=number):
                gateway, busy, stream_id, held = self.draining(number)
                held.release()
                self.assert_ok(busy.response(stream_id))
                self.assertEqual(busy.wait_until_closed(), [])
                self.assertEqual(gateway.wait(), 0)
                self.assertFalse(os.path.lexists(gateway.path))

    def test_a_stream_in_flight_is_finished(self):
        gateway, busy, stream_id, held = self.draining(method="StreamModelsSnapshot")
        held.release()
        messages, error = busy.stream_answer(stream_id)
        self.assertIsNone(error)
        self.assertEqual(b"".join(messages), b"\x0a\x03\x0a\x01a")
        self.assertEqual(gateway.wait(), 0)

    def test_a_new_request_is_refused_while_it_drains(self):
        gateway, busy, stream_id, held = self.draining()
        for method in ("UnloadModels", "ModelsSnapshot"):
            response = busy.call(method)
            self.assert_status(response, UNAVAILABLE, "SHUTTING_DOWN", operation=method, request_sent=False)
        self.assert_status(busy.stream()[1], UNAVAILABLE, "SHUTTING_DOWN", request_sent=False)
        held.release()
        self.assert_ok(busy.response(stream_id))
        self.assertEqual(gateway.wait(), 0)

    def test_a_frame_that_ends_the_last_call_is_answered_before_all_ends(self):
        for name, kind, data in (
            ("data", wire.DATA, b"x"),
            ("the id again", wire.REQUEST, envelope.request(MODELS, "UnloadModels")),
        ):
            with self.subTest(name):
                gateway, busy, stream_id, held = self.draining(method="UnloadModels")
                busy.send(wire.frame(stream_id, kind, wire.REMOTE_CLOSED, data))
                self.assertEqual(busy.response(stream_id).reason, "BAD_REQUEST")
                self.assertEqual(busy.wait_until_closed(), [])
                self.assertEqual(gateway.wait(), 0)

    def test_nobody_can_connect_while_it_drains(self):
        gateway, busy, stream_id, held = self.draining()
        with self.assertRaises(OSError), socket.socket(socket.AF_UNIX) as late:
            late.settimeout(20)
            late.connect(gateway.path)
            if late.recv(1) == b"":
                raise ConnectionResetError
        held.release()
        self.assert_ok(busy.response(stream_id))
        self.assertEqual(gateway.wait(), 0)

    def test_a_client_that_leaves_ends_the_draining(self):
        gateway, busy, _, held = self.draining()
        busy.close()
        held.wait_until_given_up()
        self.assertEqual(gateway.wait(), 0)

    def test_draining_has_an_end(self):
        gateway, busy, stream_id, held = self.draining()
        held.wait_until_given_up()
        self.assertEqual(gateway.wait(), 0)
        self.assertFalse(os.path.lexists(gateway.path))
        frames = busy.wait_until_closed()
        for frame in frames:
            self.assertEqual(frame.stream_id, stream_id)
            self.assertNotEqual(envelope.parse_response(frame).code, envelope.OK)

    def test_an_idle_gateway_ends_at_once(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(signal=number):
                gateway = self.gateway(self.upstream())
                clients = [self.client(gateway) for _ in range(5)]
                self.assert_ok(clients[0].call("ModelsSnapshot"))
                gateway.signal(number)
                for client in clients:
                    self.assertEqual(client.wait_until_closed(), [])
                self.assertEqual(gateway.wait(), 0)
                self.assertFalse(os.path.lexists(gateway.path))

    def test_half_a_frame_is_nothing_in_flight(self):
        gateway = self.gateway(self.upstream())
        client = self.client(gateway)
        client.send(b"\0\0\0\x2e\0\0")
        client.wait_until_read()
        gateway.signal()
        self.assertEqual(client.wait_until_closed(), [])
        self.assertEqual(gateway.wait(), 0)

    def test_requests_that_arrived_before_the_signal_are_all_answered(self):
        upstream = self.upstream(answering(status=204))
        gateway = self.gateway(upstream)
        client = self.client(gateway)
        *unknown, last = [client.use_id() for _ in range(1_001)]
        frames = [wire.frame(each, wire.REQUEST, 1, envelope.request(MODELS, "NoSuchMethod")) for each in unknown]
        frames.append(wire.frame(last, wire.REQUEST, 1, envelope.request(MODELS, "UnloadModels")))
        gateway.signal(signal.SIGSTOP)
        client.send(b"".join(frames))
        gateway.signal()
        gateway.signal(signal.SIGCONT)
        for stream_id in unknown:
            self.assert_status(client.response(stream_id), UNIMPLEMENTED, "UNKNOWN_METHOD")
        self.assert_status(client.response(last), UNAVAILABLE, "SHUTTING_DOWN", request_sent=False)
        self.assertEqual(client.wait_until_closed(), [])
        self.assertEqual(gateway.wait(), 0)
        self.assertEqual(upstream.requests, [])


class CallingOnTests(EndToEndTest):
    """Clients that call without a pause, and do not stop when they are told to."""

    def call_on(self, client) -> list[str]:
        """What came of each call, until none can be sent. A request that could be sent is answered, or this fails."""
        outcomes = []
        while True:
            try:
                stream_id = client.request("UnloadModels")
            except (BrokenPipeError, ConnectionResetError):
                return outcomes
            response = client.response(stream_id)
            if response.code == OK:
                outcomes.append("OK")
            else:
                self.assert_status(response, UNAVAILABLE, "SHUTTING_DOWN", request_sent=False)
                outcomes.append("SHUTTING_DOWN")
            self.progress.release()

    def assert_none_unanswered(self, gateway, upstream, running) -> None:
        outcomes = [future.result() for future in running]
        for each in outcomes:
            self.assertEqual(each, sorted(each), "carried out after another one was refused")
        together = sum(outcomes, [])
        self.assertEqual(together.count("OK"), len(upstream.requests))
        self.assertIn("SHUTTING_DOWN", together)
        self.assertEqual(gateway.wait(), 0)

    def setUp(self):
        self.progress = threading.Semaphore(0)

    def test_each_is_answered_or_cannot_be_sent(self):
        upstream = self.upstream(answering(status=204))
        gateway = self.gateway(upstream)
        clients = [self.client(gateway) for _ in range(20)]
        with ThreadPoolExecutor(20) as threads:
            running = [threads.submit(self.call_on, client) for client in clients]
            for _ in range(200):
                self.assertTrue(self.progress.acquire(timeout=20))
            gateway.signal()
            self.assert_none_unanswered(gateway, upstream, running)

    def test_so_is_each_behind_an_answer_that_comes_while_the_gateway_drains(self):
        held = Held(answering(status=204))
        upstream = self.upstream(held)
        gateway = self.gateway(upstream)
        idle, *clients = [self.client(gateway) for _ in range(21)]
        with ThreadPoolExecutor(20) as threads:
            running = [threads.submit(self.call_on, client) for client in clients]
            upstream.wait_for_requests(20)
            gateway.signal()
            self.assertEqual(idle.wait_until_closed(), [])
            held.release(20)
            self.assert_none_unanswered(gateway, upstream, running)
