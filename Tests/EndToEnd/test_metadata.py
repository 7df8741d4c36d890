"""Section 4: request metadata that goes out as HTTP headers."""

from support.case import EndToEndTest
from support.wires import over_both_wires, ttrpc_only

FORWARDED = ("application", "x-application-id", "traceparent", "tracestate")
OURS = {"host", "accept", "user-agent", "connection", "content-length", "content-type"}


@over_both_wires
class MetadataTests(EndToEndTest):
    def setUp(self):
        self.connected, self.scripted = self.start()

    def forwarded(self, *metadata) -> dict[str, str]:
        self.assert_ok(self.connected.call("ModelsSnapshot", metadata=metadata))
        request = self.scripted.requests[-1]
        self.assertEqual(len(self.scripted.requests[-1].headers), len({name.lower() for name, _ in request.headers}))
        return {name.lower(): value for name, value in request.headers if name.lower() not in OURS}

    def assert_refused(self, key: str, value: str | bytes):
        count = len(self.scripted.requests)
        response = self.connected.call("UnloadModels", metadata=[(key, value)])
        self.assert_bad_request(response, key)
        self.assertEqual(len(self.scripted.requests), count)

    def test_the_four_keys_go_out(self):
        metadata = [(key, f"value of {key}") for key in FORWARDED]
        self.assertEqual(self.forwarded(*metadata), dict(metadata))

    def test_they_go_out_with_every_call(self):
        calls = {"ModelsCreateNewModel": b"", "ModelsDeleteSpecificModel": b"\x0a\x01a", "UnloadModels": b""}
        for method, payload in calls.items():
            self.connected.call(method, payload, metadata=[("traceparent", method)])
            self.assertEqual(self.scripted.requests[-1].header("traceparent"), method)
        self.connected.stream(metadata=[("application", "a")])
        self.assertEqual(self.scripted.requests[-1].header("application"), "a")

    def test_they_belong_to_their_call(self):
        self.assertEqual(self.forwarded(("application", "a")), {"application": "a"})
        self.assertEqual(self.forwarded(), {})

    def test_keys_have_no_case(self):
        self.assertEqual(
            self.forwarded(("APPlication", "a"), ("X-Application-ID", "b")),
            {"application": "a", "x-application-id": "b"},
        )

    def test_the_last_of_a_key_wins(self):
        self.assertEqual(self.forwarded(("traceparent", "a"), ("traceparent", "b")), {"traceparent": "b"})
        self.assertEqual(
            self.forwarded(("TraceParent", "a"), ("tracestate", "x"), ("traceparent", "b")),
            {"traceparent": "b", "tracestate": "x"},
        )
        self.assertEqual(self.forwarded(("traceparent", "a"), ("TRACEPARENT", "c")), {"traceparent": "c"})

    def test_all_other_keys_are_dropped(self):
        self.assert_dropped("host", "authorization", "cookie", "accept", "x", "x-bin", "user-agent")

    @ttrpc_only
    def test_so_are_those_that_http_2_would_not_carry(self):
        self.assert_dropped("content-length", "transfer-encoding", "", "traceparent ", "a\r\nb", ":path")

    def assert_dropped(self, *others: str):
        self.assertEqual(self.forwarded(*((key, "evil") for key in others), ("application", "a")), {"application": "a"})
        request = self.scripted.requests[-1]
        self.assertEqual(request.header("Host"), self.scripted.authority)
        self.assertEqual(request.header("Accept"), "application/json, text/plain")

    @ttrpc_only
    def test_what_a_dropped_key_says_does_not_matter(self):
        self.assertEqual(self.forwarded(("x", "a\r\nb"), ("y", "z" * 100_000)), {})

    def test_control_characters_are_refused(self):
        for key in FORWARDED:
            for value in ("a\r\nevil: yes", "a\nb", "\t", "a\tb", "a\0b", "\x1f", "\x7f", "a\r"):
                with self.subTest(key=key, value=value):
                    self.assert_refused(key, value)

    def test_bytes_over_7f_are_refused(self):
        for value in ("é", "\x80", "日本"):
            with self.subTest(value=value):
                self.assert_refused("application", value)

    def test_a_value_that_is_not_utf_8_is_refused(self):
        response = self.connected.call("ModelsSnapshot", metadata=[("application", b"\xff")])
        self.assert_bad_request(response)
        self.assertEqual(self.scripted.requests, [])

    def test_8_kib_are_the_most(self):
        self.assertEqual(self.forwarded(("tracestate", "x" * 8192)), {"tracestate": "x" * 8192})
        self.assert_refused("tracestate", "x" * 8193)

    @ttrpc_only
    def test_all_four_may_be_as_long_as_they_can(self):
        metadata = [(key, key[0] * 8192) for key in FORWARDED]
        self.assertEqual(self.forwarded(*metadata), dict(metadata))

    def test_all_other_characters_go_out_as_they_are(self):
        value = "".join(map(chr, range(0x21, 0x7F))) + " end"
        self.assertEqual(self.forwarded(("application", value)), {"application": value})
