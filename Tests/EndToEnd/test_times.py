"""Section 2: times, which are instants or text."""

from test_json_to_protobuf import TranscodingTest

from support import oracle

INSTANTS = {
    "1970-01-01T00:00:00Z": (0, 0),
    "2024-02-29T12:34:56Z": (1709210096, 0),
    "2024-02-29T12:34:56.5Z": (1709210096, 500_000_000),
    "2024-02-29T12:34:56.123456Z": (1709210096, 123_456_000),
    "2024-02-29T12:34:56.000000001Z": (1709210096, 1),
    "2024-02-29T12:34:56.123456789000Z": (1709210096, 123_456_789),
    "2024-02-29t12:34:56z": (1709210096, 0),
    "2024-02-29T14:04:56+01:30": (1709210096, 0),
    "2024-02-29T11:34:56-01:00": (1709210096, 0),
    "2024-02-29T12:34:56-00:00": (1709210096, 0),
    "1969-12-31T23:59:59.5Z": (-1, 500_000_000),
    "1900-02-28T23:59:59Z": (-2203891201, 0),
    "2000-02-29T00:00:00Z": (951782400, 0),
    "0001-01-01T00:00:00Z": (-62135596800, 0),
    "0001-01-01T23:59:00+23:59": (-62135596800, 0),
    "9999-12-31T23:59:59.999999999Z": (253402300799, 999_999_999),
}

NO_INSTANTS = [
    "",
    "now",
    "2024-02-29",
    "2024-02-29T12:34:56",
    "2024-02-29T12:34Z",
    "2024-02-29T12:34:56+01",
    "2024-02-29T12:34:56+0100",
    "2024-02-29T12:34:56+24:00",
    "2024-02-29T12:34:56+01:60",
    "2024-02-29T12:34:56.Z",
    "2024-02-29T12:34:56,5Z",
    "2024-02-29T12:34:56.1234567891Z",
    "2024-02-29T12:34:56ZZ",
    " 2024-02-29T12:34:56Z",
    "2024-02-29T12:34:56Z\\n",
    "2024-02-29T12:34:56Z\\u0000",
    "2024-2-29T12:34:56Z",
    "2024-02-29T1:34:56Z",
    "02024-02-29T12:34:56Z",
    "+2024-02-29T12:34:56Z",
    "2024-13-01T00:00:00Z",
    "2024-00-01T00:00:00Z",
    "2024-01-00T00:00:00Z",
    "2024-04-31T00:00:00Z",
    "2023-02-29T00:00:00Z",
    "1900-02-29T00:00:00Z",
    "2024-01-01T24:00:00Z",
    "2024-01-01T00:60:00Z",
    "2016-12-31T23:59:60Z",
    "2024-01-01T00:00:61Z",
    "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00+00:01",
    "9999-12-31T23:59:59-00:01",
    "10000-01-01T00:00:00Z",
    "2024-01-01T00:00:00.-5Z",
    "2024-01-01T00:00:0٣Z",
]


class TimeTests(TranscodingTest):
    def test_a_time_with_an_offset_is_an_instant(self):
        for text, instant in INSTANTS.items():
            with self.subTest(text=text):
                created = self.model('"created":{"value":"%s"}' % text).created
                self.assertEqual(oracle.contents(created), {"value": instant})

    def test_a_time_that_is_no_instant_is_carried_as_text(self):
        for text in NO_INSTANTS:
            with self.subTest(text=text):
                member = '"value":"%s"' % text
                self.assert_carried_as_text(member, self.model('"created":{%s}' % member).created)

    def test_a_time_may_be_written_with_escapes(self):
        created = self.model('"created":{"value":"\\u0032024-02-29T12:34:56\\u005a"}').created
        self.assertEqual(oracle.contents(created), {"value": (1709210096, 0)})

    def test_a_time_that_is_no_string_is_carried_as_text(self):
        for value in ("0", "null", "[]", "1709210096"):
            with self.subTest(value=value):
                member = '"value":' + value
                self.assert_carried_as_text(member, self.model('"created":{%s}' % member).created)
