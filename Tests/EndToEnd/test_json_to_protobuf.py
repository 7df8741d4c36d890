"""Section 2: what Pieces OS says, as protobuf."""

import json

from support import oracle
from support.case import EndToEndTest
from support.messages import Model, ModelDeleteCacheOutput, Models

NINES = "9" * 25


class TranscodingTest(EndToEndTest):
    """A test that asks for documents of its own."""

    def setUp(self):
        self.document = b"{}"
        self.scripted = self.upstream(lambda exchange: exchange.answer(self.document))
        self.connected = self.client(self.gateway(self.scripted))

    def ask(self, document: str | bytes):
        self.document = document.encode() if isinstance(document, str) else document
        return self.connected.call("ModelsSnapshot")

    def models(self, document: str | bytes) -> Models:
        return Models.FromString(self.assert_ok(self.ask(document)))

    def model(self, members: str) -> Model:
        return self.models('{"iterable":[{%s}]}' % members).iterable[0]

    def assert_carried_as_text(self, members: str, found=None):
        """The members of this model's JSON, or of a message in it, are all in `additional_properties`."""
        found = found if found is not None else self.model(members)
        self.assertEqual([field.name for field, _ in found.ListFields()], ["additional_properties"])
        expected = oracle.plain(oracle.parse("{%s}" % members))
        self.assertEqual(oracle.plain(oracle.parse(found.additional_properties)), expected)


class JSONToProtobufTests(TranscodingTest):
    def test_every_member_of_every_schema_has_its_field(self):
        schema = '"schema":{"migration":-3,"semantic":"MAJOR_0_MINOR_0_PATCH_1"}'
        size = '{"readable":"4 GB","value":4000000000,%s}' % schema
        score = '{"automatic":1,"manual":2,"priority":3,"reference":4,"reuse":5,"searched":6,"update":7,%s}' % schema
        capabilities = ",".join('"%s":true' % name for name in "assets codebases documents images".split())
        capabilities += ',"temporal":false,"videos":false,"websites":true,' + schema
        document = """{"iterable":[{"bytes":%s,"capabilities":{%s},"cloud":true,"cpu":false,
            "created":{"readable":"now","value":"2024-01-02T03:04:05.678Z",%s},"custom":true,"denied":false,
            "description":"d","downloaded":true,"downloading":false,"foundation":"GPT_4","id":"i","loaded":true,
            "maxTokens":{"total":1,"input":2.5,"output":3e2,%s},"name":"n","organization":{"id":"o",%s},
            "parameters":7.1,"provider":"OPENAI","quantization":"q","ram":%s,%s,"score":%s,"type":"SPEED",
            "unique":"u","usage":"OCR","version":"v"}],%s,"score":%s}""" % (
            size, capabilities, schema, schema, schema, size, schema, score, schema, score,
        )  # fmt: skip
        models = self.models(document)
        self.assertEqual(oracle.contents(models), oracle.meaning(document, "Models"))
        self.assertNotIn("additional_properties", str(models))
        everything = {field.name for field in Model.DESCRIPTOR.fields} - {"additional_properties"}
        self.assertEqual({field.name for field, _ in models.iterable[0].ListFields()}, everything)

    def test_every_settled_enum_value_is_carried(self):
        for name in oracle.ENUMS["ModelUsageEnum"]:
            self.assertEqual(self.model('"usage":"%s"' % name).usage, oracle.ENUMS["ModelUsageEnum"].index(name))
        for name in oracle.ENUMS["ModelTypeEnum"]:
            self.assertEqual(self.model('"type":"%s"' % name).type, oracle.ENUMS["ModelTypeEnum"].index(name))

    def test_default_values_are_present(self):
        model = self.model('"name":"","cloud":false,"parameters":0,"type":"UNKNOWN","bytes":{"value":0},"schema":{}')
        present = {field.name for field, _ in model.ListFields()}
        self.assertEqual(present, {"name", "cloud", "parameters", "type", "bytes", "schema"})
        self.assertTrue(model.bytes.HasField("value"))

    def test_unknown_members_stay_with_their_message(self):
        models = self.models('{"iterable":[{"bytes":{"x":1}},{"y":[2,{"z":null}]}],"score":{"w":"v"},"u":{}}')
        self.assertEqual(json.loads(models.iterable[0].bytes.additional_properties), {"x": 1})
        self.assertFalse(models.iterable[0].HasField("additional_properties"))
        self.assertEqual(json.loads(models.iterable[1].additional_properties), {"y": [2, {"z": None}]})
        self.assertEqual(json.loads(models.score.additional_properties), {"w": "v"})
        self.assertEqual(json.loads(models.additional_properties), {"u": {}})

    def test_extras_are_absent_when_there_is_nothing_to_carry(self):
        for document in ("{}", '{"iterable":[]}', '{"schema":{"migration":1}}'):
            self.assertFalse(self.models(document).HasField("additional_properties"))

    def test_null_is_carried_as_text(self):
        for name in ("name", "cloud", "parameters", "type", "bytes", "created", "maxTokens", "id", "organization"):
            with self.subTest(name=name):
                self.assert_carried_as_text('"%s":null' % name)
        self.assert_carried_as_text(
            '"total":null,"input":null', self.model('"maxTokens":{"total":null,"input":null}').max_tokens
        )
        self.assert_carried_as_text('"iterable":null', self.models('{"iterable":null}'))

    def test_enum_strings_that_are_not_in_the_enum_are_carried_as_text(self):
        for value in ('"NEW"', '"speed"', '""', '"MODEL_TYPE_SPEED"', "1", "[]", "true", '"SPEED\\u0000"', '" SPEED"'):
            with self.subTest(value=value):
                self.assert_carried_as_text('"type":%s' % value)

    def test_growing_vocabularies_are_strings(self):
        model = self.model('"foundation":"NOT_YET_KNOWN","provider":"SOMEBODY","quantization":"q2"')
        self.assertEqual((model.foundation, model.provider, model.quantization), ("NOT_YET_KNOWN", "SOMEBODY", "q2"))

    def test_values_of_the_wrong_type_are_carried_as_text(self):
        wrong = {
            "name": ["1", "true", "[]", "{}"],
            "cloud": ["0", "1", '"true"', "[]", "{}"],
            "parameters": ['"7"', "true", "[7]", "{}", '""', '"NaN"'],
            "bytes": ["1", '"4 GB"', "[]", "true", "[{}]"],
            "created": ['"2024-01-01T00:00:00Z"', "0", "[]"],
        }
        for name, values in wrong.items():
            for value in values:
                with self.subTest(name=name, value=value):
                    self.assert_carried_as_text('"%s":%s' % (name, value))

    def test_an_array_with_one_misfit_goes_as_text_whole(self):
        for iterable in ('[{"id":"a"},1]', "[null]", '[{"id":"a"},{"id":"b"},[]]', "[[]]", '["x"]', "{}", "0", '"x"'):
            with self.subTest(iterable=iterable):
                self.assert_carried_as_text('"iterable":' + iterable, self.models('{"iterable":%s}' % iterable))

    def test_integers_fit_in_64_bits_or_go_as_text(self):
        for text in ("9223372036854775807", "-9223372036854775808", "0", "-1"):
            self.assertEqual(self.model('"bytes":{"value":%s}' % text).bytes.value, int(text))
        for text in (
            "9223372036854775808",
            "-9223372036854775809",
            "18446744073709551616",
            NINES,
            "0.5",
            "1e400",
            '"1"',
        ):
            with self.subTest(text=text):
                member = '"value":' + text
                self.assert_carried_as_text(member, self.model('"bytes":{%s}' % member).bytes)

    def test_an_integer_written_as_a_decimal_is_not_lost(self):
        for text in ("1.0", "1e3", "-0"):
            with self.subTest(text=text):
                size = self.model('"bytes":{"value":%s}' % text).bytes
                extras = json.loads(size.additional_properties or "{}")
                self.assertEqual(extras["value"] if "value" in extras else size.value, float(text))
                self.assertNotEqual(size.HasField("value"), "value" in extras)

    def test_integers_that_a_double_carries_exactly_are_typed(self):
        for text in (
            "9007199254740992",
            "-9007199254740992",
            "9007199254740994",
            "18446744073709551616",
            "1" + "0" * 20,
        ):
            with self.subTest(text=text):
                self.assertEqual(int(self.model('"parameters":' + text).parameters), int(text))

    def test_integers_that_a_double_does_not_carry_go_as_text(self):
        for text in ("9007199254740993", "-9007199254740993", "9223372036854775807", NINES, "1" + "0" * 400):
            with self.subTest(text=text):
                self.assert_carried_as_text('"parameters":' + text)

    def test_decimals_become_the_nearest_double(self):
        for text in (
            "0.1",
            "-2.5e-3",
            "1.7976931348623157e308",
            "5e-324",
            "123456789.123456789",
            "0e-400",
            "3E+2",
            "0.0",
        ):
            with self.subTest(text=text):
                self.assertEqual(self.model('"parameters":' + text).parameters, float(text))

    def test_numbers_beyond_a_double_go_as_text(self):
        for text in (
            "1e400",
            "-1e400",
            "1.7976931348623159e308",
            "1e-400",
            "-1e-400",
            "2e-324",
            "1e99999999999",
            "0.1e-9999",
        ):
            with self.subTest(text=text):
                self.assert_carried_as_text('"parameters":' + text)

    def test_strings_with_nul_or_a_lone_surrogate_go_as_text(self):
        for text in ("a\\u0000b", "\\u0000", "\\ud800", "\\udfff", "\\ud83dx", "\\ude00\\ud83d", "\\ud83d\\u0041"):
            with self.subTest(text=text):
                self.assert_carried_as_text('"name":"%s"' % text)

    def test_strings_are_carried_exactly(self):
        for text in (
            '\\"\\\\\\/\\b\\f\\n\\r\\t',
            "\\u00e9\\u00E9é",
            "\\ud83d\\ude42🙂",
            "\\u2028\\ufeff\\uffff",
            "\x7f",
        ):
            with self.subTest(text=text):
                self.assertEqual(self.model('"name":"%s"' % text).name, json.loads('"%s"' % text))

    def test_of_duplicates_the_last_wins(self):
        self.assertEqual(oracle.contents(self.model('"name":"a","name":"b"')), {"name": "b"})
        self.assertEqual(oracle.contents(self.model('"name":null,"name":"b"')), {"name": "b"})
        self.assert_carried_as_text('"name":null', self.model('"name":"a","name":null'))
        self.assert_carried_as_text('"x":2', self.model('"x":1,"x":2'))
        self.assertEqual(oracle.contents(self.model('"bytes":{"value":1},"bytes":{}')), {"bytes": {}})
        self.assert_carried_as_text('"bytes":1', self.model('"bytes":{"value":1},"bytes":1'))
        self.assertEqual(len(self.models('{"iterable":[{},{}],"iterable":[{}]}').iterable), 1)
        self.assertEqual(oracle.contents(self.models('{"iterable":[{}],"iterable":[]}')), {})
        self.assert_carried_as_text('"iterable":[1]', self.models('{"iterable":[{}],"iterable":[1]}'))

    def test_escaped_names_are_the_same_names(self):
        self.assertEqual(self.model('"n\\u0061me":"a"').name, "a")
        self.assertEqual(self.model('"name":"a","n\\u0061me":"b"').name, "b")
        self.assertEqual(self.model('"\\u006d\\u0061xTokens":{"total":1}').max_tokens.total, 1)
        self.assert_carried_as_text('"x":2', self.model('"x":1,"\\u0078":2'))

    def test_names_are_those_of_the_json(self):
        for name in (
            "max_tokens",
            "MaxTokens",
            "Name",
            "",
            "iterable",
            "additional_properties",
            "name\\u0000",
            "\\ud800",
        ):
            with self.subTest(name=name):
                self.assert_carried_as_text('"%s":"x"' % name)

    def test_an_answer_to_create_is_a_model(self):
        self.document = b'{"id":"a","custom":true,"x":1}'
        model = Model.FromString(self.assert_ok(self.connected.call("ModelsCreateNewModel")))
        self.assertEqual((model.id, model.custom, model.additional_properties), ("a", True, '{"x":1}'))

    def test_an_answer_to_a_cache_deletion_may_leave_out_the_model(self):
        for document in ("{}", '{"model":{"id":"a","x":null}}', '{"schema":{"migration":1}}', '{"model":"a"}'):
            with self.subTest(document=document):
                self.document = document.encode()
                payload = self.assert_ok(self.connected.call("ModelsDeleteSpecificModelCache", b"\x0a\x01a"))
                found = oracle.contents(ModelDeleteCacheOutput.FromString(payload))
                self.assertEqual(found, oracle.meaning(document, "ModelDeleteCacheOutput"))
