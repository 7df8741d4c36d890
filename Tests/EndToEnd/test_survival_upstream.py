"""Whatever Pieces OS does: the right status for the right call, the right answer for everybody else, nothing left."""

import gzip
import os
import queue
import random
import socket
import subprocess
import time

from support.discovery import HEALTH, DiscoveryTest
from support.envelope import DEADLINE_EXCEEDED, INTERNAL, OK, RESOURCE_EXHAUSTED, UNAVAILABLE
from support.survival import Bystander, SurvivalTest
from support.upstream import PATIENCE, answering, response, sending, sending_and_closing
from support.wire import field

BODY = b'{"iterable":[{"id":"a"}]}'
SHORT = 50_000_000  # A timeout, in nanoseconds, for calls that would never end otherwise.


def head(*lines: bytes, version: bytes = b"HTTP/1.1") -> bytes:
    return b"\r\n".join([version + b" 200 OK", *lines, b"", b""])


LENGTH = b"Content-Length: %d" % len(BODY)
CHUNKED = head(b"Transfer-Encoding: chunked")


def then_silence(data: bytes):
    """Sends the beginning of an answer, and waits for the gateway to give up."""

    def script(exchange):
        exchange.send(data)
        exchange.connection.wait_until_closed()

    return script


def dripping(exchange):
    exchange.send(head(b"Content-Length: 1000000") + b"{")
    exchange.connection.socket.settimeout(1)
    while True:
        try:
            exchange.connection.socket.recv(1)
            return
        except TimeoutError:
            exchange.send(b" ")


def resetting(data: bytes):
    def script(exchange):
        exchange.send(data)
        exchange.connection.reset()

    return script


class AnswerFaultTests(SurvivalTest):
    def ask(self, **options):
        # A trace of its own: the call is not to share the answer of another.
        return self.asking.call("ModelsSnapshot", metadata=[("traceparent", "t")], **options)

    def assert_each(self, faults: dict, code: int, reason: str = "", rounds: int = 100, **options):
        for name, script in faults.items():
            with self.subTest(name):
                self.script = script if callable(script) else sending_and_closing(script)

                def fault():
                    found = self.ask(**options)
                    self.assertEqual((found.code, found.reason), (code, reason), found)
                    if code in (UNAVAILABLE, DEADLINE_EXCEEDED):
                        self.assertEqual(found.metadata["request_sent"], "true")

                self.assert_survives(fault, rounds=rounds)

    def test_answers_that_are_cut_off(self):
        faults = {
            "nothing": b"",
            "half a status line": b"HTTP/1.1 20",
            "half a head": head(LENGTH)[:-3],
            "Content-Length too long": head(b"Content-Length: 26") + BODY,
            "half a chunk": CHUNKED + b"19\r\n" + BODY[:7],
            "a reset in the middle of a body": resetting(head(LENGTH) + BODY[:7]),
            "a reset of a body that ends with its connection": resetting(head() + BODY),
            "an interim answer alone": b"HTTP/1.1 102 Processing\r\n\r\n",
        }
        self.assert_each(faults, UNAVAILABLE, "UPSTREAM_CONNECTION_LOST")

    def test_answers_that_never_end(self):
        faults = {
            "nothing at all": then_silence(b""),
            "half a status line": then_silence(b"HTTP/1.1 20"),
            "half a head": then_silence(head(LENGTH)[:-2]),
            "half a body": then_silence(head(LENGTH) + BODY[:7]),
            "one byte a second": dripping,
        }
        self.assert_each(faults, DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED", rounds=5, timeout_nano=SHORT)

    def test_answers_that_are_no_http(self):
        faults = {
            "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            "settings of HTTP/2": b"\0\0\x12\x04\0\0\0\0\0" + bytes(18),
            "Content-Length twice": head(LENGTH, b"Content-Length: 24") + BODY,
            "Content-Length negative": head(b"Content-Length: -25") + BODY,
            "both lengths": head(LENGTH, b"Transfer-Encoding: chunked") + b"0\r\n\r\n",
            "both lengths the other way round": head(b"Transfer-Encoding: chunked", LENGTH) + b"0\r\n\r\n",
            "a chunk of no size": CHUNKED + b"\r\n" + BODY,
            "a chunk of size zz": CHUNKED + b"zz\r\n" + BODY,
            "a chunk of negative size": CHUNKED + b"-19\r\n" + BODY,
            "a chunk longer than its size": CHUNKED + b"18\r\n" + BODY + b"\r\n0\r\n\r\n",
        }
        self.assert_each(faults, INTERNAL, "UPSTREAM_BAD_HTTP")

    def test_answers_that_are_too_large(self):
        faults = {
            "100,000 headers": sending(head(*[b"X: y"] * 100_000)),
            "a header of 1 MB": sending(head(b"X: " + b"y" * 1_000_000)),
            "Content-Length over the limit": sending(head(b"Content-Length: 67108865") + b"{"),
        }
        self.assert_each(faults, RESOURCE_EXHAUSTED, "UPSTREAM_TOO_LARGE", rounds=20)

    def test_a_body_larger_than_its_limit(self):
        def endless(exchange):
            exchange.send(head() + b'{"x":"')
            while True:
                exchange.send(b"x" * (1 << 20))

        self.assert_each({"without end": endless}, RESOURCE_EXHAUSTED, "UPSTREAM_TOO_LARGE", rounds=3)

    def test_answers_whose_body_is_none(self):
        faults = {
            "gzip": answering(gzip.compress(BODY), headers=("Content-Encoding: gzip",)),
            "Content-Length too short": sending(head(b"Content-Length: 20") + BODY),
            "text that is not UTF-8": answering(b'{"iterable":[{"name":"\xff\xfe"}]}'),
            "nested 100,000 deep without an end": answering(b'{"x":' + b"[" * 100_000),
        }
        self.assert_each(faults, INTERNAL, "UPSTREAM_BAD_JSON")

    def test_redirects(self):
        faults = {
            str(status): answering("elsewhere", status, (f"Location: {self.scripted.url}/elsewhere",))
            for status in (301, 302, 303, 307, 308)
        }
        self.assert_each(faults, INTERNAL, "UPSTREAM_HTTP_STATUS")
        self.assertEqual({request.target for request in self.scripted.requests}, {"/models"})

    def test_answers_that_are_odd_but_right(self):
        faults = {
            "an interim answer before": sending(b"HTTP/1.1 100 Continue\r\n\r\n" * 3 + response(BODY)),
            "garbage behind": sending(response(BODY) + b"HTTP/1.1 200 OK\r\n"),
            "Connection: close": answering(BODY, headers=("Connection: close",)),
            "HTTP/1.0": sending(head(LENGTH, version=b"HTTP/1.0") + BODY),
            "HTTP/1.0 that ends with its connection": sending_and_closing(head(version=b"HTTP/1.0") + BODY),
            "nested 100,000 deep": answering(b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
        }
        self.assert_each(faults, OK)

    def test_answers_before_the_request_was_read(self):
        payload = field(1, field(11, b"d" * 4_000_000))

        def early(connection):
            request = connection.read_head()
            if request and request.startswith(b"POST"):
                connection.send(response(b"too much", 413))
                connection.close()
            elif request:
                connection.send(response(b'{"iterable":[{"id":"bystander"}]}', headers=("Connection: close",)))
                connection.close()

        self.scripted.on_accept = early

        def fault():
            found = self.asking.call("ModelsCreateNewModel", payload)
            self.assertEqual((found.code, found.metadata.get("http_status")), (RESOURCE_EXHAUSTED, "413"), found)

        self.assert_survives(fault, rounds=20)

    def test_idle_connections_that_close_when_a_request_goes_out(self):
        chance = random.Random(4)

        def answering_and_leaving(exchange):
            exchange.answer(BODY)
            if chance.random() < 0.5:
                end = time.monotonic() + chance.random() * 0.0004
                while time.monotonic() < end:
                    pass
                exchange.connection.close()

        self.script = answering_and_leaving
        outcomes = set()

        def fault():
            for _ in range(50):
                self.assert_ok(self.ask())
                posted = self.asking.call("UnloadModels")
                if posted.code != OK:
                    self.assert_status(posted, UNAVAILABLE, "UPSTREAM_CONNECTION_LOST")
                outcomes.add(posted.code)

        self.assert_survives(fault, rounds=5)
        self.assertIn(OK, outcomes)


class UnreachableTests(SurvivalTest):
    def start_with(self, url: str, **more) -> None:
        self.served = self.gateway(url, **more)
        self.asking = self.client(self.served)
        self.asking.other_frames()
        self.descriptors = self.served.descriptors()

    def test_refused(self):
        closed = socket.socket()
        self.addCleanup(closed.close)
        closed.bind(("127.0.0.1", 0))
        self.start_with("http://127.0.0.1:%d" % closed.getsockname()[1])
        self.assert_unreachable()

    def test_a_connection_that_meets_itself(self):
        """Where there is only one port to connect from, a connection to that port is one to itself."""
        home = dict(os.environ, HOME=str(self.directory()))
        for url, port in (("http://127.0.0.1:40001", 40001), ("http://localhost:40001", 40001), ("auto", 39300)):
            with self.subTest(url):
                self.start_with(url, wrapper=self.network_with_one_port(port), environment=home)
                self.assert_unreachable()

    def network_with_one_port(self, port: int) -> tuple[str, ...]:
        """What runs a command where there is nobody else, and but this port to connect from."""
        prepare = f'ip link set lo up && echo {port} {port} >/proc/sys/net/ipv4/ip_local_port_range && exec "$@"'
        # Some systems let only root make one, and some only in a user namespace.
        for namespaces in (("--user", "--map-root-user", "--net"), ("--net",)):
            wrapper = ("unshare", *namespaces, "/bin/bash", "-c", prepare, "bash")
            trial = subprocess.run([*wrapper, "true"], capture_output=True, text=True)
            if trial.returncode == 0:
                return wrapper
        self.skipTest(f"no network of its own can be made here: {trial.stderr.strip()}")

    def assert_unreachable(self) -> None:
        def fault():
            for method in ("ModelsSnapshot", "UnloadModels"):
                found = self.asking.call(method)
                self.assert_status(found, UNAVAILABLE, "UPSTREAM_UNREACHABLE", operation=method, request_sent=False)

        self.assert_survives(fault, rounds=50, asks_upstream=False)

    def test_a_black_hole_on_connecting(self):
        """Linux drops what asks to connect to a listener that has a full backlog."""
        listener = socket.socket()
        self.addCleanup(listener.close)
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(2):
            filler = socket.socket()
            self.addCleanup(filler.close)
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        self.start_with("http://127.0.0.1:%d" % listener.getsockname()[1])

        def fault():
            ids = [self.asking.request("UnloadModels", timeout_nano=SHORT) for _ in range(40)]
            for stream_id in ids:
                found = self.asking.response(stream_id)
                self.assert_status(found, DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED", request_sent=False)

        self.assert_survives(fault, rounds=5, asks_upstream=False)


class RestartTests(DiscoveryTest):
    def test_calls_during_a_restart_on_another_port_end_quickly_and_the_new_port_is_found(self):
        first = self.pieces_os("first")
        self.write_port(str(first.port))
        gateway = self.auto()
        clients = [self.client(gateway) for _ in range(4)]
        for client in clients:
            client.other_frames()
        descriptors = gateway.descriptors()
        self.assert_answers(clients[0], "first")
        bystander = Bystander(gateway.path, asks_upstream=False)
        self.addCleanup(bystander.stop)
        first.close()
        reasons = []
        for client in clients:
            for _ in range(5):
                # The code says that it was quick: it came before the deadline.
                found = client.call("UnloadModels", timeout_nano=10_000_000_000)
                self.assert_status(found, UNAVAILABLE, found.reason)
                reasons.append(found.reason)
        # The first may have gone out on a connection whose end was still on its way.
        self.assertEqual(set(reasons[1:]), {"UPSTREAM_UNREACHABLE"})
        second = self.pieces_os("second")
        self.write_port(str(second.port))
        for client in clients:
            self.assert_answers(client, "second", attempts=2)
        second.close()
        bystander.stop()
        self.assertEqual(bystander.faults, [])
        gateway.wait_for_descriptors(descriptors)
        self.assertLessEqual(len(gateway.log), 5)

    def hold(self, upstream, client, methods):
        """Calls that the upstream has, and has not answered."""
        held = queue.Queue()
        pieces_os = upstream.script
        upstream.script = lambda exchange: (pieces_os if exchange.request.target == HEALTH else held.put)(exchange)
        calls = []
        for method in methods:
            stream_id = client.request(method)
            calls.append((held.get(timeout=PATIENCE), stream_id))
        return calls

    def test_what_is_sent_again_while_it_is_looked_for_goes_out_on_a_fresh_connection(self):
        first = self.pieces_os("first")
        self.write_port(str(first.port))
        client = self.client(self.auto())
        self.assert_answers(client, "first")
        for exchange, stream_id in self.hold(first, client, ["UnloadModels", "UnloadModels"]):
            exchange.answer("{}")
            self.assert_ok(client.response(stream_id))

        # Both used connections are busy when another call finds that nobody listens any more.
        (get, repeated), (post, answered) = self.hold(first, client, ["ModelsSnapshot", "UnloadModels"])
        first.stop_listening()
        silent = [self.pieces_os("silent", port, health=b"") for port in (0, 39301, 39302, 39303)]
        self.write_port(str(silent[0].port))
        client.request("UnloadModels")
        silent[0].wait_for_requests(1)

        # While it is looked for, the GET is lost and has to go out again; then the other connection becomes free.
        get.connection.shut_down()
        client.other_frames()
        self.pieces_os("second", 39331)
        post.answer("{}")
        self.assert_ok(client.response(answered))
        self.assertIn(b"second", self.assert_ok(client.response(repeated)))
        self.assertEqual([request.target for request in first.requests].count("/models"), 2)
