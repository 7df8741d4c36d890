"""Section 1: the ways in which a call is given up."""

import select
import socket
import threading

from support import envelope, wire
from support.case import EndToEndTest
from support.envelope import CANCELLED, CONTROL, DEADLINE_EXCEEDED, MODELS
from support.upstream import Held, answering
from support.wires import over_both_wires, ttrpc_only

METHODS = ("ModelsSnapshot", "StreamModelsSnapshot", "UnloadModels")


@over_both_wires
class CancellationTests(EndToEndTest):
    def assert_cancelled(self, response, **expectations):
        self.assert_status(response, CANCELLED, "CANCELLED", **expectations)

    def test_a_closed_connection_cancels_its_upstream_calls(self):
        held = Held()
        upstream = self.upstream(held)
        gateway = self.gateway(upstream)
        client = self.client(gateway)
        for method in METHODS:
            client.request(method, metadata=[("traceparent", method)])
        upstream.wait_for_requests(3)
        client.close()
        held.wait_until_given_up(3)

    def test_half_a_closed_connection_is_a_closed_one(self):
        held = Held()
        client, upstream = self.start(held)
        client.request("ModelsSnapshot")
        upstream.wait_for_requests(1)
        client.stop_writing()
        held.wait_until_given_up()
        self.assertEqual(client.wait_until_closed(), [])

    @ttrpc_only
    def test_a_first_byte_other_than_zero_cancels_what_is_in_flight(self):
        held = Held()
        client, upstream = self.start(held)
        client.request("ModelsSnapshot")
        upstream.wait_for_requests(1)
        client.send(b"P")
        held.wait_until_given_up()
        self.assertEqual(client.wait_until_closed(), [])

    def test_a_call_that_waits_for_a_connection_leaves_the_queue_with_its_client(self):
        held = Held()
        upstream = self.upstream(held)
        gateway = self.gateway(upstream, "--max-upstream-connections", "1")
        staying, leaving = self.client(gateway), self.client(gateway)
        first = staying.request("ModelsSnapshot")
        upstream.wait_for_requests(1)
        leaving.request("UnloadModels")
        leaving.other_frames()
        leaving.stop_writing()
        self.assertEqual(leaving.wait_until_closed(), [])
        held.release()
        self.assert_ok(staying.response(first))
        held.release()
        self.assert_ok(staying.call("ModelsSnapshot"))
        self.assertEqual([request.target for request in upstream.requests], ["/models", "/models"])

    def test_another_connection_is_not_touched(self):
        held = Held()
        upstream = self.upstream(held)
        gateway = self.gateway(upstream)
        staying, leaving = self.client(gateway), self.client(gateway)
        stream_id = staying.request("UnloadModels")
        leaving.request("UnloadModels")
        upstream.wait_for_requests(2)
        leaving.close()
        held.wait_until_given_up()
        held.release()
        self.assert_ok(staying.response(stream_id))

    def test_cancel_ends_a_call(self):
        for method in METHODS:
            with self.subTest(method=method):
                held = Held()
                client, upstream = self.start(held)
                stream_id = client.request(method)
                upstream.wait_for_requests(1)
                self.give_up(client, stream_id, operation=method, request_sent=True)
                held.wait_until_given_up()
                self.assertEqual(client.other_frames(), [])
                held.release()
                self.assert_ok(client.call("ModelsSnapshot"))

    def test_cancel_ends_a_call_that_has_sent_nothing_yet(self):
        held = Held()
        client, upstream = self.start(held, "--max-upstream-connections", "1")
        first = client.request("ModelsSnapshot")
        upstream.wait_for_requests(1)
        waiting = client.request("UnloadModels")
        self.give_up(client, waiting, operation="UnloadModels", request_sent=False)
        held.release()
        self.assert_ok(client.response(first))
        self.assertEqual(len(upstream.requests), 1)

    @ttrpc_only
    def test_an_id_that_is_not_in_flight_is_no_error(self):
        client, _ = self.start()
        answered = client.request("ModelsSnapshot")
        self.assert_ok(client.response(answered))
        for stream_id in (answered, 0, 2, 12345, 0xFFFFFFFF):
            with self.subTest(stream_id=stream_id):
                self.assertEqual(self.assert_ok(client.cancel(stream_id)), b"")
        self.assert_ok(client.call("Cancel", service=CONTROL))
        self.assertEqual(client.other_frames(), [])

    @ttrpc_only
    def test_cancelling_twice_is_no_error(self):
        client, upstream = self.start(Held())
        stream_id = client.request("ModelsSnapshot")
        upstream.wait_for_requests(1)
        self.assert_ok(client.cancel(stream_id))
        self.assert_cancelled(client.response(stream_id))
        self.assert_ok(client.cancel(stream_id))
        self.assertEqual(client.other_frames(), [])

    @ttrpc_only
    def test_cancel_reaches_calls_of_its_own_connection_only(self):
        held = Held(answering("{}"))
        upstream = self.upstream(held)
        gateway = self.gateway(upstream)
        owner, stranger = self.client(gateway), self.client(gateway)
        stream_id = owner.request("ModelsSnapshot")
        upstream.wait_for_requests(1)
        self.assert_ok(stranger.cancel(stream_id))
        held.release()
        self.assert_ok(owner.response(stream_id))

    def test_cancel_leaves_the_other_calls_alone(self):
        held = Held()
        client, upstream = self.start(held)
        ids = [client.request("UnloadModels") for _ in range(3)]
        upstream.wait_for_requests(3)
        self.give_up(client, ids[1])
        held.wait_until_given_up()
        held.release(2)
        self.assert_ok(client.response(ids[0]))
        self.assert_ok(client.response(ids[2]))

    @ttrpc_only
    def test_cancel_in_the_same_write_as_its_call_works(self):
        client, _ = self.start(Held())
        call = envelope.request(MODELS, "UnloadModels")
        cancel = envelope.request(CONTROL, "Cancel", wire.field(1, 1))
        client.send(wire.frame(1, wire.REQUEST, 1, call) + wire.frame(3, wire.REQUEST, 1, cancel))
        self.assert_ok(client.response(3))
        self.assert_cancelled(client.response(1), operation="UnloadModels")


@over_both_wires
class OneTurnTests(EndToEndTest):
    """When the gateway next says something, it has given the upstream calls up already. At a Unix socket an upstream
    sees that in the same moment."""

    def setUp(self):
        ended = threading.Event()
        path = str(self.directory() / "upstream.sock")
        self.scripted = self.upstream(lambda exchange: ended.wait(), path=path)
        self.addCleanup(ended.set)
        self.served = self.gateway(self.scripted)
        self.witness = self.client(self.served)
        self.witness.other_frames()

    def calls(self, client, count: int = 8, timeout_nano: int = 0) -> list[int]:
        """Calls that the upstream has, each on a connection of its own."""
        before = len(self.scripted.requests)
        ids = [client.request("UnloadModels", timeout_nano=timeout_nano) for _ in range(count)]
        self.scripted.wait_for_requests(before + count)
        return ids

    def given_up(self) -> int:
        """How many connections to the upstream have been closed by now."""
        sockets = [connection.socket for connection in self.scripted.connections]
        ready = select.select(sockets, [], [], 0)[0]
        return [sock.recv(1, socket.MSG_PEEK) for sock in ready].count(b"")

    def test_with_a_client_that_leaves(self):
        for leave in ("close", "stop_writing"):
            with self.subTest(leave):
                leaving = self.client(self.served)
                self.calls(leaving)
                before = self.given_up()
                getattr(leaving, leave)()
                self.witness.call("NoSuchMethod")
                self.assertEqual(self.given_up(), before + 8)

    def test_with_a_call_that_is_cancelled(self):
        for count, stream_id in enumerate(self.calls(self.witness), 1):
            self.give_up(self.witness, stream_id)
            self.assertEqual(self.given_up(), count)

    def test_with_a_deadline(self):
        for stream_id in self.calls(self.witness, count=1, timeout_nano=1_000_000_000):
            self.assertEqual(self.witness.response(stream_id).code, DEADLINE_EXCEEDED)
            self.assertEqual(self.given_up(), 1)
