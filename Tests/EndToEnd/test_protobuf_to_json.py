"""Section 2: what a client sends, as the JSON that Pieces OS receives."""

import json
import struct

from support import oracle
from support.case import EndToEndTest
from support.messages import ModelsCreateNewModelRequest, SeededModel
from support.upstream import answering
from support.wire import field, varint
from support.wires import over_both_wires

BAD_STRINGS = {"not UTF-8": b"a\xff", "a surrogate": b"\xed\xa0\x80", "overlong": b"\xc0\xaf", "NUL": b"a\0b"}
DEEP = '{"x":%s}' % ("[" * 100_000 + "]" * 100_000)


class CreateTest(EndToEndTest):
    """A test that looks at what the upstream receives for a model to be created."""

    def setUp(self):
        self.connected, self.scripted = self.start(answering("{}"))

    def create(self, model: SeededModel | bytes):
        payload = model if isinstance(model, bytes) else model.SerializeToString()
        return self.connected.call("ModelsCreateNewModel", field(1, payload))

    def sent(self, model: SeededModel | bytes) -> str:
        count = len(self.scripted.requests)
        self.assert_ok(self.create(model))
        self.assertEqual(len(self.scripted.requests), count + 1)
        return self.scripted.requests[-1].body.decode()

    def sent_object(self, model: SeededModel | bytes) -> dict:
        """The JSON that was sent, which must not have a member twice."""

        def unique(members):
            self.assertEqual(len(members), len(dict(members)), members)
            return dict(members)

        return json.loads(self.sent(model), object_pairs_hook=unique)

    def assert_refused(self, model: SeededModel | bytes, *words: str):
        count = len(self.scripted.requests)
        self.assert_bad_request(self.create(model), *words)
        self.assertEqual(len(self.scripted.requests), count)


class TypedFieldTests(CreateTest):
    def test_every_field_becomes_its_member(self):
        schema = {"migration": 2**63 - 1, "semantic": 1}
        model = SeededModel(
            name="n", version="v", type=2, usage=22, cloud=False, foundation="GPT_4", provider="OPENAI", unique="u",
            description="d", downloaded=True, custom=False, quantization="q", parameters=7.5, cpu=True, denied=False,
            created={"readable": "now", "value": {"seconds": 1, "nanos": 500_000_000}, "schema": schema},
            max_tokens={"total": 4096, "input": 0.5, "output": 1e300, "schema": schema},
            bytes={"readable": "1 B", "value": -(2**63), "schema": schema},
            ram={"readable": "", "value": 0},
            capabilities={"assets": True, "codebases": False, "schema": schema},
            organization={"id": "o", "schema": schema},
            schema=schema,
        )  # fmt: skip
        self.assertEqual(oracle.meaning(self.sent(model), "SeededModel"), oracle.contents(model))

    def test_unset_fields_are_left_out(self):
        self.assertEqual(self.sent_object(SeededModel()), {})
        self.assertEqual(self.sent_object(SeededModel(name="a")), {"name": "a"})

    def test_default_values_are_written(self):
        model = SeededModel(name="", cloud=False, parameters=0, type=0, bytes={"value": 0}, schema={})
        expected = {"name": "", "cloud": False, "parameters": 0, "type": "UNKNOWN", "bytes": {"value": 0}, "schema": {}}
        self.assertEqual(self.sent_object(model), expected)

    def test_an_unset_total_is_written_as_null(self):
        self.assertEqual(self.sent_object(SeededModel(max_tokens={})), {"maxTokens": {"total": None}})
        self.assertEqual(
            self.sent_object(SeededModel(max_tokens={"input": 1}))["maxTokens"], {"total": None, "input": 1}
        )

    def test_a_total_in_the_extras_is_not_written_twice(self):
        for total in ("9007199254740993", "null", "1e400", '"many"'):
            with self.subTest(total=total):
                text = self.sent(SeededModel(max_tokens={"additional_properties": '{"total":%s}' % total}))
                self.assertEqual(text.count("total"), 1)
                self.assertEqual(
                    oracle.plain(oracle.parse(text)["maxTokens"]["total"]), oracle.plain(oracle.parse(total))
                )

    def test_a_nullable_member_that_is_not_required_is_left_out(self):
        self.assertNotIn("parameters", self.sent_object(SeededModel(name="a")))

    def test_numbers_arrive_exactly(self):
        for value in (2**63 - 1, -(2**63), 2**53 + 1, 0, -1):
            self.assertEqual(self.sent_object(SeededModel(bytes={"value": value}))["bytes"]["value"], value)
        for value in (0.1, -0.5, 1e300, 5e-324, 1.7976931348623157e308, 2.0**70, 123456789.123456789, 1e21, 1e-7, -0.0):
            with self.subTest(value=value):
                self.assertEqual(
                    struct.pack("d", self.sent_object(SeededModel(parameters=value))["parameters"]),
                    struct.pack("d", value),
                )

    def test_times_arrive_as_the_same_instants(self):
        for instant in ((0, 0), (-62135596800, 0), (253402300799, 999_999_999), (-1, 1), (1709210096, 123_000_000)):
            with self.subTest(instant=instant):
                value = {"seconds": instant[0], "nanos": instant[1]}
                text = self.sent(SeededModel(created={"value": value}))
                self.assertEqual(oracle.meaning(text, "SeededModel")["created"], {"value": instant})

    def test_strings_arrive_exactly(self):
        for text in ('"\\/\b\f\n\r\t\x01\x1f\x7f', "é日本🙂", "\u2028\ufeff\uffff\U0010ffff", "</script>", ""):
            with self.subTest(text=text):
                self.assertEqual(self.sent_object(SeededModel(name=text)), {"name": text})

    def test_the_last_of_a_repeated_field_counts_and_messages_are_merged(self):
        repeated = field(2, "a") + field(2, "b") + field(16, field(2, 1)) + field(16, field(1, "one"))
        self.assertEqual(self.sent_object(repeated), {"name": "b", "bytes": {"value": 1, "readable": "one"}})

    def test_a_repeated_time_is_merged_like_any_message(self):
        first, second = field(2, field(1, 5)), field(2, field(2, 7_000_000))
        for repeated in (field(7, first + second), field(7, first) + field(7, second)):
            text = self.sent(repeated)
            self.assertEqual(oracle.meaning(text, "SeededModel"), {"created": {"value": (5, 7_000_000)}})

    def test_unknown_fields_are_no_fault(self):
        self.assertEqual(self.sent_object(field(2, "a") + field(77, "from a newer client")), {"name": "a"})

    def test_a_large_model_arrives_whole(self):
        text = "é\n" * 1_000_000
        self.assertEqual(self.sent_object(SeededModel(description=text)), {"description": text})


@over_both_wires
class RefusedFieldTests(CreateTest):
    def test_numbers_that_are_none_are_refused(self):
        for value in (float("nan"), float("inf"), float("-inf")):
            with self.subTest(value=value):
                self.assert_refused(SeededModel(parameters=value), "parameters")
                self.assert_refused(SeededModel(max_tokens={"total": value}), "total")

    def test_times_out_of_range_are_refused(self):
        for seconds, nanos in (
            (-62135596801, 0),
            (253402300800, 0),
            (0, -1),
            (0, 1_000_000_000),
            (2**63 - 1, 0),
            (-(2**63), 0),
        ):
            with self.subTest(seconds=seconds, nanos=nanos):
                self.assert_refused(SeededModel(created={"value": {"seconds": seconds, "nanos": nanos}}), "value")

    def test_enum_numbers_that_are_not_in_the_enum_are_refused(self):
        for number, name, value in ((4, "type", 4), (4, "type", -1), (5, "usage", 23), (5, "usage", 2**31 - 1)):
            with self.subTest(name=name, value=value):
                self.assert_refused(field(number, value), name)
        self.assert_refused(field(25, field(2, 2)), "semantic")

    def test_strings_that_json_or_c_cannot_carry_are_refused(self):
        for name, bad in BAD_STRINGS.items():
            with self.subTest(name):
                self.assert_refused(field(2, bad), "name")
                self.assert_refused(field(16, field(1, bad)), "readable")
                self.assert_refused(field(24, field(1, bad)), "id")
                self.assert_refused(field(1000, b'{"x":"' + bad + b'"}'), "additional_properties")

    def test_a_model_id_that_c_would_cut_deletes_nothing(self):
        for method in ("ModelsDeleteSpecificModel", "ModelsDeleteSpecificModelCache"):
            for name, bad in BAD_STRINGS.items():
                with self.subTest(name, method=method):
                    self.assert_bad_request(self.connected.call(method, field(1, bad)), "model")
        self.assertEqual(self.scripted.requests, [])

    def test_a_field_of_another_wire_type_does_no_harm(self):
        response = self.create(field(2, 5) + varint(19 << 3 | 5) + b"abcd")
        self.assertIn(response.code, (0, 3))

    def test_payloads_that_are_cut_off_are_refused(self):
        model = SeededModel(name="n", bytes={"readable": "r", "value": 1}, parameters=1.5).SerializeToString()
        whole = field(1, model)
        for length in range(1, len(whole)):
            with self.subTest(length=length):
                response = self.connected.call("ModelsCreateNewModel", whole[:length])
                self.assert_bad_request(response)
                self.assertRegex(response.message, "payload|field")
        self.assertEqual(self.scripted.requests, [])


class ExtrasTests(CreateTest):
    def test_members_are_written_as_they_are(self):
        for extras in (
            '{"reference":{"a":[1,null,true,"x"]}}',
            '{"wide":9223372036854775808,"wider":1e400,"small":1e-400,"digits":0.10000000000000000001}',
            '{"text":"\\u0000\\ud800\\u00e9"}',
            '{"":"","a b":[],"\\u0000":1,"\\ud800":2}',
            '{"bytes":null,"type":"NEW","created":"yesterday","parameters":null,"maxTokens":[]}',
            "{}",
            ' \n{ "a" : [ 1 , 2 ] }\t',
        ):
            with self.subTest(extras=extras):
                text = self.sent(SeededModel(name="n", additional_properties=extras))
                self.assertEqual(oracle.plain(oracle.parse(text)), {"name": "n"} | oracle.plain(oracle.parse(extras)))

    def test_numbers_and_escapes_are_not_touched(self):
        extras = '{"wide":9223372036854775808,"decimal":1.10,"exponent":1E+0400,"text":"\\u00E9\\/\\ud800"}'
        text = self.sent(SeededModel(additional_properties=extras))
        for token in ("9223372036854775808", "1.10", "1E+0400", '"\\u00E9\\/\\ud800"'):
            self.assertIn(token, text)

    def test_extras_of_every_message_stay_with_it(self):
        extras = '{"x":{"y":[1e400]}}'
        model = SeededModel(
            bytes={"additional_properties": extras},
            created={"schema": {"additional_properties": extras}},
            capabilities={"additional_properties": extras},
        )
        self.assertEqual(oracle.meaning(self.sent(model), "SeededModel"), oracle.contents(model))

    def test_a_typed_field_wins_over_a_member_of_the_same_name(self):
        for name in ("name", "n\\u0061me", "\\u006E\\u0061\\u006D\\u0065"):
            for extras in ('{"%s":"wrong"}', '{"a":1,"%s":null}', '{"%s":{"x":[1]},"a":1}', '{"a":1,"%s":2,"b":3}'):
                with self.subTest(name=name, extras=extras):
                    sent = self.sent_object(SeededModel(name="right", additional_properties=extras % name))
                    self.assertEqual(sent.pop("name"), "right")
                    self.assertLessEqual(set(sent), {"a", "b"})

    def test_a_typed_message_wins_whole(self):
        model = SeededModel(max_tokens={"total": 1}, additional_properties='{"maxTokens":{"input":2},"max_tokens":3}')
        self.assertEqual(self.sent_object(model), {"maxTokens": {"total": 1}, "max_tokens": 3})

    def test_a_member_whose_field_is_unset_is_written(self):
        self.assertEqual(self.sent_object(SeededModel(additional_properties='{"name":"n"}')), {"name": "n"})

    def test_deep_extras_are_written(self):
        self.assertEqual(self.sent(SeededModel(additional_properties=DEEP)), DEEP)

    def test_extras_that_are_no_json_object_are_refused_and_the_field_is_named(self):
        for extras in (
            "", " ", "[]", "1", "null", '"x"', "{", "}", "{}{}", "{} x", '{"a"}', '{"a":}', '{"a":1,}', "{a:1}",
            '{"a":01}', '{"a":NaN}', '{"a":"\n"}', '{"a":"\\x"}', "{'a':1}", '{"a":1}}', '{"a":[}', '{"a":tru}',
            '{"a":1e400,"b":01}',
            '{"x":' + "[" * 100_000, "[" * 100_000,
        ):  # fmt: skip
            with self.subTest(extras=extras[:20]):
                self.assert_refused(SeededModel(additional_properties=extras), "additional_properties")
                self.assert_refused(SeededModel(bytes={"additional_properties": extras}), "additional_properties")

    def test_nothing_can_be_smuggled_in_by_extras(self):
        for extras in ('{"a":1},"name":"x"', '{"a":1}\r\n\r\nPOST /models/unload', '{"a":"b"},{"c":1}'):
            self.assert_refused(SeededModel(additional_properties=extras), "additional_properties")


class OptionalBodyTests(CreateTest):
    def test_create_without_a_model_is_sent_without_a_body(self):
        self.assert_ok(self.connected.call("ModelsCreateNewModel", ModelsCreateNewModelRequest()))
        request = self.scripted.requests[0]
        self.assertEqual((request.method, request.target, request.body), ("POST", "/models/create", b""))
        self.assertEqual(request.header("Content-Length"), "0")
        self.assertIsNone(request.header("Content-Type"))

    def test_create_with_an_empty_model_is_sent_with_an_empty_object(self):
        self.assertEqual(self.sent(b""), "{}")

    def test_a_cache_deletion_has_a_body_only_with_its_input(self):
        for payload, body in (
            (field(1, "a"), b""),
            (field(1, "a") + field(2, b""), b"{}"),
            (field(1, "a") + field(2, field(1, field(1, 3))), b'{"schema":{"migration":3}}'),
            (field(1, "a") + field(2, field(1000, '{"x":1}')), b'{"x":1}'),
        ):
            with self.subTest(body=body):
                self.assert_ok(self.connected.call("ModelsDeleteSpecificModelCache", payload))
                request = self.scripted.requests[-1]
                self.assertEqual((request.target, request.body), ("/models/a/delete/cache", body))
                self.assertEqual(request.header("Content-Length"), str(len(body)))
                self.assertEqual(request.header("Content-Type"), "application/json" if body else None)
