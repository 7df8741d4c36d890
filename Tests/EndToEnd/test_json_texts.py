"""Section 2: which texts are an answer, and which are none."""

from test_json_to_protobuf import TranscodingTest

from support.envelope import INTERNAL
from support.messages import Models

NO_JSON = [
    b"",
    b" ",
    b"{",
    b"}",
    b'{"iterable":[}',
    b'{"iterable":[]',
    b'{"iterable":[],}',
    b'{"iterable":[{},]}',
    b'{"iterable":[,{}]}',
    b'{"iterable":[{}{}]}',
    b'{"iterable" []}',
    b'{"iterable"::[]}',
    b"{iterable:[]}",
    b"{'iterable':[]}",
    b'{"iterable":[]}}',
    b'{"iterable":[]}{}',
    b'{"iterable":[]} x',
    b'{"iterable":[]}\0',
    b'\0{"iterable":[]}',
    b'{"iterable":[]}//',
    b'/**/{"iterable":[]}',
    b"{,}",
    b'{"a"}',
    b'{"a":}',
    b"{1:2}",
    b'{"a":1 "b":2}',
    b"<html>",
    b'{"a":\xff}',
]

NO_VALUES = [
    b"01",
    b"-",
    b"+1",
    b".5",
    b"1.",
    b"1.e5",
    b"1e",
    b"1e+",
    b"0x10",
    b"1_000",
    b"--1",
    b"1 2",
    b"NaN",
    b"Infinity",
    b"-Infinity",
    b"tru",
    b"True",
    b"truee",
    b"nul",
    b"nulll",
    b"undefined",
    b"[1,,2]",
    b"[1,]",
    b"[,1]",
    b"[1 2]",
    b"[}",
    b"[1}",
    b'{"a":1,}',
    b'{"a":1]',
    b'{"a" 1}',
    b"{a:1}",
    b"{1:1}",
    b'{"a":1,"b"}',
    b"'a'",
    b'"a',
    b'"\n"',
    b'"\t"',
    b'"\0"',
    b'"\x1f"',
    b'"\\x"',
    b'"\\u12"',
    b'"\\u12g4"',
    b'"\\ud83d\\u12"',
    b'"\\U0041"',
    b'"\xff"',
    b'"\xc3"',
    b'"\xc0\xaf"',
    b'"\xed\xa0\x80"',
    b'"\xf4\x90\x80\x80"',
    b'"\xf5\x80\x80\x80"',
]

PLACES = {
    "an unknown member": b'{"iterable":[],"x":%s}',
    "deep in an unknown member": b'{"x":[{"y":[null,%s]}]}',
    "a typed member": b'{"iterable":[{"name":%s}]}',
    "a typed number": b'{"iterable":[{"parameters":%s}]}',
    "a settled enum": b'{"iterable":[{"type":%s}]}',
    "a time": b'{"iterable":[{"created":{"value":%s}}]}',
    "the place of a message": b'{"iterable":[{"bytes":%s}]}',
    "an element": b'{"iterable":[{},%s]}',
    "a member that a later one replaces": b'{"x":%s,"x":1}',
    "a typed member that a later one replaces": b'{"score":%s,"score":{}}',
    "a text with a wide number": b'{"iterable":[{"parameters":1e400,"x":%s}]}',
    "a text with a wide integer": b'{"iterable":[{"name":%s}],"y":' + b"9" * 30 + b"}",
    "a text with a lone surrogate": b'{"y":"\\ud800","iterable":[{"z":{"w":%s}}]}',
    "a deep text": b'{"y":' + b"[" * 1500 + b"]" * 1500 + b',"x":[%s]}',
}


class JSONTextTests(TranscodingTest):
    def assert_no_answer(self, document: bytes):
        response = self.ask(document)
        self.assert_status(response, INTERNAL, "UPSTREAM_BAD_JSON", operation="ModelsSnapshot", http_status=200)

    def test_a_text_that_is_no_json_is_no_answer(self):
        for document in NO_JSON:
            with self.subTest(document=document):
                self.assert_no_answer(document)
        self.models('{"iterable":[]}')

    def test_a_value_that_is_no_json_spoils_the_answer_wherever_it_is(self):
        for place, document in PLACES.items():
            for value in NO_VALUES:
                with self.subTest(place, value=value):
                    self.assert_no_answer(document % value)

    def test_a_name_that_is_no_json_spoils_the_answer(self):
        for name in (b'"\\x"', b'"\n"', b'"\xff"', b'"\\ud8', b"'a'", b"a", b'"\\u00"'):
            for document in (b"{%s:1}", b'{"iterable":[{%s:1}]}', b'{"x":{%s:1}}', b'{"y":1e400,"x":{%s:1}}'):
                with self.subTest(document=document % name):
                    self.assert_no_answer(document % name)

    def test_a_top_value_that_is_no_object_is_no_answer(self):
        for document in (b"[]", b"[{}]", b'"ok"', b"1", b"null", b"true", b"1e400", b'"\\ud800"', b"9" * 40):
            with self.subTest(document=document):
                self.assert_no_answer(document)

    def test_the_same_holds_for_the_other_answers(self):
        for method in ("ModelsCreateNewModel", "ModelsDeleteSpecificModelCache"):
            for self.document in (b"[]", b"{", b"<html>", b""):
                with self.subTest(method=method, document=self.document):
                    response = self.connected.call(method, b"\x0a\x01a" if "Delete" in method else b"")
                    self.assert_status(response, INTERNAL, "UPSTREAM_BAD_JSON", operation=method, http_status=200)

    def test_white_space_around_everything_is_fine(self):
        document = ' \n\t\r{ \n"iterable" \t:\r [ { "id" : "a" } , { } ] \n, "x" : [ 1 , { "y" : 2 } ] } \n '
        self.assertEqual(len(self.models(document).iterable), 2)

    def test_a_byte_order_mark_is_skipped(self):
        mark = b"\xef\xbb\xbf"
        self.assertEqual(self.models(mark + b'{"iterable":[{"id":"a"}]}').iterable[0].id, "a")
        self.assertEqual(self.model_count(mark + b'{"iterable":[{"parameters":1e400}]}'), 1)
        for document in (mark, mark + mark + b"{}", mark[:2] + b"{}", b"\xff\xfe{\0}\0", b" " + mark + b"{}"):
            with self.subTest(document=document):
                self.assert_no_answer(document)

    def model_count(self, document: bytes) -> int:
        return len(self.models(document).iterable)

    def test_deep_nesting_gets_through(self):
        for levels in (100, 1_023, 1_024, 1_025, 2_000, 100_000):
            for opening, closing in (("[", "]"), ('{"a":', "}")):
                with self.subTest(levels=levels, opening=opening):
                    deep = opening * levels + ("1" if opening != "[" else "") + closing * levels
                    models = self.models('{"x":%s,"iterable":[{"id":"a","y":%s}]}' % (deep, deep))
                    self.assertEqual(models.additional_properties, '{"x":%s}' % deep)
                    self.assertEqual(models.iterable[0].id, "a")
                    self.assertEqual(models.iterable[0].additional_properties, '{"y":%s}' % deep)

    def test_deep_nesting_in_the_place_of_a_message_gets_through(self):
        deep = "[" * 100_000 + "]" * 100_000
        models = self.models('{"score":%s,"iterable":%s}' % (deep, deep))
        self.assertEqual(models.additional_properties, '{"score":%s,"iterable":%s}' % (deep, deep))

    def test_deep_nesting_that_never_ends_is_no_answer(self):
        for document in (
            b"[" * 100_000,
            b'{"x":' + b"[" * 100_000,
            b'{"x":' * 100_000,
            b'{"x":' + b"[{" * 50_000 + b"}",
        ):
            self.assert_no_answer(document)

    def test_deep_nesting_costs_no_more_than_its_length(self):
        deep = b"[" * 1_000_000 + b"]" * 1_000_000
        self.assertEqual(len(self.models(b'{"x":%s}' % deep).additional_properties), 2_000_006)

    def test_long_strings_names_and_numbers_get_through(self):
        text, digits = "é" * 500_000, "7" * 100_000
        models = self.models('{"iterable":[{"name":"%s","%s":1,"parameters":%s}]}' % (text, text, digits))
        self.assertEqual(models.iterable[0].name, text)
        self.assertIn(digits, models.iterable[0].additional_properties)
        self.assertIn(text, models.iterable[0].additional_properties)

    def test_many_members_get_through(self):
        document = "{%s}" % ",".join('"x%d":%d' % (n, n) for n in range(20_000))
        self.assertEqual(self.models(document).additional_properties.count(":"), 20_000)

    def test_the_daemon_goes_on_after_each(self):
        self.assert_no_answer(b"[" * 100_000)
        self.assertEqual(self.models('{"iterable":[{"id":"a"}]}').iterable, Models(iterable=[{"id": "a"}]).iterable)
