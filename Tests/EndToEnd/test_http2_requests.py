"""Section 2: what is no request of HTTP/2 (RFC 9113, section 8.1 and those below it), what is none of gRPC, and in which order
that is judged."""

import gzip
import zlib

from hyperframe.frame import DataFrame, SettingsFrame
from support.case import EndToEndTest
from support.envelope import (
    DEADLINE_EXCEEDED,
    INTERNAL,
    INVALID_ARGUMENT,
    OK,
    RESOURCE_EXHAUSTED,
    UNIMPLEMENTED,
)
from support.gateway import Gateway
from support.grpc_client import GRPCClient, message, request_head
from support.http2 import LARGEST_WINDOW, PROTOCOL_ERROR, REFUSED_STREAM, frame
from support.upstream import Held

UNLOAD = "/pieces.models.v1.ModelsService/UnloadModels"
EMPTY = message(b"")


def head(*more: tuple, without: str = "", path: str = UNLOAD, **changed: str) -> list[tuple]:
    """A good head, with fields that are gone, are changed (`_` for `-`), or come behind."""
    changes = {name.replace("_", "-"): value for name, value in changed.items()}
    fields = [(name, changes.pop(name.lstrip(":"), value)) for name, value in request_head(path) if name != without]
    return fields + list(changes.items()) + list(more)


def reordered(*names: str) -> list[tuple]:
    """Those fields behind the others."""
    fields = head()
    return [field for field in fields if field[0] not in names] + [field for field in fields if field[0] in names]


MALFORMED_HEADS = {
    "nothing": [],
    "no :method": head(without=":method"),
    "no :scheme": head(without=":scheme"),
    "no :path": head(without=":path"),
    "an empty :path": head(path=""),
    ":method twice": [(":method", "POST"), *head()],
    ":scheme twice": [(":scheme", "http"), *head()],
    ":path twice": [(":path", UNLOAD), *head()],
    ":authority twice": [(":authority", "localhost"), *head()],
    ":method twice, otherwise": [(":method", "GET"), *head()],
    ":method behind a field": reordered(":method"),
    ":path behind a field": reordered(":path"),
    ":authority behind a field": reordered(":authority"),
    "a pseudo-header of answers": [(":status", "200"), *head()],
    "an unknown pseudo-header": [(":protocol", "websocket"), *head()],
    "a pseudo-header without a name": [(":", "x"), *head()],
    "a pseudo-header with a capital": [(":Path", UNLOAD), *head(without=":path")],
    "a capital": head(("X-Some", "x")),
    "a capital at the end": head(("some-X", "x")),
    "a key of ours with a capital": head(("Traceparent", "x")),
    "no name": head(("", "x")),
    "a blank in a name": head(("x y", "x")),
    "a blank behind a name": head(("traceparent ", "x")),
    "a colon in a name": head(("x:y", "x")),
    "a line break in a name": head(("x\r\ny", "x")),
    "a NUL in a name": head(("x\0", "x")),
    "a byte over 7f in a name": head((b"x\xe9", "x")),
    "connection": head(("connection", "close")),
    "connection that names nothing": head(("connection", "")),
    "keep-alive": head(("keep-alive", "timeout=5")),
    "proxy-connection": head(("proxy-connection", "keep-alive")),
    "transfer-encoding": head(("transfer-encoding", "chunked")),
    "upgrade": head(("upgrade", "h2c")),
    "te that is not trailers": head(te="gzip"),
    "te that is more than trailers": head(te="trailers, gzip"),
    "te without anything": head(te=""),
    "a content-length too long": head(content_length="6"),
    "a content-length too short": head(content_length="4"),
    "a content-length of nothing": head(content_length="0"),
    "a content-length without an end": head(content_length="9" * 30),
    "a content-length that is none": head(content_length="five"),
    "a content-length with a sign": head(content_length="+5"),
    "a content-length with a blank": head(content_length=" 5"),
    "an empty content-length": head(content_length=""),
    "two content-lengths": head(("content-length", "5"), ("content-length", "6")),
}
# What stands in these fields is nobody's business.
GOOD_HEADS = {
    "no te": head(without="te"),
    "no :authority": head(without=":authority"),
    "an :authority with slashes": head(authority="/run/user/0/gateway.sock"),
    "an :authority with percents": head(authority="%2Frun%2Fgateway.sock"),
    "an empty :authority": head(authority=""),
    "an :authority that is none": head(authority="[}@ \x7f"),
    "another scheme": head(scheme="unix"),
    "an empty scheme": head(scheme=""),
    "a host beside it": head(("host", "elsewhere")),
    "a content-length that is right": head(content_length="5"),
    "the same content-length twice": head(("content-length", "5"), ("content-length", "5")),
    "a content-length with noughts": head(content_length="0005"),
    "every character that a name may have": head(("!#$%&'*+-.^_`|~09az", "x")),
    "a reserved key": head(("grpc-previous-rpc-attempts", "1")),
    "a cookie twice": head(("cookie", "a"), ("cookie", "b")),
    "proto said": head(content_type="application/grpc+proto"),
    "identity said": head(grpc_encoding="identity"),
}


class RequestTest(EndToEndTest):
    client_type = GRPCClient

    def setUp(self):
        self.connected, self.scripted = self.start()
        self.good = 0

    def ask(self, fields: list[tuple], data: bytes = EMPTY) -> int:
        stream_id = self.connected.use_id()
        self.connected.send(self.connected.head(stream_id, fields))
        self.connected.send_data(stream_id, data)
        return stream_id

    def assert_reset(self, stream_id: int) -> None:
        self.assertEqual(self.connected.wait_until_reset(stream_id), PROTOCOL_ERROR)
        self.assert_goes_on()

    def assert_goes_on(self) -> None:
        """The connection serves the next call, and that is the only one that goes out."""
        self.good += 1
        self.assert_ok(self.connected.call("UnloadModels"))
        self.assertEqual(len(self.scripted.requests), self.good)

    def assert_refused(self, stream_id: int, code: int, reason: str, *words: str) -> None:
        response = self.connected.response(stream_id)
        self.assert_status(response, code, reason)
        for word in words:
            self.assertIn(word, response.message)
        self.assert_goes_on()


class MalformedRequestTests(RequestTest):
    def test_a_malformed_head_resets_its_stream_and_nothing_goes_out(self):
        for name, fields in MALFORMED_HEADS.items():
            with self.subTest(name):
                self.assert_reset(self.ask(fields))
        self.assertEqual(self.connected.goaways, [])

    def test_what_a_head_may_have_is_no_obstacle(self):
        for name, fields in GOOD_HEADS.items():
            with self.subTest(name):
                self.assert_ok(self.connected.response(self.ask(fields)))

    def test_a_malformed_head_that_ends_its_stream_resets_it_too(self):
        for name in ("no :path", "a capital", "connection", "a content-length too long"):
            with self.subTest(name):
                stream_id = self.connected.use_id()
                self.connected.send(self.connected.head(stream_id, MALFORMED_HEADS[name], is_end=True))
                self.assert_reset(stream_id)

    def test_a_content_length_is_that_of_all_the_data(self):
        for length, parts, is_good in (
            (5, (2, 3), True),
            (5, (5, 0), True),
            (6, (2, 3), False),
            (4, (2, 3), False),
            (5, (5, 1), False),
        ):
            with self.subTest(length=length, parts=parts):
                stream_id = self.connected.use_id()
                data = EMPTY + b"x"
                self.connected.send(self.connected.head(stream_id, head(content_length=str(length))))
                self.connected.send_data(stream_id, data[: parts[0]], is_end=False)
                self.connected.send_data(stream_id, data[parts[0] : sum(parts)])
                if is_good:
                    self.assert_ok(self.connected.response(stream_id))
                    self.good += 1
                else:
                    self.assert_reset(stream_id)

    def trailing(self, fields: list[tuple], *, is_end: bool = True) -> int:
        """A request whose message is followed by these fields."""
        stream_id = self.connected.use_id()
        self.connected.send(self.connected.head(stream_id, head()))
        self.connected.send_data(stream_id, EMPTY, is_end=False)
        self.connected.send(self.connected.head(stream_id, fields, is_end=is_end))
        return stream_id

    def test_trailers_have_neither_pseudo_headers_nor_capitals_and_end_the_request(self):
        for fields, is_end in (
            ([(":path", UNLOAD)], True),
            ([("x", "y"), (":method", "POST")], True),
            ([("X", "y")], True),
            ([("connection", "close")], True),
            ([("x", "y")], False),
            (head(), False),
        ):
            with self.subTest(fields=fields, is_end=is_end):
                self.assert_reset(self.trailing(fields, is_end=is_end))

    def test_trailers_that_are_fine_are_dropped(self):
        self.assert_ok(self.connected.response(self.trailing([("traceparent", "late"), ("x", "y")])))
        self.assertIsNone(self.scripted.requests[0].header("traceparent"))

    def test_data_behind_the_end_resets_its_stream_and_ends_its_call(self):
        held = Held()
        self.connected, self.scripted = self.start(held)
        for count, data in enumerate((b"", b"x", EMPTY), 1):
            with self.subTest(data=data):
                stream_id = self.ask(head())
                self.scripted.wait_for_requests(count)
                self.connected.send_data(stream_id, data)
                self.assertEqual(self.connected.wait_until_reset(stream_id), PROTOCOL_ERROR)
                held.wait_until_given_up()
        self.assertEqual(self.connected.goaways, [])

    def test_data_behind_an_end_that_has_been_answered_is_no_matter(self):
        stream_id = self.ask(head())
        self.assert_ok(self.connected.response(stream_id))
        self.good += 1
        self.connected.send_data(stream_id, b"x")
        self.assert_goes_on()
        self.assertEqual(self.connected.goaways, [])

    def test_data_right_behind_the_end_lets_nothing_go_out(self):
        for data in (b"", b"x", EMPTY):
            with self.subTest(data=data):
                stream_id = self.connected.use_id()
                parts = (frame(DataFrame(stream_id, each), is_end=True) for each in (EMPTY, data))
                self.connected.send(b"".join([self.connected.head(stream_id, head()), *parts]))
                self.assert_reset(stream_id)


# Each of these checks is made before those below it, and what is said names the first that fails.
NOT_GRPC = (
    ({"origin": "http://localhost"}, "403", "Origin"),
    ({":method": "PUT"}, "405", "POST"),
    ({"content-type": "application/json"}, "415", "application/grpc"),
)
REFUSED_HEADS = (
    ({"x-long": "x" * 20_000}, RESOURCE_EXHAUSTED, "LIMIT_REACHED", "16384"),
    ({"grpc-timeout": "soon"}, INVALID_ARGUMENT, "BAD_REQUEST", "grpc-timeout"),
    ({"grpc-encoding": "snappy"}, UNIMPLEMENTED, "BAD_REQUEST", "grpc-encoding"),
)
NOBODYS_METHOD = {":path": "/a.B/Nothing"}
BAD_FLAG = message(b"", flag=2)


class OrderTests(RequestTest):
    def with_faults(self, faults) -> list[tuple]:
        changes = {}
        for each in faults:
            changes |= each
        fields = [(name, changes.pop(name, value)) for name, value in request_head(UNLOAD)]
        return fields + list(changes.items())

    def test_of_several_faults_the_first_in_their_order_is_told(self):
        checks = [*NOT_GRPC, *REFUSED_HEADS]
        for index, (_, *outcome) in enumerate(checks):
            faults = [fault for fault, *_ in checks[index:]] + [NOBODYS_METHOD]
            with self.subTest(outcome):
                stream_id = self.ask(self.with_faults(faults), BAD_FLAG)
                if index < len(NOT_GRPC):
                    self.assert_text(stream_id, *outcome)
                else:
                    self.assert_refused(stream_id, *outcome)

    def test_a_message_is_judged_before_the_method_is_looked_for(self):
        self.assert_refused(self.ask(self.with_faults([NOBODYS_METHOD]), BAD_FLAG), INTERNAL, "BAD_REQUEST", "flag 2")

    def test_each_alone_is_told(self):
        for fault, status, word in NOT_GRPC:
            with self.subTest(fault):
                self.assert_text(self.ask(self.with_faults([fault])), status, word)
        for fault, *outcome in REFUSED_HEADS:
            with self.subTest(fault):
                self.assert_refused(self.ask(self.with_faults([fault])), *outcome)

    def assert_text(self, stream_id: int, status: str, word: str) -> dict[str, str]:
        fields, text = self.connected.text(stream_id)
        self.assertEqual(fields[":status"], status)
        self.assertEqual(fields["content-type"], "text/plain; charset=utf-8")
        self.assertEqual(int(fields["content-length"]), len(text))
        self.assertIn(word, text.decode())
        self.assert_goes_on()
        return fields

    def test_a_head_that_is_too_long_at_first_is_judged_in_the_same_order(self):
        for changed, outcome in (
            ({}, None),
            ({"content-type": "application/json"}, ("415", "application/grpc")),
            ({"origin": "null"}, ("403", "Origin")),
        ):
            with self.subTest(changed):
                fields = self.with_faults([changed])
                pseudo = [field for field in fields if field[0].startswith(":")]
                stream_id = self.ask([*pseudo, ("x-long", "x" * 20_000), *fields[len(pseudo):]])
                if outcome:
                    self.assert_text(stream_id, *outcome)
                else:
                    self.assert_refused(stream_id, RESOURCE_EXHAUSTED, "LIMIT_REACHED", "16384")

    def test_a_request_need_not_have_ended_to_be_refused(self):
        """What a head says is judged when it has come; the client is told that the rest is of no use."""
        for fault, status, word in NOT_GRPC:
            with self.subTest(fault):
                stream_id = self.connected.use_id()
                self.connected.send(self.connected.head(stream_id, self.with_faults([fault])))
                self.assert_text(stream_id, status, word)

    def test_every_other_method_is_405_and_says_which_is_allowed(self):
        for method in ("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "post", "", "X" * 1000):
            with self.subTest(method=method):
                stream_id = self.ask(head(method=method))
                if method == "HEAD":
                    fields, text = self.connected.text(stream_id)
                    self.assertEqual((fields[":status"], text), ("405", b""))
                else:
                    fields = self.assert_text(stream_id, "405", "POST")
                self.assertEqual(fields["allow"], "POST")

    def test_every_other_content_type_is_415(self):
        for content_type in (
            "",
            "application/grp",
            "application/grpc+json",
            "application/grpc-web",
            "application/grpc-web+proto",
            "application/grpcx",
            "application/json",
            "application/x-protobuf",
            "text/plain",
        ):
            with self.subTest(content_type=content_type):
                self.assert_text(self.ask(head(content_type=content_type)), "415", "application/grpc")
        self.assert_text(self.ask(head(without="content-type")), "415", "application/grpc")

    def test_any_origin_is_403(self):
        for origin in ("null", "http://localhost", "https://example.org", "", "file://"):
            for method in ("POST", "GET", "OPTIONS"):
                with self.subTest(origin=origin, method=method):
                    self.assert_text(self.ask(head(("origin", origin), method=method)), "403", "Origin")


class TimeoutTests(RequestTest):
    def test_what_is_no_timeout_is_refused(self):
        for text in (
            "", "S", "1", "1s", "1h", "1 S", " 1S", "1S ", "-1S", "+1S", "1.5S", "0x1S", "1SS", "1e3m", "123456789S",
            "000000001S", "1\u0661S", "\uff11S", "1M1S", "n", "00",
        ):  # fmt: skip
            with self.subTest(text=text):
                stream_id = self.ask(head(("grpc-timeout", text)))
                self.assert_refused(stream_id, INVALID_ARGUMENT, "BAD_REQUEST", "grpc-timeout")

    def test_0_of_any_unit_has_expired_and_nothing_goes_out(self):
        for unit in "HMSmun":
            for zero in ("0", "00000000"):
                with self.subTest(unit=unit, zero=zero):
                    stream_id = self.ask(head(("grpc-timeout", zero + unit)))
                    response = self.connected.response(stream_id)
                    self.assert_status(response, DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED", request_sent=False)
        self.assert_goes_on()

    def test_every_unit_and_the_longest_there_is(self):
        for text in ("1H", "1M", "60S", "60000m", "60000000u", "00000001H", "99999999H", "99999999M", "99999999S"):
            for path in (UNLOAD, "/pieces.models.v1.ModelsService/ModelsSnapshot", "/grpc.health.v1.Health/Check"):
                with self.subTest(text=text, path=path):
                    self.assert_ok(self.connected.response(self.ask(head(("grpc-timeout", text), path=path))))

    def test_a_client_that_does_not_end_its_side_has_until_its_deadline(self):
        for data in (b"", EMPTY[:3], EMPTY):
            with self.subTest(data=data):
                stream_id = self.connected.use_id()
                self.connected.send(self.connected.head(stream_id, head(("grpc-timeout", "100m"))))
                if data:
                    self.connected.send_data(stream_id, data, is_end=False)
                self.assert_refused(stream_id, DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED")


def zeros(count: int) -> bytes:
    """A message that nobody can use, and that is small when it is packed."""
    return gzip.compress(bytes(count))


BAD_MESSAGES = {
    "none": (b"", "", UNIMPLEMENTED, "no message"),
    "two": (EMPTY * 2, "", UNIMPLEMENTED, "more than one message"),
    "one and a part of another": (EMPTY + b"\0", "", UNIMPLEMENTED, "more than one message"),
    "the flag 2": (message(b"", 2), "", INTERNAL, "flag 2"),
    "the flag 255": (message(b"x", 255), "gzip", INTERNAL, "flag 255"),
    "compressed, and not said how": (message(gzip.compress(b""), 1), "", INTERNAL, "grpc-encoding"),
    "compressed, and said that it is not": (message(gzip.compress(b""), 1), "identity", INTERNAL, "grpc-encoding"),
    "not what gzip makes": (message(b"x" * 50, 1), "gzip", INTERNAL, "unpacked"),
    "not what deflate makes": (message(gzip.compress(b"x"), 1), "deflate", INTERNAL, "unpacked"),
    "nothing that says it is compressed": (message(b"", 1), "gzip", INTERNAL, "unpacked"),
    "compressed and cut off": (message(gzip.compress(b"x" * 999)[:-9], 1), "gzip", INTERNAL, "unpacked"),
    "cut off in its prefix": (EMPTY[:4], "", INTERNAL, "within a message"),
    "cut off behind its prefix": (message(b"xyz")[:-1], "", INTERNAL, "within a message"),
}


class MessageTests(RequestTest):
    def head(self, encoding: str) -> list[tuple]:
        return head(*([("grpc-encoding", encoding)] if encoding else []))

    def test_what_is_not_one_message_is_refused(self):
        for name, (data, encoding, code, words) in BAD_MESSAGES.items():
            with self.subTest(name):
                self.assert_refused(self.ask(self.head(encoding), data), code, "BAD_REQUEST", words)

    def test_a_message_may_be_compressed_as_it_says(self):
        for encoding, data in (
            ("gzip", message(gzip.compress(b""), 1)),
            ("deflate", message(zlib.compress(b""), 1)),
            ("gzip", EMPTY),
            ("deflate", EMPTY),
        ):
            with self.subTest(encoding=encoding, data=data):
                self.assert_ok(self.connected.response(self.ask(self.head(encoding), data)))

    def test_what_is_refused_is_named(self):
        """Who refuses it, the gateway or its session, is no difference."""
        for fields, data in (
            (head(grpc_timeout="soon"), EMPTY),
            (head(grpc_timeout="0n"), EMPTY),
            (head(grpc_encoding="snappy"), EMPTY),
            (head(("x-long", "x" * 20_000)), EMPTY),
            (head(), BAD_FLAG),
            (head(), EMPTY * 2),
            (head(), b""),
            (head(), b"\0" + b"\xff" * 4),
            (head(), message(b"\xff")),
        ):
            with self.subTest(fields=fields[6:], data=data):
                self.assertEqual(self.connected.response(self.ask(fields, data)).metadata["operation"], "UnloadModels")
        nobodys = self.connected.response(self.ask(head(path="/a.B/Nothing"), BAD_FLAG))
        self.assertEqual((nobodys.reason, nobodys.metadata), ("BAD_REQUEST", {}))

    def test_a_stream_of_questions_is_named_too(self):
        stream_id = self.connected.use_id()
        path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
        self.connected.send(self.connected.head(stream_id, head(path=path)))
        self.connected.send_data(stream_id, message(b"\x3a\0"), is_end=False)
        self.connected.next_message(stream_id)
        self.connected.send_data(stream_id, BAD_FLAG)
        response = self.connected.response(stream_id)
        self.assert_status(response, INTERNAL, "BAD_REQUEST", operation="ServerReflectionInfo")

    def test_the_answer_says_what_may_be_used(self):
        stream_id = self.ask(self.head("snappy"))
        fields = dict(self.connected.frame(stream_id).fields)
        self.assertEqual(set(fields["grpc-accept-encoding"].split(",")), {"identity", "gzip", "deflate"})

    def test_a_message_over_the_limit_is_refused_at_its_prefix(self):
        for length in ((4 << 20) + 1, 1 << 31, 0xFFFFFFFF):
            with self.subTest(length=length):
                stream_id = self.connected.use_id()
                self.connected.send(self.connected.head(stream_id, head()))
                self.connected.send_data(stream_id, b"\0" + length.to_bytes(4, "big"), is_end=False)
                self.assert_refused(stream_id, RESOURCE_EXHAUSTED, "FRAME_TOO_LARGE", str(length))

    def test_a_message_that_unpacks_to_more_than_the_limit_is_refused(self):
        for count, code in ((4 << 20, OK), ((4 << 20) + 1, RESOURCE_EXHAUSTED), (200 << 20, RESOURCE_EXHAUSTED)):
            with self.subTest(count=count):
                stream_id = self.ask(self.head("gzip"), message(zeros(count), 1))
                if code == OK:
                    # It is looked at, then; zeros are no protobuf.
                    self.assert_refused(stream_id, INVALID_ARGUMENT, "BAD_REQUEST", "payload")
                else:
                    self.assert_refused(stream_id, code, "FRAME_TOO_LARGE", str(4 << 20))

    def test_the_limit_that_was_chosen_holds_for_messages(self):
        for option, limit in (("1000", 1000), ("64KiB", 65536)):
            self.connected, self.scripted = self.start(lambda exchange: exchange.answer(), "--max-request", option)
            self.good = 0
            for length, code in ((limit, OK), (limit + 1, RESOURCE_EXHAUSTED)):
                for data, encoding in ((message(bytes(length)), ""), (message(zeros(length), 1), "gzip")):
                    with self.subTest(length=length, encoding=encoding):
                        stream_id = self.ask(self.head(encoding), data)
                        if code == OK:
                            self.assert_refused(stream_id, INVALID_ARGUMENT, "BAD_REQUEST", "payload")
                        else:
                            self.assert_refused(stream_id, code, "FRAME_TOO_LARGE", str(limit))


class PathTests(RequestTest):
    def test_what_is_no_method_is_named(self):
        for path in (
            "/pieces.models.v1.ModelsService/Nothing",
            "/pieces.models.v1.ModelsService/unloadmodels",
            "/pieces.models.v1.ModelsService/UnloadModels/",
            "/pieces.models.v1.ModelsService/UnloadModels?x=y",
            "/pieces.models.v1.ModelsService//UnloadModels",
            "//pieces.models.v1.ModelsService/UnloadModels",
            "/PIECES.models.v1.ModelsService/UnloadModels",
            "/pieces.models.v1/UnloadModels",
            "/UnloadModels",
            "UnloadModels",
            "*",
            "/",
            "/é/é",
            "/%70ieces.models.v1.ModelsService/UnloadModels",
            "/" + "x" * 10_000,
            "/a/" + "é" * 5_000,
        ):
            with self.subTest(path=path[:60]):
                self.assert_refused(self.ask(head(path=path)), UNIMPLEMENTED, "UNKNOWN_METHOD")

    def test_a_path_that_is_not_utf_8_is_nobodys(self):
        self.assert_refused(self.ask(head(path=b"/a.B/\xff\xfe")), UNIMPLEMENTED, "UNKNOWN_METHOD")

    def test_control_is_not_for_cancelling_here(self):
        stream_id = self.ask(head(path="/pieces.gateway.v1.Control/Cancel"))
        self.assertEqual(self.connected.response(stream_id).code, UNIMPLEMENTED)
        self.assert_goes_on()


class CallLimitTests(RequestTest):
    def begin(self, calls: int, *options: str) -> Held:
        held = Held()
        option = ("--max-calls-per-connection", str(calls), *options)
        self.connected, self.scripted = self.start(held, *option)
        self.connected.wait_for_ping()
        self.assertEqual(self.connected.gateways_settings[SettingsFrame.MAX_CONCURRENT_STREAMS], min(calls, 1_024))
        return held

    def test_more_streams_than_were_announced_are_refused_and_may_be_asked_again(self):
        held = self.begin(3)
        ids = [self.connected.request("UnloadModels") for _ in range(3)]
        for _ in range(3):
            self.assertEqual(self.connected.wait_until_reset(self.connected.request("UnloadModels")), REFUSED_STREAM)
        self.scripted.wait_for_requests(3)
        held.release()
        ids.remove(self.connected.next_answered())
        ids.append(self.connected.request("UnloadModels"))
        self.scripted.wait_for_requests(4)
        held.release(3)
        for stream_id in ids:
            self.assert_ok(self.connected.response(stream_id))
        self.assertEqual(len(self.scripted.requests), 4)

    def test_a_stream_that_is_reset_makes_room(self):
        held = self.begin(1)
        for count in range(1, 4):
            stream_id = self.connected.request("UnloadModels")
            self.scripted.wait_for_requests(count)
            self.assertEqual(self.connected.wait_until_reset(self.connected.request("UnloadModels")), REFUSED_STREAM)
            self.connected.give_up(stream_id)
            held.wait_until_given_up()

    def test_watches_count(self):
        self.begin(2)
        for _ in range(2):
            self.connected.next_message(self.connected.request("Watch", b"\x0a\x01x", service="grpc.health.v1.Health"))
        self.assertEqual(self.connected.wait_until_reset(self.connected.request("UnloadModels")), REFUSED_STREAM)

    def test_no_more_than_1024_are_announced(self):
        self.begin(100_000)

    def test_all_connections_together_have_so_many_calls_and_no_more(self):
        held = Held()
        upstream = self.upstream(held)
        gateway = self.gateway(upstream, "--max-calls-per-connection", "2", "--max-connections", "8")
        clients = [self.client(gateway) for _ in range(8)]
        ids = [client.request("UnloadModels") for client in clients]
        upstream.wait_for_requests(8)
        response = clients[0].call("UnloadModels")
        self.assert_status(response, RESOURCE_EXHAUSTED, "LIMIT_REACHED", operation="UnloadModels")
        self.assertIn("8 calls of all", response.message)
        held.release(8)
        for client, stream_id in zip(clients, ids):
            self.assert_ok(client.response(stream_id))


class DrainTests(RequestTest):
    def draining(self) -> tuple[Gateway, GRPCClient]:
        """A gateway that has told its client which call was the last."""
        gateway = self.gateway(self.scripted)
        client = self.client(gateway)
        self.assert_ok(client.call("UnloadModels"))
        gateway.signal()
        while len(client.goaways) < 2:
            client.receive()
        self.assertEqual([goaway.last_stream_id for goaway in client.goaways], [LARGEST_WINDOW, 1])
        return gateway, client

    def test_a_client_that_has_not_heard_of_the_end_yet_may_still_send(self):
        """It learns from GOAWAY that its call was not carried out, and not from a broken pipe that it may have been."""
        gateway, client = self.draining()
        client.request("UnloadModels")
        client.stop_writing()
        self.assertEqual(client.wait_until_closed(), [])
        self.assertEqual(gateway.wait(), 0)
        self.assertEqual(len(self.scripted.requests), 1)

    def test_a_client_that_does_not_leave_keeps_nobody(self):
        gateway, client = self.draining()
        self.assertEqual(client.wait_until_closed(), [])
        self.assertEqual(gateway.wait(), 0)
