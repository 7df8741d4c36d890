"""Section 4: upstream connections, how many, how long, and what is sent a second time."""

import os
import signal
import socket

from support import wire
from support.case import EndToEndTest
from support.envelope import INTERNAL, RESOURCE_EXHAUSTED, UNAVAILABLE
from support.messages import Models
from support.upstream import Held, answering, response, sending
from support.wires import over_both_wires

POSTS = {
    "ModelsCreateNewModel": b"",
    "ModelsDeleteSpecificModel": b"\x0a\x01a",
    "ModelsDeleteSpecificModelCache": b"\x0a\x01a",
    "UnloadModels": b"",
}


def deletion(id: str) -> bytes:
    return wire.field(1, id)


class KeepAliveTests(EndToEndTest):
    def test_one_connection_serves_one_call_after_the_other(self):
        client, upstream = self.start()
        for method, payload in [("ModelsSnapshot", b""), *POSTS.items()] * 3:
            client.call(method, payload)
        self.assertIsNone(client.stream()[1])
        self.assertEqual(len(upstream.requests), 16)
        self.assertEqual(len(upstream.connections), 1)

    def test_clients_share_the_connections(self):
        upstream = self.upstream()
        gateway = self.gateway(upstream)
        for _ in range(5):
            self.assert_ok(self.client(gateway).call("ModelsSnapshot"))
        self.assertEqual(len(upstream.connections), 1)

    def test_an_upstream_that_says_close_is_closed_and_not_asked_again(self):
        client, upstream = self.start(answering(headers=("Connection: close",)))
        for count in (1, 2, 3):
            self.assert_ok(client.call("ModelsSnapshot"))
            self.assertEqual(upstream.connections[-1].index, count - 1)

    def test_the_gateway_closes_what_it_does_not_use_again(self):
        def script(exchange):
            exchange.answer("{}", headers=("Connection: close",))
            rest.append(exchange.connection.wait_until_closed())
            exchange.connection.close()

        rest = []
        client, upstream = self.start(script)
        self.assert_ok(client.call("ModelsSnapshot"))
        self.assert_ok(client.call("ModelsSnapshot"))
        upstream._threads[1].join(20)
        self.assertEqual(rest[0], b"")

    def test_http_1_0_may_be_kept_alive_and_then_is_reused(self):
        head = b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\n{}"
        client, upstream = self.start(sending(head))
        self.assert_ok(client.call("ModelsSnapshot"))
        self.assert_ok(client.call("ModelsSnapshot"))
        self.assertEqual(len(upstream.requests), 2)

    def test_garbage_behind_an_answer_is_never_the_next_answer(self):
        spoofed = response(b'{"iterable":[{"id":"spoofed"}]}')
        for garbage in (spoofed, b"x", b"\r\nHTTP/1.1 ", b"0\r\n\r\n"):
            with self.subTest(garbage=garbage):
                client, upstream = self.start()
                upstream.script = sending(response(b"{}") + garbage)
                self.assert_ok(client.call("ModelsSnapshot"))
                upstream.script = answering('{"iterable":[{"id":"true"}]}')
                models = Models.FromString(self.assert_ok(client.call("ModelsSnapshot")))
                self.assertEqual([model.id for model in models.iterable], ["true"])
                self.assertEqual(len(upstream.connections), 2)

    def test_garbage_behind_an_answer_that_ends_with_a_read_is_never_the_next_answer(self):
        """The answer is as long as what is read at once, the garbage lies ready behind it, and a call waits for the
        connection."""

        def script(exchange):
            upstream.script = answering('{"iterable":[{"id":"true"}]}')
            gateway.signal(signal.SIGSTOP)
            os.waitid(os.P_PID, gateway.pid, os.WSTOPPED | os.WNOWAIT)
            exchange.connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * size)
            head = len(response(b" " * size)) - size
            exchange.send(response(b" " * (size - head)) + response(b'{"iterable":[{"id":"spoofed"}]}'))
            gateway.signal(signal.SIGCONT)

        for size in (1 << 14, 1 << 15, 1 << 16, 1 << 17):
            with self.subTest(size=size):
                held = Held(script)
                upstream = self.upstream(held, path=str(self.directory() / "upstream.sock"))
                gateway = self.gateway(upstream, "--max-upstream-connections", "1")
                client = self.client(gateway)
                first, second = client.request("UnloadModels"), client.request("ModelsSnapshot")
                client.other_frames()
                held.release()
                self.assert_ok(client.response(first))
                models = Models.FromString(self.assert_ok(client.response(second)))
                self.assertEqual([model.id for model in models.iterable], ["true"])

    def test_garbage_on_an_idle_connection_closes_it(self):
        client, upstream = self.start()
        self.assert_ok(client.call("ModelsSnapshot"))
        upstream.connections[0].send(response(b'{"iterable":[{"id":"spoofed"}]}'))
        client.other_frames()
        for _ in range(2):
            models = Models.FromString(self.assert_ok(client.call("ModelsSnapshot")))
            self.assertEqual(len(models.iterable), 0)
        self.assertEqual(len(upstream.connections), 2)

    def test_an_idle_connection_that_the_upstream_closes_is_replaced(self):
        for method, payload in [("ModelsSnapshot", b""), *POSTS.items()]:
            with self.subTest(method=method):
                client, upstream = self.start()
                self.assert_ok(client.call("ModelsSnapshot"))
                upstream.connections[0].shut_down()
                client.other_frames()
                self.assert_ok(client.call(method, payload))
                self.assertEqual(len(upstream.requests), 2)

    def test_closed_idle_connections_leave_no_descriptors(self):
        held = Held()
        upstream = self.upstream(held)
        gateway = self.gateway(upstream)
        client = self.client(gateway)
        client.other_frames()
        before = gateway.descriptors()
        ids = [client.request("UnloadModels") for _ in range(20)]
        upstream.wait_for_requests(20)
        held.release(20)
        for stream_id in ids:
            self.assert_ok(client.response(stream_id))
        for connection in upstream.connections:
            connection.shut_down()
        gateway.wait_for_descriptors(before)


@over_both_wires
class RepetitionTests(EndToEndTest):
    def start_with_a_kept_connection(self, then):
        """A chain whose first call has been answered, and whose upstream then does something to reused connections."""

        def script(exchange):
            if exchange.connection.requests == 1 and exchange.number != 1:
                exchange.answer('{"iterable":[{"id":"%d"}]}' % exchange.number)
            else:
                then(exchange)

        client, upstream = self.start(script)
        self.assert_ok(client.call("ModelsSnapshot"))
        return client, upstream

    def assert_lost(self, found, operation: str):
        self.assert_status(found, UNAVAILABLE, "UPSTREAM_CONNECTION_LOST", operation=operation, request_sent=True)

    def test_a_get_on_a_reused_connection_that_died_is_sent_once_more(self):
        for end in ("close", "reset"):
            for method in ("ModelsSnapshot", "StreamModelsSnapshot"):
                with self.subTest(end=end, method=method):
                    client, upstream = self.start_with_a_kept_connection(
                        lambda exchange: getattr(exchange.connection, end)()
                    )
                    if method == "ModelsSnapshot":
                        payload = self.assert_ok(client.call(method))
                    else:
                        payload = b"".join(client.stream()[0])
                    self.assertEqual(Models.FromString(payload).iterable[0].id, "2")
                    self.assertEqual([request.target for request in upstream.requests], ["/models"] * 3)
                    self.assertEqual(upstream.requests[1].raw, upstream.requests[2].raw)

    def test_it_is_sent_once_more_only(self):
        client, upstream = self.start()
        self.assert_ok(client.call("ModelsSnapshot"))
        upstream.script = lambda exchange: exchange.connection.close()
        self.assert_lost(client.call("ModelsSnapshot"), "ModelsSnapshot")
        self.assertEqual(len(upstream.requests), 3)

    def test_it_goes_out_on_a_fresh_connection(self):
        held = Held()
        client, upstream = self.start(held)
        self.open_connections(3, client, upstream, held)
        repeated = []

        def script(exchange):
            if exchange.connection.requests > 1:
                exchange.connection.close()
            else:
                repeated.append(exchange)
                exchange.answer("{}")

        upstream.script = script
        self.assert_ok(client.call("ModelsSnapshot"))
        self.assertEqual(len(upstream.requests), 5)
        self.assertEqual(len(repeated), 1)

    def test_a_get_on_a_fresh_connection_is_not_repeated(self):
        client, upstream = self.start(lambda exchange: exchange.connection.close())
        self.assert_lost(client.call("ModelsSnapshot"), "ModelsSnapshot")
        self.assertEqual(len(upstream.requests), 1)

    def test_a_get_is_not_repeated_once_an_answer_has_begun(self):
        for begin in (b"H", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"):
            with self.subTest(begin=begin):

                def then(exchange):
                    exchange.send(begin)
                    exchange.connection.close()

                client, upstream = self.start_with_a_kept_connection(then)
                self.assert_lost(client.call("ModelsSnapshot"), "ModelsSnapshot")
                self.assertEqual(len(upstream.requests), 2)

    def test_a_post_is_never_repeated(self):
        for end in ("close", "reset"):
            for method, payload in POSTS.items():
                with self.subTest(end=end, method=method):
                    client, upstream = self.start_with_a_kept_connection(
                        lambda exchange: getattr(exchange.connection, end)()
                    )
                    self.assert_lost(client.call(method, payload), method)
                    self.assert_ok(client.call("ModelsSnapshot"))
                    self.assertEqual([request.method for request in upstream.requests], ["GET", "POST", "GET"])

    def test_an_error_status_is_not_a_reason_to_repeat(self):
        client, upstream = self.start_with_a_kept_connection(answering("no", 503))
        self.assertEqual(client.call("ModelsSnapshot").reason, "UPSTREAM_HTTP_STATUS")
        self.assertEqual(len(upstream.requests), 2)

    def test_bad_http_is_not_a_reason_to_repeat(self):
        client, upstream = self.start_with_a_kept_connection(sending(b"rubbish\r\n\r\n"))
        self.assert_status(client.call("ModelsSnapshot"), INTERNAL, "UPSTREAM_BAD_HTTP")
        self.assertEqual(len(upstream.requests), 2)


class LimitTests(EndToEndTest):
    def test_no_more_connections_are_made_than_the_limit_says(self):
        held = Held()
        client, upstream = self.start(held, "--max-upstream-connections", "2")
        ids = [client.request("UnloadModels") for _ in range(6)]
        upstream.wait_for_requests(2)
        client.other_frames()
        self.assertEqual((len(upstream.requests), len(upstream.connections)), (2, 2))
        for count in range(3, 7):
            held.release()
            upstream.wait_for_requests(count)
        held.release(2)
        for stream_id in ids:
            self.assert_ok(client.response(stream_id))
        self.assertEqual(len(upstream.connections), 2)

    def test_the_default_limit_is_32(self):
        held = Held()
        client, upstream = self.start(held)
        ids = [client.request("UnloadModels") for _ in range(40)]
        upstream.wait_for_requests(32)
        client.other_frames()
        self.assertEqual((len(upstream.requests), len(upstream.connections)), (32, 32))
        held.release(40)
        for stream_id in ids:
            self.assert_ok(client.response(stream_id))
        self.assertEqual(len(upstream.connections), 32)

    def test_calls_wait_in_the_order_in_which_they_came(self):
        held = Held()
        client, upstream = self.start(held, "--max-upstream-connections", "1")
        names = [f"m{n}" for n in range(20)]
        ids = [client.request("ModelsDeleteSpecificModel", deletion(name)) for name in names]
        held.release(20)
        self.assertEqual([client.receive().stream_id for _ in ids], ids)
        self.assertEqual(
            [request.target for request in upstream.requests], [f"/models/{name}/delete" for name in names]
        )

    def test_a_lost_connection_makes_room_for_the_next_call(self):
        client, upstream = self.start(lambda exchange: exchange.connection.close(), "--max-upstream-connections", "1")
        ids = [client.request("UnloadModels") for _ in range(5)]
        for stream_id in ids:
            self.assertEqual(client.response(stream_id).reason, "UPSTREAM_CONNECTION_LOST")
        self.assertEqual(len(upstream.requests), 5)

    def test_there_is_room_for_1024_to_wait_and_no_more(self):
        held = Held()
        upstream = self.upstream(held)
        gateway = self.gateway(upstream, "--max-upstream-connections", "1")
        clients = [self.client(gateway) for _ in range(16)]
        first = clients[0].request("UnloadModels")
        upstream.wait_for_requests(1)
        waiting = [(client, client.request("UnloadModels")) for client in clients for _ in range(64)]
        for client in clients:
            client.other_frames()
        refused = clients[3].call("UnloadModels")
        self.assert_status(refused, RESOURCE_EXHAUSTED, "UPSTREAM_QUEUE_FULL", operation="UnloadModels")
        self.assertEqual(len(upstream.requests), 1)
        held.release(1025)
        self.assert_ok(clients[0].response(first))
        for client, stream_id in waiting:
            self.assert_ok(client.response(stream_id))
        held.release()
        self.assert_ok(clients[3].call("UnloadModels"))
