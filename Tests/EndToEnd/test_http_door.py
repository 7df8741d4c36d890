"""design.md, section 2: what a connection speaks is decided on its first bytes, and what HTTP/1.1 is answered."""

import socket
import subprocess
import time
import unittest

from support import door, wire
from support.case import EndToEndTest
from support.connection import PATIENCE
from support.gateway import BINARY
from support.upstream import Held, answering, response

HEALTHY = answering("ok:1")


class FirstBytesTests(EndToEndTest):
    def test_what_begins_with_nothing_known_is_closed_without_a_word(self):
        gateway = self.gateway(self.upstream())
        for first in (b"\x01", b"\x16\x03\x01", b"get / HTTP/1.1\r\n\r\n", b" GET /", b"\r\n", b"\xff", b"[", b"@"):
            with self.subTest(first=first):
                self.assertEqual(door.exchange(gateway.path, first), b"")

    def test_a_zero_is_ttrpc(self):
        client, _ = self.start()
        client.send_byte_by_byte(wire.frame(1, wire.REQUEST, 0, b""))
        self.assert_status(client.response(1), 12, "UNKNOWN_METHOD")

    def test_a_request_may_come_byte_by_byte(self):
        gateway = self.gateway(self.upstream())
        for method in ("GET", "POST", "PR", "P"):
            with self.subTest(method=method), door.connect(gateway.path) as connection:
                for byte in door.request("/nothing", method):
                    connection.sendall(bytes([byte]))
                self.assertEqual(door.parse(door.read_to_end(connection)).status, 404)


class RequestTests(EndToEndTest):
    def setUp(self):
        self.served = self.gateway(self.upstream(HEALTHY))

    def status(self, *arguments, **options) -> int:
        return door.ask(self.served.path, *arguments, **options).status

    def test_metrics_and_health_are_answered_to_get_and_head(self):
        for target, kind in (("/metrics", "text/plain; version=0.0.4; charset=utf-8"), ("/health", "text/plain")):
            got = door.ask(self.served.path, target)
            self.assertEqual(got.status, 200)
            self.assertTrue(got.headers["content-type"].startswith(kind), got.headers)
            head = door.ask(self.served.path, target, "HEAD")
            self.assertEqual((head.status, head.body), (200, b""))
            self.assertGreater(int(head.headers["content-length"]), 10)

    def test_queries_and_whole_urls_name_the_same(self):
        for target in ("/health?verbose=1", "http://localhost/health", "HTTP://127.0.0.1:80/health?"):
            self.assertEqual(self.status(target), 200, target)
        self.assertEqual(self.status("http://example.org/health"), 403)

    def test_other_methods_are_405_and_other_paths_404(self):
        for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH"):
            answer = door.ask(self.served.path, "/metrics", method)
            self.assertEqual((answer.status, answer.headers["allow"]), (405, "GET, HEAD"))
        for target in ("/", "/metrics/", "/Health", "*", "/models", "//health"):
            self.assertEqual(self.status(target), 404, target)

    def test_who_comes_wrong_is_told_what_the_socket_speaks_and_what_to_try(self):
        path = self.served.path
        for answer in (
            door.ask(path, "/"),
            door.ask(path, "/metrics", "POST"),
            door.parse(door.exchange(path, b"GET /health\r\n\r\n")),
        ):
            self.assertTrue(answer.headers["content-type"].startswith("text/plain"))
            grpcurl = f"grpcurl -plaintext -unix {path} list"
            for words in ("gRPC", "ttrpc", f"curl --unix-socket {path}", grpcurl, "python3"):
                self.assertIn(words, answer.text)

    def test_what_is_no_http_is_400(self):
        host = "Host: localhost\r\n"
        for request in (
            "GET /health\r\n\r\n",
            "GET /health HTTP/2.0\r\n\r\n",
            "GET /health HTTP/1.1 \r\n\r\n",
            "GET  /health HTTP/1.1\r\n\r\n",
            "GET /health HTTP/1.1\n\n",
            "GET /health HTTP/1.1\r\n" + host + host + "\r\n",
            "GET /health HTTP/1.1\r\n" + host + " folded\r\n\r\n",
            "GET /health HTTP/1.1\r\n" + host + "no colon\r\n\r\n",
            "GET /health HTTP/1.1\r\n" + host + "space : x\r\n\r\n",
            "GET /health HTTP/1.1\r\n" + host + "nul: \0\r\n\r\n",
            "GET /health HTTP/1.1\r\n\r\n",
        ):
            with self.subTest(request=request):
                answer = door.exchange(self.served.path, request.encode())
                self.assertEqual(door.parse(answer).status, 400)
        self.assertEqual(
            door.parse(door.exchange(self.served.path, b"GET /health HTTP/1.0\r\n\r\n")).status, 200
        )

    def test_origin_and_foreign_hosts_are_403(self):
        self.assertEqual(self.status("/health", "GET", "Origin: http://localhost"), 403)
        self.assertEqual(self.status("/metrics", "GET", "ORIGIN: null"), 403)
        for host in ("example.org", "example.org:80", "localhost.example.org", "127.0.0.2", "", "::1", "localhost:x"):
            self.assertEqual(self.status("/health", host=host), 403, host)
        for host in ("localhost", "LocalHost:9464", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:80"):
            self.assertEqual(self.status("/health", host=host), 200, host)

    def test_a_head_has_room_for_16_kib(self):
        def padded(size: int) -> bytes:
            request = door.request("/health", "GET", "X-Padding: ")
            return request.replace(b"Padding: ", b"Padding: " + b"x" * (size - len(request)))

        self.assertEqual(door.parse(door.exchange(self.served.path, padded(16 * 1024))).status, 200)
        self.assertEqual(door.parse(door.exchange(self.served.path, padded(16 * 1024 + 1))).status, 400)

    def test_one_request_a_connection(self):
        answer = door.exchange(self.served.path, door.request("/health") * 3)
        self.assertEqual(answer.count(b"HTTP/1.1 200"), 1)
        self.assertEqual(door.parse(answer).status, 200)

    def test_the_body_of_a_request_does_not_keep_the_answer_from_being_read(self):
        request = door.request("/metrics", "POST", "Content-Length: 100000") + b"x" * 100_000
        self.assertEqual(door.parse(door.exchange(self.served.path, request)).status, 405)

    def test_who_has_said_all_may_close_its_side(self):
        with door.connect(self.served.path) as connection:
            connection.sendall(door.request("/health"))
            connection.shutdown(socket.SHUT_WR)
            self.assertEqual(door.parse(door.read_to_end(connection)).status, 200)

    def test_answers_are_over_a_socket_that_allows_nothing_too(self):
        path = str(self.directory() / "narrow.sock")
        self.gateway(self.upstream(HEALTHY), "--listen", f"path={path},allow=Cancel")
        for target in ("/metrics", "/health"):
            self.assertEqual(door.ask(path, target).status, 200)


class PatienceTests(EndToEndTest):
    def test_a_head_has_to_be_whole_in_time(self):
        gateway = self.gateway(self.upstream(HEALTHY), "--frame-timeout", "200ms")
        for begun in (b"G", b"PR", b"GET /health HTTP/1.1\r\nHost: localhost\r\n"):
            with self.subTest(begun=begun), door.connect(gateway.path) as connection:
                connection.sendall(begun)
                begin = time.monotonic()
                self.assertEqual(door.read_to_end(connection), b"")
                self.assertLess(time.monotonic() - begin, PATIENCE / 2)

    def test_a_request_that_waits_for_health_ends_with_the_gateway(self):
        held = Held(HEALTHY)
        upstream = self.upstream(held)
        gateway = self.gateway(upstream)
        with door.connect(gateway.path) as connection:
            connection.sendall(door.request("/health"))
            upstream.wait_for_requests(1)
            gateway.signal()
            answer = door.parse(door.read_to_end(connection))
        self.assertEqual((answer.status, answer.text), (503, "NOT_SERVING: the gateway is shutting down\n"))
        self.assertEqual(gateway.wait(), 0)


class HealthTests(EndToEndTest):
    def test_health_says_why(self):
        cases = (
            (response(b"ok"), 200, "SERVING"),
            (response(b'"OK:x"'), 200, "SERVING"),
            (response(b"", 404), 200, "SERVING"),
            (response(b"migrating"), 503, "NOT_SERVING: .* it says 'migrating'"),
            (response(b"", 500), 503, "NOT_SERVING: .* HTTP status 500"),
        )
        for raw, status, line in cases:
            with self.subTest(raw=raw):
                gateway = self.gateway(self.upstream(lambda exchange: exchange.send(raw)))
                answer = door.ask(gateway.path, "/health")
                self.assertEqual(answer.status, status, answer)
                self.assertRegex(answer.text, f"^{line}.*\n$")

    def test_health_of_nobody_is_503(self):
        gateway = self.gateway(f"unix:{self.directory() / 'nobody'}")
        answer = door.ask(gateway.path, "/health")
        self.assertEqual(answer.status, 503)
        self.assertIn("cannot connect", answer.text)


class LoopbackTests(EndToEndTest):
    def address(self, gateway) -> str:
        return gateway.ready_line.split("metrics=")[1].split()[0]

    def test_metrics_and_health_are_to_be_had_over_tcp(self):
        for host in ("127.0.0.1", "localhost", "[::1]"):
            with self.subTest(host=host):
                gateway = self.gateway(self.upstream(HEALTHY), "--metrics", f"{host}:0")
                address = self.address(gateway)
                self.assertTrue(address.startswith(("127.0.0.1:", "[::1]:")), address)
                self.assertIn("models_gateway_build_info", door.ask(address, "/metrics", host=address).text)
                self.assertEqual(door.ask(address, "/health").status, 200)
                self.assertEqual(door.ask(address, "/", host=address).status, 404)
                self.assertEqual(door.ask(address, "/metrics", host="example.org").status, 403)
                self.assertEqual(door.ask(address, "/metrics", "GET", "Origin: null").status, 403)

    def test_nothing_else_is_spoken_there(self):
        gateway = self.gateway(self.upstream(HEALTHY), "--metrics", "127.0.0.1:0")
        with door.connect(self.address(gateway)) as connection:
            connection.sendall(wire.frame(1, wire.REQUEST, 0, b""))
            self.assertEqual(door.read_to_end(connection), b"")

    def test_strangers_do_not_take_the_room_of_clients(self):
        gateway = self.gateway(self.upstream(), "--metrics", "127.0.0.1:0", "--max-connections", "1")
        address = self.address(gateway)
        open_ones = [door.connect(address) for _ in range(60)]
        for connection in open_ones:
            self.addCleanup(connection.close)
        # Those beyond the limit are closed.
        for connection in open_ones[16:]:
            self.assertEqual(connection.recv(1), b"")
        self.assert_ok(self.client(gateway).call("UnloadModels"))
        open_ones[0].sendall(door.request("/metrics"))
        self.assertEqual(door.parse(door.read_to_end(open_ones[0])).status, 200)

    def refused(self, *options: str) -> tuple[int, str]:
        path = str(self.directory() / "x.sock")
        run = subprocess.run(
            [BINARY, "serve", "--socket", path, *options], capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        return run.returncode, run.stderr

    def test_only_loopback_addresses_are_taken(self):
        for address in ("0.0.0.0:9464", "192.168.0.1:9464", "[::]:9464", ":9464", "9464", "example.org:80",
                        "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:x", "::1:80", "127.0.0.2:80"):
            self.assertEqual(self.refused("--metrics", address)[0], 64, address)

    def test_an_address_that_is_taken_is_refused_with_its_name(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            code, words = self.refused("--metrics", address)
        self.assertEqual(code, 1)
        self.assertIn(f"--metrics {address}: Address already in use", words)


if __name__ == "__main__":
    unittest.main()
