"""Section 4: what the HTTP status of the upstream becomes."""

from support import envelope
from support.case import EndToEndTest
from support.envelope import CANCELLED, DEADLINE_EXCEEDED, INTERNAL, RESOURCE_EXHAUSTED, UNAVAILABLE
from support.upstream import answering, response, sending, sending_and_closing
from support.wires import over_both_wires, ttrpc_only

CODES = {
    400: envelope.INVALID_ARGUMENT,
    401: envelope.UNAUTHENTICATED,
    403: envelope.PERMISSION_DENIED,
    404: envelope.NOT_FOUND,
    408: envelope.DEADLINE_EXCEEDED,
    409: envelope.ALREADY_EXISTS,
    412: envelope.FAILED_PRECONDITION,
    413: envelope.RESOURCE_EXHAUSTED,
    429: envelope.RESOURCE_EXHAUSTED,
    500: envelope.INTERNAL,
    501: envelope.UNIMPLEMENTED,
    502: envelope.UNAVAILABLE,
    503: envelope.UNAVAILABLE,
    504: envelope.DEADLINE_EXCEEDED,
    593: envelope.FAILED_PRECONDITION,
}
HINTS = {401: "sign in to Pieces OS", 593: "update Pieces OS"}
CALLS = {
    "ModelsSnapshot": b"",
    "ModelsCreateNewModel": b"",
    "ModelsDeleteSpecificModel": b"\x0a\x01a",
    "ModelsDeleteSpecificModelCache": b"\x0a\x01a",
    "UnloadModels": b"",
}
MAYBE_SENT = {envelope.UNAVAILABLE, envelope.DEADLINE_EXCEEDED}


class StatusTest(EndToEndTest):
    def setUp(self):
        self.script = answering()
        self.connected, self.scripted = self.start(lambda exchange: self.script(exchange))

    def ask(self, script, method: str = "ModelsSnapshot"):
        self.script = script
        return self.connected.call(method, CALLS[method])

    def assert_http_status(self, found, code: int, status: int, operation: str = "ModelsSnapshot"):
        sent = True if code in MAYBE_SENT else None
        expectations = {"operation": operation, "http_status": status, "request_sent": sent}
        self.assert_status(found, code, "UPSTREAM_HTTP_STATUS", **expectations)


@over_both_wires
class StatusCodeTests(StatusTest):
    def test_every_status_that_is_not_2xx_has_its_code(self):
        others = {status: envelope.FAILED_PRECONDITION for status in (402, 405, 406, 410, 411, 415, 418, 422, 451, 499)}
        others |= {status: INTERNAL for status in (300, 301, 302, 303, 304, 307, 308, 399, 505, 507, 511, 592, 594, 599)}
        for status, code in (CODES | others).items():
            with self.subTest(status=status):
                self.assert_http_status(self.ask(answering("because", status)), code, status)

    def test_a_hint_says_what_the_user_can_do(self):
        for status in (400, 401, 403, 500, 503, 593, 594):
            for method in CALLS:
                with self.subTest(status=status, method=method):
                    found = self.ask(answering("because", status), method)
                    self.assertEqual(found.metadata.get("hint"), HINTS.get(status))

    def test_every_call_maps_them_alike(self):
        for method in CALLS:
            for status in (302, 404, 500, 503):
                with self.subTest(method=method, status=status):
                    found = self.ask(answering("because", status), method)
                    self.assert_http_status(found, CODES.get(status, INTERNAL), status, method)

    def test_a_redirect_is_never_followed(self):
        for status in (301, 302, 303, 307, 308):
            with self.subTest(status=status):
                count = len(self.scripted.requests)
                found = self.ask(answering("", status, (f"Location: {self.scripted.url}/elsewhere",)))
                self.assert_http_status(found, INTERNAL, status)
                self.assertEqual(len(self.scripted.requests), count + 1)

    def test_a_redirect_of_a_post_is_never_followed(self):
        found = self.ask(answering("", 307, ("Location: /models/create",)), "ModelsCreateNewModel")
        self.assert_http_status(found, INTERNAL, 307, "ModelsCreateNewModel")
        self.assertEqual(len(self.scripted.requests), 1)

    def test_any_2xx_is_judged_by_its_body_alone(self):
        for status in (200, 201, 202, 203, 206, 207, 226, 299):
            with self.subTest(status=status):
                self.assert_ok(self.ask(answering('{"iterable":[]}', status)))
                found = self.ask(answering("<html>", status))
                self.assert_status(found, INTERNAL, "UPSTREAM_BAD_JSON", http_status=status)

    def test_calls_that_answer_empty_take_any_2xx_with_any_body(self):
        for method in ("UnloadModels", "ModelsDeleteSpecificModel"):
            for status in (200, 201, 202, 299):
                for body in ("", "{}", "<html>", "[", "x" * 100_000, b"\xff\0"):
                    with self.subTest(method=method, status=status, body=body[:10]):
                        self.assertEqual(self.assert_ok(self.ask(answering(body, status), method)), b"")
            self.assertEqual(self.assert_ok(self.ask(answering(status=204), method)), b"")
        self.assertEqual(len(self.scripted.connections), 1)

    def test_204_where_a_body_was_due_is_no_answer(self):
        for method in ("ModelsSnapshot", "ModelsCreateNewModel", "ModelsDeleteSpecificModelCache"):
            with self.subTest(method=method):
                found = self.ask(answering(status=204), method)
                self.assert_status(found, INTERNAL, "UPSTREAM_BAD_JSON", operation=method, http_status=204)
        self.assertEqual(self.connected.stream()[1].reason, "UPSTREAM_BAD_JSON")

    def test_an_interim_status_is_not_the_answer(self):
        final = response(b'{"iterable":[]}')
        interims = (
            b"HTTP/1.1 100 Continue\r\n\r\n",
            b"HTTP/1.1 102 Processing\r\nX: y\r\n\r\n",
            b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 3,
            b"HTTP/1.1 199 Whatever\r\n\r\n",
        )
        for interim in interims:
            with self.subTest(interim=interim):
                self.assert_ok(self.ask(sending(interim + final)))
                self.assert_ok(self.ask(lambda exchange: exchange.send_byte_by_byte(interim + final)))
        self.assertEqual(len(self.scripted.connections), 1)

    def test_an_interim_status_before_an_error_is_not_the_error(self):
        found = self.ask(sending(b"HTTP/1.1 100 Continue\r\n\r\n" + response(b"no", 409)))
        self.assert_http_status(found, envelope.ALREADY_EXISTS, 409)

    def test_an_interim_status_alone_is_an_answer_lost(self):
        found = self.ask(sending_and_closing(b"HTTP/1.1 100 Continue\r\n\r\n"))
        self.assert_status(found, UNAVAILABLE, "UPSTREAM_CONNECTION_LOST", request_sent=True)

    def test_a_final_status_out_of_range_is_bad_http(self):
        for status in ("099", "99", "0", "000", "600", "601", "700", "999", "1000", "-200", "2OO", "20", "", "abc"):
            with self.subTest(status=status):
                data = f"HTTP/1.1 {status} Whatever\r\nContent-Length: 15\r\n\r\n".encode() + b'{"iterable":[]}'
                self.assert_status(self.ask(sending_and_closing(data)), INTERNAL, "UPSTREAM_BAD_HTTP")

    def test_switching_protocols_is_no_answer(self):
        found = self.ask(sending(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"))
        self.assert_status(found, INTERNAL, "UPSTREAM_BAD_HTTP", operation="ModelsSnapshot")

    def test_a_reason_phrase_may_be_missing(self):
        for line in (b"HTTP/1.1 200\r\n", b"HTTP/1.1 200 \r\n"):
            self.assert_ok(self.ask(sending(line + b"Content-Length: 2\r\n\r\n{}")))

    def test_not_modified_has_no_body_to_wait_for(self):
        found = self.ask(sending(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 100\r\n\r\n"))
        self.assert_http_status(found, INTERNAL, 304)
        self.assertEqual(found.message, "HTTP status 304")


@over_both_wires
class StatusMessageTests(StatusTest):
    def message(self, body: bytes | str, status: int = 500, headers: tuple[str, ...] = ()) -> str:
        return self.ask(answering(body, status, headers)).message

    def test_the_message_is_the_body_as_it_is(self):
        for body in ("Something broke", '{"error":"x"}', "<html>é🙂</html>", " x\n", "x" * 2048):
            with self.subTest(body=body[:20]):
                self.assertEqual(self.message(body), body)

    @ttrpc_only
    def test_a_body_of_4_kib_is_whole(self):
        self.assertEqual(self.message("x" * 4096), "x" * 4096)

    def test_an_empty_body_leaves_the_status(self):
        for status in (302, 404, 500, 503):
            self.assertEqual(self.message("", status), f"HTTP status {status}")

    def test_the_body_of_a_chunked_error_is_its_message(self):
        data = b"HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nSome\r\n5\r\nthing\r\n0\r\n\r\n"
        self.assertEqual(self.ask(sending(data)).message, "Something")

    def test_what_is_not_utf_8_is_made_valid(self):
        for body, begin, end in (
            (b"before \xff after", "before ", " after"),
            (b"caf\xe9", "caf", ""),
            (b"\xed\xa0\x80x", "", "x"),
            (b"a\xf0\x9f\x99", "a", ""),
            (b"\x80\x80\x80z", "", "z"),
        ):
            with self.subTest(body=body):
                message = self.message(body)
                self.assertTrue(message.startswith(begin) and message.endswith(end), message)
                self.assertNotIn("\udcff", message)
                self.assertGreater(len(message), len(begin + end))

    def test_nothing_behind_a_nul_is_lost(self):
        message = self.message(b"before\0after")
        self.assertTrue(message.startswith("before") and message.endswith("after"), message)

    @ttrpc_only
    def test_a_long_body_is_cut_at_4_kib_between_characters(self):
        for character in ("x", "é", "日", "🙂"):
            for shift in range(4):
                text = "x" * shift + character * 5000
                with self.subTest(character=character, shift=shift):
                    message = self.message(text)
                    self.assertTrue(text.startswith(message))
                    self.assertLessEqual(len(message.encode()), 4096)
                    self.assertGreater(len(message.encode()), 4096 - len(character.encode()))

    @ttrpc_only
    def test_a_long_body_that_is_not_utf_8_is_cut_too(self):
        for body in (b"\xff" * 10_000, b"x" * 4095 + b"\xff" * 100, b"x" * 4094 + b"\xf0\x9f\x99\x82" * 100):
            message = self.message(body).encode()
            self.assertLessEqual(len(message), 4096)
            self.assertGreaterEqual(len(message), 4093)

    @ttrpc_only
    def test_a_huge_error_body_is_no_obstacle(self):
        self.assertEqual(self.message("x" * 3_000_000), "x" * 4096)
        self.assert_ok(self.ask(answering()))

    @ttrpc_only
    def test_the_stream_has_the_same_message(self):
        self.script = answering("é" * 3000, 404)
        _, error = self.connected.stream()
        self.assertEqual(error.message, "é" * 2048)


@over_both_wires
class UnfinishedAnswerTests(StatusTest):
    """What went wrong after Pieces OS had said its status comes with that status."""

    HEAD = b"HTTP/1.1 203 Whatever\r\nContent-Length: 90\r\n\r\n{"

    def test_an_answer_that_is_cut_off(self):
        for method in CALLS:
            with self.subTest(method=method):
                found = self.ask(sending_and_closing(self.HEAD), method)
                self.assert_status(found, UNAVAILABLE, "UPSTREAM_CONNECTION_LOST", http_status=203, request_sent=True)

    def test_an_answer_whose_head_is_cut_off_has_none(self):
        found = self.ask(sending_and_closing(self.HEAD[:30]))
        self.assert_status(found, UNAVAILABLE, "UPSTREAM_CONNECTION_LOST", request_sent=True)
        self.assertNotIn("http_status", found.metadata)

    def test_an_answer_that_stops(self):
        def script(exchange):
            exchange.send(self.HEAD)
            exchange.connection.wait_until_closed()

        self.script = script
        for method in ("ModelsSnapshot", "UnloadModels", "StreamModelsSnapshot"):
            with self.subTest(method=method):
                found = self.connected.call(method, timeout_nano=500_000_000)
                self.assert_status(found, DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED", http_status=203, request_sent=True)

    @ttrpc_only
    def test_a_stream_that_is_cancelled_in_the_middle_of_its_answer(self):
        models = ",".join(['{"id":"a"}'] * 100_000).encode()
        head = b"HTTP/1.1 203 Whatever\r\nContent-Length: 9000000\r\n\r\n"
        self.script = sending(head + b'{"iterable":[' + models)
        stream_id = self.connected.request("StreamModelsSnapshot")
        self.connected.next_message(stream_id)
        self.assert_ok(self.connected.cancel(stream_id))
        _, found = self.connected.stream_answer(stream_id)
        self.assert_status(found, CANCELLED, "CANCELLED", http_status=203, request_sent=True)

    def test_what_is_no_answer_to_a_stream(self):
        for body in (b"[]", b"x", b""):
            with self.subTest(body=body):
                self.script = answering(body, 203)
                _, found = self.connected.stream()
                self.assert_status(found, INTERNAL, "UPSTREAM_BAD_JSON", http_status=203)

    def test_a_body_with_bad_framing_or_over_its_limit(self):
        head = b"HTTP/1.1 203 Whatever\r\n"
        found = self.ask(sending(head + b"Transfer-Encoding: chunked\r\n\r\nx\r\n"))
        self.assert_status(found, INTERNAL, "UPSTREAM_BAD_HTTP", http_status=203)
        found = self.ask(sending(head + b"Content-Length: 99999999999\r\n\r\n"))
        self.assert_status(found, RESOURCE_EXHAUSTED, "UPSTREAM_TOO_LARGE", http_status=203)
