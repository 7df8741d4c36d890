"""Sections 3 and 4: answers that are good, bad or no HTTP at all."""

import gzip
import threading

from test_http_statuses import StatusTest

from support.envelope import INTERNAL, RESOURCE_EXHAUSTED, UNAVAILABLE
from support.messages import Models
from support.upstream import PATIENCE, answering, response, sending, sending_and_closing
from support.wire import field
from support.wires import over_both_wires

BODY = b'{"iterable":[{"id":"a"}]}'
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
LENGTH = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(BODY)


class ResponseTest(StatusTest):
    def assert_models(self, found):
        self.assertEqual([model.id for model in Models.FromString(self.assert_ok(found)).iterable], ["a"])

    def assert_lost(self, found):
        expectations = {"operation": "ModelsSnapshot", "request_sent": True}
        self.assert_status(found, UNAVAILABLE, "UPSTREAM_CONNECTION_LOST", **expectations)

    def assert_bad_http(self, found):
        self.assert_status(found, INTERNAL, "UPSTREAM_BAD_HTTP", operation="ModelsSnapshot")

    def assert_goes_on(self):
        self.assert_models(self.ask(answering(BODY)))


class GoodResponseTests(ResponseTest):
    def test_an_answer_may_arrive_byte_by_byte(self):
        for data in (LENGTH + BODY, CHUNKED + b"7\r\n" + BODY[:7] + b"\r\n12\r\n" + BODY[7:] + b"\r\n0\r\n\r\n"):
            self.assert_models(self.ask(lambda exchange: exchange.send_byte_by_byte(data)))

    def test_an_answer_may_be_chunked_at_every_place(self):
        for at in range(1, len(BODY)):
            first, second = BODY[:at], BODY[at:]
            chunks = b"%x\r\n%s\r\n%X;ext=1\r\n%s\r\n0\r\n\r\n" % (len(first), first, len(second), second)
            self.assert_models(self.ask(sending(CHUNKED + chunks)))
        self.assertEqual(len(self.scripted.connections), 1)

    def test_a_chunk_size_may_have_blanks_behind_it(self):
        for behind in (b" ", b"\t", b"  \t ", b" ;x", b";x", b"\t; x=y", b" ; x = \"y\""):
            with self.subTest(behind=behind):
                chunks = b"%x%s\r\n%s\r\n0%s\r\n\r\n" % (len(BODY), behind, BODY, behind)
                self.assert_models(self.ask(sending(CHUNKED + chunks)))
        self.assertEqual(len(self.scripted.connections), 1)

    def test_only_their_size_limits_the_interim_answers_before_an_answer(self):
        for interim, count in ((b"HTTP/1.1 102 Processing\r\n\r\n", 33), (b"HTTP/1.1 103 x\r\n\r\n", 4_000)):
            with self.subTest(interim=interim):
                self.assert_models(self.ask(sending(interim * count + LENGTH + BODY)))
        self.assertEqual(len(self.scripted.connections), 1)

    def test_a_chunked_answer_may_have_trailers(self):
        chunks = b"%x\r\n%s\r\n000\r\nX-Trailer: y\r\nContent-Length: 5\r\n\r\n" % (len(BODY), BODY)
        self.assert_models(self.ask(sending(CHUNKED + chunks)))
        self.assert_goes_on()

    def test_an_answer_may_end_with_its_connection(self):
        for head in (
            b"HTTP/1.1 200 OK\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
            b"HTTP/1.0 200 OK\r\n\r\n",
        ):
            with self.subTest(head=head):
                self.assert_models(self.ask(sending_and_closing(head + BODY)))
                self.assert_goes_on()

    def test_http_1_0_is_understood(self):
        head = b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % len(BODY)
        self.assert_models(self.ask(sending(head + BODY)))
        self.assert_goes_on()
        self.assertEqual(len(self.scripted.connections), 2)

    def test_header_names_have_no_case_and_values_no_spaces_around_them(self):
        head = b"HTTP/1.1 200 OK\r\ncOnTeNt-LeNgTh:   %d  \r\n\r\n" % len(BODY)
        self.assert_models(self.ask(sending(head + BODY)))
        chunks = b"HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)
        self.assert_models(self.ask(sending(chunks)))
        self.assertEqual(len(self.scripted.connections), 1)

    def test_the_content_type_does_not_matter(self):
        for content_type in (b"text/html", b"application/octet-stream", b"", b"text/plain; charset=utf-16"):
            head = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n" % (content_type, len(BODY))
            self.assert_models(self.ask(sending(head + BODY)))


@over_both_wires
class LostAnswerTests(ResponseTest):
    def test_a_connection_that_closes_midway_loses_the_answer(self):
        answers = (
            b"",
            b"H",
            b"HTTP/1.1 200 OK\r\nContent-Le",
            LENGTH,
            LENGTH + BODY[:-1],
            CHUNKED,
            CHUNKED + b"19\r\n" + BODY[:10],
            CHUNKED + b"19\r\n" + BODY + b"\r\n",
            CHUNKED + b"19\r\n" + BODY + b"\r\n0\r\n",
        )
        for data in answers:
            with self.subTest(data=data):
                count = len(self.scripted.requests)
                self.assert_lost(self.ask(sending_and_closing(data)))
                self.assertEqual(len(self.scripted.requests), count + 1)
        self.assert_goes_on()

    def test_a_reset_loses_the_answer_even_one_that_ends_with_its_connection(self):
        def script(exchange):
            exchange.send(b"HTTP/1.1 200 OK\r\n\r\n")
            exchange.connection.reset()

        self.assert_lost(self.ask(script))
        self.assert_lost(self.ask(lambda exchange: exchange.connection.reset()))
        self.assert_goes_on()

    def test_a_content_length_that_is_too_long_loses_the_answer(self):
        data = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (len(BODY) + 1)
        self.assert_lost(self.ask(sending_and_closing(data + BODY)))

    def test_an_error_whose_body_is_cut_off_is_lost_too(self):
        data = b"HTTP/1.1 500 No\r\nContent-Length: 100\r\n\r\nbecause"
        self.assert_lost(self.ask(sending_and_closing(data)))

    def test_a_body_that_nobody_reads_has_to_be_whole_all_the_same(self):
        data = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbecause"
        found = self.ask(sending_and_closing(data), "UnloadModels")
        self.assert_status(found, UNAVAILABLE, "UPSTREAM_CONNECTION_LOST", operation="UnloadModels", request_sent=True)


class BadResponseTests(ResponseTest):
    def test_what_is_no_http_1_is_bad_http(self):
        answers = (
            b"SSH-2.0-OpenSSH_9.2p1\r\n",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            b"\0\0\x12\x04\0\0\0\0\0",
            b"HTTP/2.0 200 OK\r\nContent-Length: 25\r\n\r\n" + BODY,
            b"HTTP/2 200\r\nContent-Length: 25\r\n\r\n" + BODY,
            b"HTTP/0.9 200 OK\r\nContent-Length: 25\r\n\r\n" + BODY,
            b"HTTP/11 200 OK\r\nContent-Length: 25\r\n\r\n" + BODY,
            b"HTTPS/1.1 200 OK\r\nContent-Length: 25\r\n\r\n" + BODY,
            b"ICY 200 OK\r\nContent-Length: 25\r\n\r\n" + BODY,
            b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
            b"<html>not found</html>",
            BODY,
            b"HTTP/1.1 200 OK\r\nNo colon here\r\n\r\n" + BODY,
            b"HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 25\r\n\r\n" + BODY,
        )
        for data in answers:
            with self.subTest(data=data):
                self.assert_bad_http(self.ask(sending_and_closing(data)))
        self.assert_goes_on()

    def test_lengths_that_contradict_each_other_are_bad_http(self):
        headers = (
            b"Content-Length: 25\r\nContent-Length: 24\r\n",
            b"Content-Length: 25\r\nX: y\r\ncontent-length: 0\r\n",
            b"Content-Length: 25\r\nTransfer-Encoding: chunked\r\n",
            b"Transfer-Encoding: chunked\r\nContent-Length: 25\r\n",
            b"Content-Length: 25, 24\r\n",
        )
        for lines in headers:
            with self.subTest(lines=lines):
                data = b"HTTP/1.1 200 OK\r\n" + lines + b"\r\n" + (BODY if b"chunked" not in lines else b"0\r\n\r\n")
                self.assert_bad_http(self.ask(sending_and_closing(data)))
        self.assert_goes_on()

    def test_lengths_that_are_none_are_bad_http(self):
        for length in (b"-1", b"-25", b"+25", b"0x19", b"25a", b"a", b"", b"25 0", b"2_5", b"25;q=1", b"1e2", b"25.0"):
            with self.subTest(length=length):
                data = b"HTTP/1.1 200 OK\r\nContent-Length: " + length + b"\r\n\r\n" + BODY
                self.assert_bad_http(self.ask(sending_and_closing(data)))
        self.assert_goes_on()

    def test_a_length_twice_is_one_length_or_bad_http(self):
        data = b"HTTP/1.1 200 OK\r\nContent-Length: 25\r\nContent-Length: 25\r\n\r\n" + BODY
        found = self.ask(sending_and_closing(data))
        if found.code == 0:
            self.assert_models(found)
        else:
            self.assert_bad_http(found)

    def test_bad_chunk_sizes_are_bad_http(self):
        for size in (b"zz", b"-19", b"+19", b"0x19", b"", b" ", b"1 9", b"g"):
            with self.subTest(size=size):
                self.assert_bad_http(self.ask(sending_and_closing(CHUNKED + size + b"\r\n" + BODY + b"\r\n0\r\n\r\n")))
        self.assert_goes_on()

    def test_a_chunk_that_does_not_end_where_it_should_is_bad_http(self):
        for chunks in (b"18\r\n" + BODY + b"\r\n0\r\n\r\n", b"19\r\n" + BODY + b"0\r\n\r\n"):
            with self.subTest(chunks=chunks):
                self.assert_bad_http(self.ask(sending_and_closing(CHUNKED + chunks)))

    def test_sizes_beyond_all_measure_are_refused(self):
        for data in (
            b"HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551616\r\n\r\n" + BODY,
            b"HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\n" + BODY,
            b"HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775808\r\n\r\n" + BODY,
            b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999999\r\n\r\n" + BODY,
            CHUNKED + b"FFFFFFFFFFFFFFFF\r\n" + BODY,
            CHUNKED + b"10000000000000019\r\n" + BODY + b"\r\n0\r\n\r\n",
        ):
            with self.subTest(data=data):
                found = self.ask(sending(data))
                self.assertIn(found.reason, ("UPSTREAM_BAD_HTTP", "UPSTREAM_TOO_LARGE"), found)
        self.assert_goes_on()

    def test_a_body_that_is_announced_over_its_limit_is_refused_before_it_comes(self):
        for begin in (
            b"HTTP/1.1 200 OK\r\nContent-Length: 67108865\r\n\r\n",
            CHUNKED + b"4000001\r\n",
            CHUNKED + b"1;x\r\n{\r\n4000000 \r\n",
            CHUNKED + b"7fffffffffffffff\r\n",
            CHUNKED + b"8000000000000000\r\n",
            CHUNKED + b"FFFFFFFFFFFFFF00\r\n",
        ):
            with self.subTest(begin=begin):
                found = self.ask(sending(begin))
                self.assert_status(found, RESOURCE_EXHAUSTED, "UPSTREAM_TOO_LARGE", operation="ModelsSnapshot")
        self.assert_goes_on()

    def test_a_head_over_its_limit_is_too_large(self):
        heads = {
            "one header of 1 MB": b"X: " + b"y" * 1_000_000 + b"\r\n",
            "100,000 headers": b"X: y\r\n" * 100_000,
            "one name of 1 MB": b"X" * 1_000_000 + b": y\r\n",
        }
        for name, lines in heads.items():
            with self.subTest(name):
                found = self.ask(sending(b"HTTP/1.1 200 OK\r\n" + lines + b"Content-Length: 2\r\n\r\n{}"))
                self.assert_status(found, RESOURCE_EXHAUSTED, "UPSTREAM_TOO_LARGE", operation="ModelsSnapshot")
        self.assert_goes_on()

    def test_interim_answers_without_end_do_not_go_on_for_ever(self):
        def script(exchange):
            while True:
                exchange.send(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)

        found = self.ask(script)
        self.assert_status(found, RESOURCE_EXHAUSTED, "UPSTREAM_TOO_LARGE", operation="ModelsSnapshot")

    def test_trailers_without_end_are_refused(self):
        def script(exchange):
            exchange.send(CHUNKED + b"0\r\n")
            while True:
                exchange.send(b"X: y\r\n" * 1000)

        self.assertIn(self.ask(script).reason, ("UPSTREAM_TOO_LARGE", "UPSTREAM_BAD_HTTP"))
        self.assert_goes_on()

    def test_a_body_without_end_is_too_large(self):
        def script(exchange):
            exchange.send(b"HTTP/1.1 200 OK\r\n\r\n" + b'{"x":"')
            while True:
                exchange.send(b"x" * (1 << 20))

        found = self.ask(script)
        self.assert_status(found, RESOURCE_EXHAUSTED, "UPSTREAM_TOO_LARGE", operation="ModelsSnapshot")
        self.assert_goes_on()


@over_both_wires
class BadBodyTests(ResponseTest):
    def assert_bad_json(self, found):
        self.assert_status(found, INTERNAL, "UPSTREAM_BAD_JSON", operation="ModelsSnapshot", http_status=200)

    def test_bodies_that_are_no_answer_are_bad_json(self):
        for body in (b"<html><body>Hello</body></html>", BODY[:-3], b"[]", b"", gzip.compress(BODY), b"\xff\xfe{}"):
            with self.subTest(body=body):
                self.assert_bad_json(self.ask(answering(body)))
        self.assert_goes_on()
        self.assertEqual(len(self.scripted.connections), 1)

    def test_a_content_length_that_is_too_short_cuts_the_text_and_ends_the_connection(self):
        data = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (len(BODY) - 5)
        self.assert_bad_json(self.ask(sending(data + BODY)))
        self.assert_goes_on()
        self.assertEqual(len(self.scripted.connections), 2)

    def test_an_empty_answer_that_ends_with_its_connection_is_bad_json(self):
        self.assert_bad_json(self.ask(sending_and_closing(b"HTTP/1.1 200 OK\r\n\r\n")))


class EarlyAnswerTests(ResponseTest):
    def test_an_answer_before_the_whole_request_was_read_is_the_answer(self):
        def answer_the_head_and_read_the_body_later(connection):
            if connection.index == 0:
                head = connection.read_head()
                connection.send(response(b"too much", 413))
                released.wait(PATIENCE)
                connection.read_body(head)

        released = threading.Event()
        self.addCleanup(released.set)
        upstream = self.upstream(answering(BODY), on_accept=answer_the_head_and_read_the_body_later)
        client = self.client(self.gateway(upstream))
        found = client.call("ModelsCreateNewModel", field(1, field(11, b"d" * 4_000_000)))
        self.assert_http_status(found, RESOURCE_EXHAUSTED, 413, "ModelsCreateNewModel")
        released.set()
        self.assert_models(client.call("ModelsSnapshot"))

    def test_an_answer_to_no_question_is_harmless(self):
        def answer_at_once(connection):
            if connection.index == 0:
                connection.send(response(b'{"iterable":[{"id":"spoofed"}]}'))

        upstream = self.upstream(answering(BODY), on_accept=answer_at_once)
        client = self.client(self.gateway(upstream))
        client.call("UnloadModels")
        self.assert_models(client.call("ModelsSnapshot"))
