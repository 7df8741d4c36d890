"""Section 1 and the daemon's end: what SIGTERM and SIGINT do."""

import os
import signal
import socket

from support import envelope, wire
from support.case import EndToEndTest
from support.envelope import UNAVAILABLE
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
            ("the id again", wire.REQUEST, envelope.request(envelope.MODELS, "UnloadModels")),
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
