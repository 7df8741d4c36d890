"""Texts, payloads, responses and frames with a few bytes changed: the verdict has to be that of others, and the daemon
has to go on. Seeded, so that what fails once can be made again."""

import random

from google.protobuf.message import DecodeError
from test_round_trip import RoundTripTest

from support import envelope, oracle, wire
from support.case import EndToEndTest
from support.client import Client
from support.documents import Documents
from support.messages import Models, SeededModel
from support.upstream import response
from support.wire import field

PIECES = [
    b"",
    b"\0",
    b"\x80",
    b"\xff",
    b"{",
    b"}",
    b"[",
    b"]",
    b'"',
    b",",
    b":",
    b"\\",
    b"\\u",
    b"-",
    b"0",
    b"1",
    b"e",
    b".",
]
PIECES += [b" ", b"\r\n", b"\n", b"null", b"true", b"\xef\xbb\xbf", b"\\ud800", b"\xed\xa0\x80", b"9" * 20, b"1e999"]


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The data with one to three changes: a piece put in, taken out or put in the place of another."""
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(data) + 1)
        end = at + chance.choice([0, 0, 1, 1, 2, 10])
        data = data[:at] + chance.choice([*PIECES, bytes([chance.randrange(256)])]) + data[end:]
    return data


class JSONMutationTests(RoundTripTest):
    def expected(self, document: bytes) -> dict | None:
        """What it means, or None if it is no answer, as Python's own parser sees it."""
        try:
            return oracle.meaning(document.decode().removeprefix("\ufeff"), "Models")
        except (ValueError, oracle.Misfit):
            return None

    def test_a_text_is_an_answer_for_the_gateway_if_it_is_json_for_python(self):
        chance, documents = random.Random(7), Documents(7)
        verdicts = {True: 0, False: 0}
        for _ in range(3000):
            self.document = mutated(documents.document("Models").encode(), chance)
            expected = self.expected(self.document)
            verdicts[expected is None] += 1
            found = next(self.clients).call("ModelsSnapshot")
            if expected is None:
                self.compare(found.reason, "UPSTREAM_BAD_JSON")
            elif found.code == 0:
                self.compare(oracle.contents(Models.FromString(found.payload)), expected)
            else:
                self.compare(found, expected)
        self.assertGreater(min(verdicts.values()), 300)


class PayloadMutationTests(RoundTripTest):
    def test_what_the_gateway_sends_is_what_google_reads(self):
        chance, documents = random.Random(8), Documents(8)
        models = []
        for _ in range(50):
            self.document = documents.document("SeededModel")
            models.append(self.answer("ModelsCreateNewModel"))
        self.document, sent = "{}", 0
        for _ in range(3000):
            payload = bytearray(chance.choice(models))
            if payload:
                payload[chance.randrange(len(payload))] ^= 1 << chance.randrange(8)
            found = next(self.clients).call("ModelsCreateNewModel", field(1, bytes(payload)))
            if found.code == 0:
                sent += 1
                self.check(bytes(payload), self.scripted.requests[-1].body)
            else:
                self.compare(found.reason, "BAD_REQUEST")
        self.assertGreater(sent, 1000)

    def check(self, payload: bytes, body: bytes):
        try:
            model = SeededModel.FromString(payload)
        except DecodeError:
            self.disagreements.append(f"{payload!r}\nis no message for Google and became\n{body!r}")
            return
        self.compare(self.meaning(body), self.meaning(oracle.written(model)))


class HTTPMutationTests(EndToEndTest):
    def test_every_response_leads_to_an_answer(self):
        chance = random.Random(9)
        good = [
            response(b'{"iterable":[{"id":"a"}]}'),
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 503 No\r\nConnection: close\r\n\r\nbecause",
        ]

        def script(exchange):
            exchange.send(mutated(chance.choice(good), chance))
            exchange.connection.close()

        client, upstream = self.start(script)
        reasons = set()
        for _ in range(1500):
            reasons.add(client.call("ModelsSnapshot").reason)
        self.assertLessEqual(
            reasons,
            {
                "",
                "UPSTREAM_CONNECTION_LOST",
                "UPSTREAM_HTTP_STATUS",
                "UPSTREAM_BAD_HTTP",
                "UPSTREAM_BAD_JSON",
                "UPSTREAM_TOO_LARGE",
            },
        )
        self.assertGreaterEqual(len(reasons), 5)
        self.assertEqual(len(upstream.requests), 1500)


class FrameMutationTests(EndToEndTest):
    def test_no_frame_harms_another_connection(self):
        chance = random.Random(10)
        gateway = self.gateway(self.upstream())
        innocent = self.client(gateway)
        self.assert_ok(innocent.call("ModelsSnapshot"))
        descriptors = gateway.descriptors()
        calls = [
            envelope.request(envelope.MODELS, "ModelsSnapshot", b"", 10**9, [("application", "a")]),
            envelope.request(envelope.MODELS, "ModelsCreateNewModel", field(1, field(2, "name"))),
            envelope.request(envelope.MODELS, "StreamModelsSnapshot"),
            envelope.request(envelope.CONTROL, "Cancel", field(1, 1)),
        ]
        for _ in range(300):
            client = Client(gateway.path)
            frames = [
                wire.frame(n, chance.choice([1, 1, 1, 2, 3, 9]), chance.randrange(8), chance.choice(calls))
                for n in range(8)
            ]
            client.send(mutated(b"".join(frames), chance))
            client.stop_writing()
            for frame in client.wait_until_closed():
                if frame.type == wire.RESPONSE:
                    envelope.parse_response(frame)
            client.close()
            self.assert_ok(innocent.call("ModelsSnapshot"))
        gateway.wait_for_descriptors(descriptors + 32)
