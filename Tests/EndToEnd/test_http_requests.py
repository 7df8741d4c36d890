"""Section 4: what goes out to the upstream, byte for byte."""

import socket
import unittest
from urllib.parse import unquote

from support.case import EndToEndTest
from support.envelope import INVALID_ARGUMENT, UNAVAILABLE
from support.upstream import ScriptedUpstream, answering
from support.wire import field
from support.wires import over_both_wires

IDS = [
    "3fa85f64-5717-4562-b3fc-2c963f66afa6",
    "a/b?c#d %2F é",
    "%2e%2e",
    "...",
    ".a",
    " ",
    "a b",
    "a+b&c=d;e,f:g@h!$'()*",
    '"<>[]{}|\\^`',
    "~-_.",
    "日本🙂",
    "x\r\nHost: evil\r\n\r\nGET / HTTP/1.1",
    "\t\x01\x7f",
    "/../../models/unload",
    "..\\",
    "x" * 10_000,
]


@over_both_wires
class RequestTests(EndToEndTest):
    def headers(self, request) -> dict[str, str]:
        names = [name.lower() for name, _ in request.headers]
        self.assertEqual(len(names), len(set(names)), names)
        found = {name.lower(): value for name, value in request.headers}
        found.pop("user-agent", None)
        if found.get("connection", "").lower() == "keep-alive":
            del found["connection"]
        return found

    def test_each_call_is_the_http_request_that_the_contract_says(self):
        client, upstream = self.start(answering("{}"))
        calls = (
            ("ModelsSnapshot", b"", "GET", "/models"),
            ("ModelsCreateNewModel", b"", "POST", "/models/create"),
            ("ModelsDeleteSpecificModel", field(1, "m"), "POST", "/models/m/delete"),
            ("ModelsDeleteSpecificModelCache", field(1, "m"), "POST", "/models/m/delete/cache"),
            ("UnloadModels", b"", "POST", "/models/unload"),
        )
        for method, payload, verb, target in calls:
            with self.subTest(method=method):
                self.assert_ok(client.call(method, payload))
                request = upstream.requests[-1]
                self.assertEqual((request.method, request.target, request.version), (verb, target, "HTTP/1.1"))
                self.assertEqual(request.body, b"")
                expected = {"host": upstream.authority, "accept": "application/json, text/plain"}
                if verb == "POST":
                    expected["content-length"] = "0"
                self.assertEqual(self.headers(request), expected)
        self.assertIsNone(client.stream()[1])
        self.assertEqual(upstream.requests[-1].raw, upstream.requests[0].raw)

    def test_a_body_goes_out_with_its_type_and_length(self):
        client, upstream = self.start(answering("{}"))
        for payload, body in ((field(1, field(2, "é")), '{"name":"é"}'), (field(1, b""), "{}")):
            self.assert_ok(client.call("ModelsCreateNewModel", payload))
            request = upstream.requests[-1]
            self.assertEqual(request.body.decode(), body)
            self.assertEqual(request.header("Content-Type"), "application/json")
            self.assertEqual(request.header("Content-Length"), str(len(body.encode())))

    def test_a_model_id_is_one_path_segment_and_arrives_unchanged(self):
        client, upstream = self.start(answering("{}"))
        for method, tail in (
            ("ModelsDeleteSpecificModel", "delete"),
            ("ModelsDeleteSpecificModelCache", "delete/cache"),
        ):
            for name in IDS:
                with self.subTest(method=method, name=name[:40]):
                    self.assert_ok(client.call(method, field(1, name)))
                    target = upstream.requests[-1].target
                    self.assertTrue(target.startswith("/models/") and target.endswith("/" + tail), target)
                    segment = target.removeprefix("/models/").removesuffix("/" + tail)
                    self.assertRegex(segment, r"\A(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})+\Z")
                    self.assertEqual(unquote(segment, errors="strict"), name)

    def test_a_uuid_needs_no_percent_signs(self):
        client, upstream = self.start(answering("{}"))
        self.assert_ok(client.call("ModelsDeleteSpecificModel", field(1, IDS[0])))
        self.assertEqual(upstream.requests[0].target, f"/models/{IDS[0]}/delete")

    def test_ids_that_would_be_another_path_are_refused_and_nothing_is_sent(self):
        client, upstream = self.start(answering("{}"))
        for method in ("ModelsDeleteSpecificModel", "ModelsDeleteSpecificModelCache"):
            for payload in (b"", field(1, ""), field(1, "."), field(1, "..")):
                with self.subTest(method=method, payload=payload):
                    response = client.call(method, payload)
                    self.assert_status(response, INVALID_ARGUMENT, "BAD_REQUEST", operation=method)
                    self.assertIn("model", response.message)
        self.assertEqual(upstream.requests, [])
        self.assertEqual(upstream.connections, [])

    def test_nothing_is_asked_before_the_first_call(self):
        upstream = self.upstream()
        self.client(self.gateway(upstream)).other_frames()
        self.assertEqual(upstream.connections, [])


class AddressTests(EndToEndTest):
    def host_of_a_call(self, url: str, upstream: ScriptedUpstream) -> str | None:
        self.assert_ok(self.client(self.gateway(url)).call("ModelsSnapshot"))
        return upstream.requests[-1].header("Host")

    def test_the_host_is_the_authority_of_the_url(self):
        upstream = self.upstream()
        for authority in (f"127.0.0.1:{upstream.port}", f"localhost:{upstream.port}"):
            with self.subTest(authority=authority):
                self.assertEqual(self.host_of_a_call(f"http://{authority}", upstream), authority)

    def test_the_host_of_a_unix_socket_is_localhost(self):
        upstream = self.upstream(path=str(self.directory() / "upstream.sock"))
        self.assertEqual(self.host_of_a_call(upstream.url, upstream), "localhost")

    def test_a_unix_socket_carries_all_calls_and_is_kept_alive(self):
        upstream = self.upstream(answering("{}"), path=str(self.directory() / "upstream.sock"))
        client = self.client(self.gateway(upstream))
        for method in ("ModelsSnapshot", "UnloadModels", "ModelsCreateNewModel"):
            self.assert_ok(client.call(method))
        self.assertEqual(len(upstream.connections), 1)

    def test_localhost_falls_back_to_ipv6(self):
        try:
            upstream = self.upstream(host="::1")
        except OSError as error:
            raise unittest.SkipTest("no IPv6 here") from error
        self.assertEqual(
            self.host_of_a_call(f"http://localhost:{upstream.port}", upstream), f"localhost:{upstream.port}"
        )

    def test_localhost_is_127_0_0_1_first(self):
        upstream = self.upstream()
        try:
            other = self.upstream(host="::1", port=upstream.port)
        except OSError as error:
            raise unittest.SkipTest("no IPv6 here") from error
        self.host_of_a_call(f"http://localhost:{upstream.port}", upstream)
        self.assertEqual(other.connections, [])

    def test_an_ipv6_address_is_written_in_brackets(self):
        try:
            upstream = self.upstream(host="::1")
        except OSError as error:
            raise unittest.SkipTest("no IPv6 here") from error
        self.assertEqual(self.host_of_a_call(upstream.url, upstream), f"[::1]:{upstream.port}")

    def test_proxy_variables_mean_nothing(self):
        upstream, proxy = self.upstream(), self.upstream()
        names = ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY")
        environment = dict.fromkeys(names, proxy.url)
        client = self.client(self.gateway(upstream, environment=environment))
        self.assert_ok(client.call("ModelsSnapshot"))
        self.assertEqual((len(upstream.requests), len(proxy.connections)), (1, 0))


@over_both_wires
class UnreachableTests(EndToEndTest):
    def assert_unreachable(self, url: str):
        client = self.client(self.gateway(url))
        for method in ("ModelsSnapshot", "UnloadModels"):
            response = client.call(method)
            self.assert_status(response, UNAVAILABLE, "UPSTREAM_UNREACHABLE", operation=method, request_sent=False)
        _, error = client.stream()
        self.assert_status(error, UNAVAILABLE, "UPSTREAM_UNREACHABLE", request_sent=False)

    def test_a_port_where_nobody_listens_is_unreachable(self):
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            self.assert_unreachable("http://127.0.0.1:%d" % nobody.getsockname()[1])
            self.assert_unreachable("http://localhost:%d" % nobody.getsockname()[1])

    def test_a_path_where_nothing_is_is_unreachable(self):
        self.assert_unreachable(f"unix:{self.directory()}/nothing.sock")

    def test_a_socket_whose_owner_has_died_is_unreachable(self):
        path = str(self.directory() / "dead.sock")
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(path)
        self.assert_unreachable(f"unix:{path}")

    def test_an_upstream_that_appears_later_is_reached(self):
        path = str(self.directory() / "late.sock")
        client = self.client(self.gateway(f"unix:{path}"))
        self.assertEqual(client.call("ModelsSnapshot").reason, "UPSTREAM_UNREACHABLE")
        self.upstream(path=path)
        self.assert_ok(client.call("ModelsSnapshot"))

    def test_a_black_hole_is_given_up_at_the_deadline_with_nothing_sent(self):
        with socket.socket() as hole:
            hole.bind(("127.0.0.1", 0))
            hole.listen(0)
            port = hole.getsockname()[1]
            for _ in range(3):
                filler = socket.socket()
                self.addCleanup(filler.close)
                filler.setblocking(False)
                filler.connect_ex(("127.0.0.1", port))
            client = self.client(self.gateway(f"http://127.0.0.1:{port}"))
            response = client.call("UnloadModels", timeout_nano=300_000_000)
            self.assertIn(response.reason, ("DEADLINE_EXCEEDED", "UPSTREAM_UNREACHABLE"))
            self.assertEqual(response.metadata.get("request_sent"), "false")
