"""Section 2: StreamModelsSnapshot, whose messages laid end to end are the unary answer."""

import threading

from support import oracle, wire
from support.case import EndToEndTest
from support.documents import Documents
from support.envelope import DEADLINE_EXCEEDED, INTERNAL, RESOURCE_EXHAUSTED, UNAVAILABLE
from support.messages import Models
from support.upstream import Held, answering, sending_and_closing
from support.wires import over_both_wires, ttrpc_only

OPERATION = "StreamModelsSnapshot"
SCHEMA = '"schema":{"migration":3},"score":{"manual":1,"x":2},"extra":[1e400]'
MODEL = '{"id":"%d","description":"' + "d" * 100_000 + '"}'
LARGE = ",".join(MODEL % n for n in range(100))


class StreamingTest(EndToEndTest):
    def setUp(self):
        self.script = answering("{}")
        self.connected, _ = self.start(lambda exchange: self.script(exchange))

    def stream(self, document: str | bytes):
        self.script = answering(document)
        return self.connected.stream()

    def models(self, document: str | bytes) -> tuple[list[bytes], Models]:
        messages, error = self.stream(document)
        self.assertIsNone(error)
        return messages, Models.FromString(b"".join(messages))

    def assert_bad_json(self, error):
        self.assert_status(error, INTERNAL, "UPSTREAM_BAD_JSON", operation=OPERATION, http_status=200)
        self.assertEqual(self.connected.other_frames(), [])

    def assert_begins(self, messages: list[bytes], count: int):
        """What was sent before the error is the beginning of the list, and nothing but that."""
        models = Models.FromString(b"".join(messages))
        self.assertEqual([model.id for model in models.iterable], [str(n) for n in range(len(models.iterable))])
        self.assertLessEqual(len(models.iterable), count)
        self.assertEqual({field.name for field, _ in models.ListFields()} - {"iterable"}, set())


@over_both_wires
class StreamTests(StreamingTest):
    def test_the_messages_together_are_the_unary_answer(self):
        documents = Documents(5)
        for _ in range(200):
            document = documents.document("Models")
            if document.count("iterable") > 1 or "iterable" in str(
                oracle.meaning(document, "Models").get(oracle.EXTRAS)
            ):
                continue
            with self.subTest(document=document):
                self.assertEqual(oracle.contents(self.models(document)[1]), oracle.meaning(document, "Models"))

    def test_an_answer_that_is_empty_is_a_message_of_length_0(self):
        for document in ("{}", '{"iterable":[]}'):
            self.assertEqual(self.stream(document), ([b""], None))

    def test_an_empty_list_is_a_whole_answer(self):
        for document in ("{}", '{"iterable":[]}', '{"iterable":[],%s}' % SCHEMA, '{%s,"iterable":[]}' % SCHEMA):
            with self.subTest(document=document):
                self.assertEqual(oracle.contents(self.models(document)[1]), oracle.meaning(document, "Models"))

    def test_a_list_that_is_none_goes_as_text(self):
        for iterable in ("null", "1", '{"a":[]}', '"[]"'):
            with self.subTest(iterable=iterable):
                document = '{"iterable":%s,"x":1}' % iterable
                self.assertEqual(oracle.contents(self.models(document)[1]), oracle.meaning(document, "Models"))

    def test_the_members_of_the_top_come_together_in_the_last_message(self):
        for document in ('{%s,"iterable":[%s]}', '{"iterable":[%s],%s}'):
            document = document % ((SCHEMA, LARGE) if document.startswith("{%s") else (LARGE, SCHEMA))
            messages, models = self.models(document)
            self.assertGreater(len(messages), 2)
            for message in messages[:-1]:
                present = {field.name for field, _ in Models.FromString(message).ListFields()}
                self.assertEqual(present, {"iterable"})
            last = Models.FromString(messages[-1])
            self.assertEqual(last.schema.migration, 3)
            self.assertEqual(last.score.manual, 1)
            self.assertEqual(last.additional_properties, '{"extra":[1e400]}')
            self.assertEqual([model.id for model in models.iterable], [str(n) for n in range(100)])

    def test_of_duplicates_at_the_top_the_last_wins(self):
        document = '{"schema":{"migration":1},"x":1,"iterable":[{"id":"a"}],"schema":{"semantic":"UNKNOWN"},"x":2}'
        self.assertEqual(oracle.contents(self.models(document)[1]), oracle.meaning(document, "Models"))

    def test_messages_are_few_and_large_behind_an_early_first_one(self):
        models = ",".join('{"id":"%d","description":"%s"}' % (n, "d" * 350) for n in range(20_000))
        messages, _ = self.models('{"iterable":[%s]}' % models)
        first, *later, _ = map(len, messages)
        self.assertTrue(64 << 10 <= first < 65 << 10, first)
        self.assertEqual([size for size in later if not 256 << 10 <= size < 257 << 10], [])
        self.assertLess(len(messages), 32)

    def test_the_first_message_does_not_wait_for_what_a_later_one_has(self):
        head = '{"iterable":[%s' % ",".join('{"id":"%d"}' % n for n in range(10_000))
        arrived = threading.Event()

        def script(exchange):
            exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (len(head) + 2) + head.encode())
            self.assertTrue(arrived.wait(20))
            exchange.send(b"]}")

        self.script = script
        stream_id = self.connected.request(OPERATION)
        first = self.connected.next_message(stream_id)
        arrived.set()
        self.assertTrue(64 << 10 <= len(first) < 65 << 10, len(first))
        self.assertIsNone(self.connected.stream_answer(stream_id)[1])

    def test_an_answer_too_large_for_one_frame_can_be_streamed(self):
        document = '{"iterable":[%s]}' % LARGE
        self.script = answering(document)
        response = self.connected.call("ModelsSnapshot")
        self.assert_status(response, RESOURCE_EXHAUSTED, "ANSWER_TOO_LARGE", operation="ModelsSnapshot")
        self.assertIn("StreamModelsSnapshot", response.message)
        messages, models = self.models(document)
        self.assertEqual(len(models.iterable), 100)
        self.assertLessEqual(max(map(len, messages)), wire.MAX_DATA)

    def test_an_upstream_error_is_a_response_frame(self):
        self.script = answering("down for maintenance", status=503)
        messages, error = self.connected.stream()
        self.assertEqual(messages, [])
        self.assert_status(error, UNAVAILABLE, "UPSTREAM_HTTP_STATUS", operation=OPERATION, http_status=503)
        self.assertEqual(self.connected.other_frames(), [])

    def test_streams_and_calls_share_a_connection(self):
        self.script = answering('{"iterable":[%s]}' % LARGE)
        ids = [self.connected.request(OPERATION) for _ in range(3)]
        unload = self.connected.request("UnloadModels")
        for stream_id in reversed(ids):
            messages, error = self.connected.stream_answer(stream_id)
            self.assertIsNone(error)
            self.assertEqual(len(Models.FromString(b"".join(messages)).iterable), 100)
        self.assert_ok(self.connected.response(unload))

    @ttrpc_only
    def test_a_cancelled_stream_ends_with_one_answer(self):
        self.script = held = Held(answering('{"iterable":[%s]}' % LARGE))
        stream_id = self.connected.request(OPERATION)
        held.release()
        self.assert_ok(self.connected.cancel(stream_id))
        _, error = self.connected.stream_answer(stream_id)
        if error is not None:
            self.assertEqual(error.reason, "CANCELLED")
        self.assertEqual(self.connected.other_frames(), [])


@over_both_wires
class SpoiltStreamTests(StreamingTest):
    def test_a_misfit_after_models_were_sent_ends_the_stream(self):
        for misfit in ("1", "null", "[]", '"x"', "1e400"):
            with self.subTest(misfit=misfit):
                messages, error = self.stream('{"iterable":[%s,%s]}' % (LARGE, misfit))
                self.assert_bad_json(error)
                self.assert_begins(messages, 100)

    def test_a_second_iterable_after_models_were_sent_ends_the_stream(self):
        for second in ("[]", '[{"id":"x"}]', "null", "1"):
            with self.subTest(second=second):
                messages, error = self.stream('{"iterable":[%s],"x":1,"iter\\u0061ble":%s}' % (LARGE, second))
                self.assert_bad_json(error)
                self.assert_begins(messages, 100)

    def test_text_that_ends_early_ends_the_stream(self):
        whole = '{"iterable":[%s],%s}' % (LARGE, SCHEMA)
        for length in (len(whole) - 1, len(whole) - 20, len(LARGE) + 13, len(LARGE) // 2, len(LARGE) - 200_000, 1):
            with self.subTest(length=length):
                messages, error = self.stream(whole[:length])
                self.assert_bad_json(error)
                self.assert_begins(messages, 100)

    def test_text_that_goes_wrong_late_ends_the_stream(self):
        for end in ('],"x":01}', "]]", "],}", "]}}", "]} x", '],"x":"\\x"}', '],"x":[1,]}'):
            with self.subTest(end=end):
                messages, error = self.stream('{"iterable":[%s%s' % (LARGE, end))
                self.assert_bad_json(error)
                self.assert_begins(messages, 100)

    def test_a_connection_that_is_lost_in_the_middle_ends_the_stream(self):
        body = '{"iterable":[%s' % LARGE
        head = "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (len(body) + 1000)
        self.script = sending_and_closing((head + body).encode())
        messages, error = self.connected.stream()
        self.assert_status(error, UNAVAILABLE, "UPSTREAM_CONNECTION_LOST", operation=OPERATION, request_sent=True)
        self.assert_begins(messages, 100)
        self.assertEqual(self.connected.other_frames(), [])

    def test_a_deadline_in_the_middle_ends_the_stream(self):
        body = '{"iterable":[%s' % LARGE

        def script(exchange):
            exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (len(body) + 1) + body.encode())
            exchange.connection.wait_until_closed()

        self.script = script
        messages, error = self.connected.stream(timeout_nano=3_000_000_000)
        self.assert_status(error, DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED", operation=OPERATION, request_sent=True)
        self.assert_begins(messages, 100)
        self.assertNotEqual(messages, [])
        self.assertEqual(self.connected.other_frames(), [])

    def test_what_is_wrong_before_models_were_sent_is_text_or_an_error(self):
        for document in ('{"iterable":[1]}', '{"iterable":[{"id":"0"},1]}', '{"iterable":[{"id":"0"}],"iterable":[]}'):
            with self.subTest(document=document):
                messages, error = self.stream(document)
                if error is None:
                    found = oracle.contents(Models.FromString(b"".join(messages)))
                    self.assertEqual(found, oracle.meaning(document, "Models"))
                else:
                    self.assert_bad_json(error)
                    self.assert_begins(messages, 1)

    def test_the_connection_is_usable_after_each(self):
        for document in ("[]", "{", '{"iterable":[%s,1]}' % LARGE):
            self.assertIsNotNone(self.stream(document)[1])
            self.assertEqual(len(self.models('{"iterable":[{}]}')[1].iterable), 1)


@over_both_wires
class AnswerSizeTests(StreamingTest):
    def document(self, length: int) -> str:
        """One model whose Models message has exactly that length."""
        around = 2 * (1 + 4)
        document = '{"iterable":[{"description":"%s"}]}' % ("d" * (length - around))
        self.assertEqual(Models(iterable=[{"description": "d" * (length - around)}]).ByteSize(), length)
        return document

    def test_a_unary_answer_may_fill_a_frame_and_no_more(self):
        field = 1 + 4
        self.script = answering(self.document(wire.MAX_DATA - field))
        self.assert_ok(self.connected.call("ModelsSnapshot"))
        self.script = answering(self.document(wire.MAX_DATA - field + 1))
        self.assert_status(self.connected.call("ModelsSnapshot"), RESOURCE_EXHAUSTED, "ANSWER_TOO_LARGE")

    def test_one_model_of_a_stream_may_fill_a_frame_and_no_more(self):
        self.assertEqual(len(self.models(self.document(wire.MAX_DATA))[1].iterable), 1)
        messages, error = self.stream(self.document(wire.MAX_DATA + 1))
        self.assert_status(error, RESOURCE_EXHAUSTED, "ANSWER_TOO_LARGE", operation=OPERATION)
        self.assert_begins(messages, 0)

    def test_one_model_too_large_ends_a_stream_that_has_begun(self):
        huge = '{"description":"%s"}' % ("d" * wire.MAX_DATA)
        messages, error = self.stream('{"iterable":[%s,%s,{"id":"last"}]}' % (LARGE, huge))
        self.assert_status(error, RESOURCE_EXHAUSTED, "ANSWER_TOO_LARGE", operation=OPERATION)
        self.assert_begins(messages, 100)
        self.assertEqual(self.connected.other_frames(), [])

    def test_extras_too_large_for_a_frame_end_a_stream(self):
        messages, error = self.stream('{"iterable":[{"id":"0"}],"x":"%s"}' % ("x" * wire.MAX_DATA))
        self.assertIsNotNone(error)
        self.assertIn(error.reason, ("ANSWER_TOO_LARGE", "UPSTREAM_TOO_LARGE"))
        self.assert_status(error, RESOURCE_EXHAUSTED, error.reason, operation=OPERATION)
        self.assert_begins(messages, 1)

    def test_other_unary_answers_have_the_same_limit(self):
        self.script = answering('{"description":"%s"}' % ("d" * wire.MAX_DATA))
        response = self.connected.call("ModelsCreateNewModel")
        self.assert_status(response, RESOURCE_EXHAUSTED, "ANSWER_TOO_LARGE", operation="ModelsCreateNewModel")
