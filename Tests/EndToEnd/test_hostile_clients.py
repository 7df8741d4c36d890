"""What one client does is of no effect on any other, and what it held is freed."""

import socket

from support import envelope, wire
from support.case import EndToEndTest
from support.client import Client
from support.envelope import MODELS
from support.upstream import Held, answering

SNAPSHOT = wire.frame(1, wire.REQUEST, wire.REMOTE_CLOSED, envelope.request(MODELS, "ModelsSnapshot"))


class HostileClientTests(EndToEndTest):
    def setUp(self):
        self.held = Held()
        self.scripted = self.upstream(lambda exchange: self.script(exchange))
        self.script = answering()
        self.served = self.gateway(self.scripted)
        self.innocent = self.client(self.served)
        self.assert_ok(self.innocent.call("ModelsSnapshot"))
        self.descriptors = self.served.descriptors()

    def assert_unharmed(self):
        self.assert_ok(self.innocent.call("ModelsSnapshot"))
        self.assert_ok(self.client(self.served).call("ModelsSnapshot"))

    def test_a_client_that_says_nothing_is_no_trouble(self):
        silent = [Client(self.served.path) for _ in range(50)]
        self.assert_unharmed()
        for client in silent:
            client.close()
        self.served.wait_for_descriptors(self.descriptors + 1)

    def test_a_client_that_says_half_a_frame_is_no_trouble(self):
        for length in range(1, len(SNAPSHOT)):
            client = Client(self.served.path)
            client.send(SNAPSHOT[:length])
            client.close()
        self.assert_unharmed()
        self.assertEqual(len(self.scripted.requests), 3)
        self.served.wait_for_descriptors(self.descriptors + 1)

    def test_a_client_that_disappears_with_calls_in_flight_is_no_trouble(self):
        self.script = self.held
        leaving = [Client(self.served.path) for _ in range(4)]
        for client in leaving:
            for _ in range(8):
                client.request("UnloadModels")
        self.scripted.wait_for_requests(33)
        for client in leaving:
            client.close()
        self.held.wait_until_given_up(32)
        self.script = answering()
        self.assert_unharmed()
        self.served.wait_for_descriptors(self.descriptors + 2)

    def test_a_client_that_disappears_while_its_answers_are_written_is_no_trouble(self):
        self.script = answering('{"iterable":[{"description":"%s"}]}' % ("d" * 1_000_000))
        for _ in range(5):
            client = Client(self.served.path)
            for _ in range(5):
                client.request("ModelsSnapshot")
            client.receive()
            client.close()
        self.script = answering()
        self.assert_unharmed()
        self.served.wait_for_descriptors(self.descriptors + 1 + 32)

    def test_a_client_that_never_reads_keeps_nobody_waiting(self):
        self.script = answering('{"iterable":[{"description":"%s"}]}' % ("d" * 1_000_000))
        deaf = Client(self.served.path)
        for _ in range(8):
            deaf.request("ModelsSnapshot")
        self.scripted.wait_for_requests(2)
        self.script = answering()
        self.assert_unharmed()
        deaf.close()
        self.assert_unharmed()

    def test_connecting_and_leaving_a_thousand_times_leaves_nothing(self):
        for _ in range(1000):
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(self.served.path)
        self.assert_unharmed()
        self.served.wait_for_descriptors(self.descriptors + 1)

    def test_every_kind_of_bad_frame_leaves_the_others_alone(self):
        bad = (
            b"\xff" * 100,
            wire.frame(2, wire.REQUEST, 1, b"\xff"),
            wire.frame(1, wire.REQUEST, 1, b"\xff"),
            wire.frame(1, wire.DATA, 5),
            wire.header(wire.MAX_DATA + 1, 1, wire.REQUEST, 1) + b"x",
            wire.frame(1, 77, 255, b"x" * 1000),
            SNAPSHOT * 3,
        )
        for data in bad:
            client = Client(self.served.path)
            client.send(data)
            client.close()
            self.assert_ok(self.innocent.call("ModelsSnapshot"))
        self.assert_unharmed()

    def test_many_calls_sent_before_an_answer_is_read_are_all_answered(self):
        ids = [self.innocent.request("NoSuchMethod") for _ in range(2000)]
        for stream_id in ids:
            self.assertEqual(self.innocent.response(stream_id).reason, "UNKNOWN_METHOD")

    def test_memory_is_given_back_or_used_again(self):
        payload = wire.field(1, wire.field(11, b"d" * 1_000_000))
        for _ in range(5):
            self.assert_ok(self.innocent.call("ModelsCreateNewModel", payload))
        before = self.served.memory("VmHWM")
        for _ in range(50):
            self.assert_ok(self.innocent.call("ModelsCreateNewModel", payload))
        self.assertLess(self.served.memory("VmHWM") - before, 4 << 20)
