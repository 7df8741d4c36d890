"""Section 1: the data of a request frame, and what it asks for."""

import struct

from support import envelope, wire
from support.case import EndToEndTest
from support.envelope import CONTROL, MODELS, UNIMPLEMENTED
from support.messages import Models
from support.wire import field, varint

SERVICE = field(1, MODELS)
METHOD = field(2, "ModelsSnapshot")


class EnvelopeTests(EndToEndTest):
    def send(self, client, data: bytes):
        stream_id = client.use_id()
        client.send(wire.frame(stream_id, wire.REQUEST, wire.REMOTE_CLOSED, data))
        return client.response(stream_id)

    def test_what_is_no_protobuf_is_a_bad_envelope_and_the_connection_lives_on(self):
        client, upstream = self.start()
        broken = {
            "a key without an end": b"\xff",
            "a varint of more than ten bytes": SERVICE + METHOD + b"\x20" + b"\xff" * 10 + b"\x01",
            "a length beyond the data": SERVICE + b"\x12\x7fModels",
            "a length of 2^64 - 1": SERVICE + b"\x12" + varint(2**64 - 1) + b"ModelsSnapshot",
            "a length of 2^63": SERVICE + b"\x12" + varint(2**63) + b"ModelsSnapshot",
            "a length of 2^32": SERVICE + b"\x12" + varint(2**32) + b"ModelsSnapshot",
            "field number 0": SERVICE + METHOD + b"\x00\x01",
            "wire type 6": SERVICE + METHOD + b"\x36",
            "wire type 7": SERVICE + METHOD + b"\x37",
            "an eight-byte field cut off": SERVICE + METHOD + b"\x31\x00\x00",
            "a four-byte field cut off": SERVICE + METHOD + b"\x35\x00",
            "the end of a group that never began": SERVICE + METHOD + b"\x34",
            "a key value cut off inside": SERVICE + METHOD + field(5, b"\x0a\x7f"),
        }
        for name, data in broken.items():
            with self.subTest(name):
                self.assert_bad_request(self.send(client, data), "envelope")
        self.assert_ok(client.call("ModelsSnapshot"))
        self.assertEqual(len(upstream.requests), 1)

    def test_every_cut_of_a_request_is_refused_and_harmless(self):
        client, _ = self.start()
        data = SERVICE + METHOD + field(3, b"") + field(4, 10**10) + field(5, field(1, "a") + field(2, "b"))
        for length in range(len(data)):
            with self.subTest(length=length):
                response = self.send(client, data[:length])
                self.assertIn(response.code, (envelope.OK, envelope.INVALID_ARGUMENT, UNIMPLEMENTED))
        self.assert_ok(self.send(client, data))

    def test_fields_may_come_in_any_order(self):
        client, _ = self.start()
        self.assert_ok(self.send(client, field(4, 10**12) + METHOD + SERVICE))

    def test_of_a_repeated_field_the_last_counts(self):
        client, _ = self.start()
        self.assert_ok(self.send(client, field(1, "wrong") + field(2, "Wrong") + SERVICE + METHOD))
        response = self.send(client, SERVICE + METHOD + field(2, "Wrong"))
        self.assert_status(response, UNIMPLEMENTED, "UNKNOWN_METHOD")

    def test_unknown_fields_are_skipped(self):
        client, _ = self.start()
        unknown = [
            field(6, 1),
            field(7, b"bytes"),
            varint(8 << 3 | 1) + struct.pack("<d", 1.5),
            varint(9 << 3 | 5) + struct.pack("<f", 1.5),
            field(2**29 - 1, "the highest field number"),
        ]
        for data in unknown:
            with self.subTest(data=data):
                self.assert_ok(self.send(client, data + SERVICE + data + METHOD + data))

    def test_unknown_groups_are_skipped(self):
        client, _ = self.start()
        group = varint(6 << 3 | 3) + field(1, 1) + varint(7 << 3 | 3) + varint(7 << 3 | 4) + varint(6 << 3 | 4)
        self.assert_ok(self.send(client, SERVICE + group + METHOD))

    def test_an_unknown_service_is_named(self):
        client, _ = self.start()
        for service in ("pieces.models.v1.Models", "ModelsService", "x"):
            with self.subTest(service=service):
                response = client.call("ModelsSnapshot", service=service)
                self.assert_status(response, UNIMPLEMENTED, "UNKNOWN_METHOD")
                self.assertIn(service, response.message)

    def test_an_unknown_method_is_named(self):
        client, _ = self.start()
        for method in ("modelsSnapshot", "ModelsSnapshot ", "/ModelsSnapshot", "Cancel", "x"):
            with self.subTest(method=method):
                response = client.call(method)
                self.assert_status(response, UNIMPLEMENTED, "UNKNOWN_METHOD")
                self.assertIn(method, response.message)

    def test_methods_belong_to_their_service(self):
        client, _ = self.start()
        response = client.call("ModelsSnapshot", service=CONTROL)
        self.assert_status(response, UNIMPLEMENTED, "UNKNOWN_METHOD")

    def test_an_empty_request_names_no_service(self):
        client, _ = self.start()
        for data in (b"", METHOD, SERVICE):
            with self.subTest(data=data):
                self.assert_status(self.send(client, data), UNIMPLEMENTED, "UNKNOWN_METHOD")

    def test_a_name_of_any_length_or_content_gets_an_answer_that_can_be_read(self):
        client, _ = self.start()
        for name in (b"x" * 3_000_000, b"\xff\xfe", b"a\0b", "é🙂".encode()):
            with self.subTest(name=name[:10]):
                response = client.call(name)
                self.assertIn(response.code, (UNIMPLEMENTED, envelope.INVALID_ARGUMENT))

    def test_a_payload_that_is_no_protobuf_is_refused(self):
        client, upstream = self.start()
        for method in ("ModelsSnapshot", "ModelsCreateNewModel", "ModelsDeleteSpecificModel", "UnloadModels"):
            for payload in (b"\xff", b"\x0a\x7f", b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"):
                with self.subTest(method=method, payload=payload):
                    response = client.call(method, payload)
                    self.assert_bad_request(response)
                    self.assertRegex(response.message, "payload|field (seeded_)?model")
                    self.assertEqual(response.metadata.get("operation"), method)
        self.assert_bad_request(client.stream(b"\xff")[1], "payload")
        self.assert_bad_request(client.call("Cancel", b"\xff", service=CONTROL), "payload")
        self.assertEqual(upstream.requests, [])

    def test_unknown_fields_in_a_payload_are_no_fault(self):
        client, _ = self.start()
        self.assert_ok(client.call("ModelsSnapshot", field(9, "from a newer client") + field(10, 1)))

    def test_an_empty_payload_is_the_default_message(self):
        client, _ = self.start()
        payload = self.assert_ok(self.send(client, SERVICE + METHOD + field(3, b"")))
        self.assertEqual(Models.FromString(payload), Models())

    def test_millions_of_small_fields_cost_little_memory(self):
        gateway = self.gateway(self.upstream())
        client = self.client(gateway)
        before = gateway.memory("VmHWM")
        self.assert_ok(self.send(client, SERVICE + METHOD + field(6, 1) * 2_000_000))
        self.send(client, SERVICE + METHOD + field(3, field(9, 1) * 2_000_000))
        self.send(client, SERVICE + METHOD + field(5, b"") * 2_000_000)
        self.send(client, SERVICE + field(2, "ModelsCreateNewModel") + field(3, field(1, field(15, b"") * 1_900_000)))
        self.assert_ok(client.call("ModelsSnapshot"))
        self.assertLess(gateway.memory("VmHWM") - before, 64 << 20)
