"""What one client takes of the gateway's time, memory and connections is not taken from the others."""

import os
import select
import threading
import time

from support import envelope, wire
from support.case import EndToEndTest
from support.client import Client
from support.envelope import MODELS, RESOURCE_EXHAUSTED
from support.gateway import SANITIZED
from support.messages import ModelsDeleteSpecificModelRequest, StatusResponse
from support.upstream import Held, answering


def models(count: int) -> str:
    return '{"iterable":[%s]}' % ",".join('{"description":"%s"}' % ("d" * 1000) for _ in range(count))


MODELS_OF_100_KB = models(100)
MODELS_OF_1_MB = models(1000)


def unread(client: Client) -> int:
    """Bytes of memory of answers that wait, as the gateway counts them."""
    return StatusResponse.FromString(client.call("Status", service=envelope.CONTROL).payload).waiting_bytes


def differing(count: int):
    """A script whose answers are of that length, and no two the same, so that none is kept for two clients."""
    return lambda exchange: answering(models(count)[:-2] + ',{"id":"%d"}]}' % exchange.number)(exchange)


def requests(method: str, count: int) -> bytes:
    data = envelope.request(MODELS, method)
    return b"".join(wire.frame(id, wire.REQUEST, wire.REMOTE_CLOSED, data) for id in range(1, 2 * count, 2))


class FairShareTests(EndToEndTest):
    def processor_time(self, gateway) -> float:
        """In seconds. Always 0 where a sanitizer's own time would be measured."""
        if SANITIZED:
            return 0
        with open(f"/proc/{gateway.pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def test_thousands_of_calls_that_share_an_answer_leave_without_a_search_for_each(self):
        gateway = self.gateway(self.upstream(Held()))
        innocent = self.client(gateway)
        innocent.other_frames()
        descriptors = gateway.descriptors()
        leaving = [self.client(gateway) for _ in range(4)]
        for client in leaving:
            client.send(requests("ModelsSnapshot", 16_000))
            client.wait_until_read()
        before = self.processor_time(gateway)
        for client in leaving:
            client.close()
        self.assertEqual(innocent.call("NoSuchMethod").reason, "UNKNOWN_METHOD")
        gateway.wait_for_descriptors(descriptors)
        # With a search for each it grows with the square of their number.
        self.assertLess(self.processor_time(gateway) - before, 10)

    def test_calls_of_all_together_make_way_for_those_of_others(self):
        for method in ("UnloadModels", "ModelsSnapshot"):
            with self.subTest(method):
                held = Held()
                gateway = self.gateway(self.upstream(held), "--max-calls-per-connection", "10", "--max-connections", "40")
                greedy, modest = [self.client(gateway) for _ in range(4)], self.client(gateway)
                kept = []
                for client in greedy:
                    kept.append([client.request(method) for _ in range(10)])
                    self.assertEqual(client.other_frames(), [])
                ids = [modest.request(method) for _ in range(8)]
                self.assertEqual(modest.other_frames(), [])
                # Nobody has more than it would have with another one.
                response = modest.call(method)
                self.assert_status(response, RESOURCE_EXHAUSTED, "LIMIT_REACHED", operation=method)
                for client, all in zip(greedy, kept):
                    for stream_id in (all.pop(), all.pop()):
                        response = client.response(stream_id)
                        self.assert_status(response, RESOURCE_EXHAUSTED, "LIMIT_REACHED", operation=method)
                        self.assertIn(response.metadata.get("request_sent"), ("true", "false"))
                held.release(60)
                for client, all in [*zip(greedy, kept), (modest, ids)]:
                    for stream_id in all:
                        self.assert_ok(client.response(stream_id))
                    self.assertEqual(client.other_frames(), [])

    def test_a_long_model_id_that_waits_counts_as_memory(self):
        held = Held()
        options = ("--max-upstream-connections", "1", "--max-waiting-size", "10KiB")
        client = self.client(self.gateway(self.upstream(held), *options))
        delete = ModelsDeleteSpecificModelRequest(model="/" * 2_000)
        ids = [client.request("ModelsDeleteSpecificModel", delete) for _ in range(2)]
        response = client.call("ModelsDeleteSpecificModel", delete)
        self.assert_status(response, RESOURCE_EXHAUSTED, "UPSTREAM_QUEUE_FULL")
        held.release(2)
        for stream_id in ids:
            self.assert_ok(client.response(stream_id))

    def test_what_is_taken_of_the_waiting_room_by_size_makes_way_for_others(self):
        held = Held()
        options = ("--max-upstream-connections", "1", "--max-waiting-size", "10KiB")
        gateway = self.gateway(self.upstream(held), *options)
        greedy, innocent = self.client(gateway), self.client(gateway)
        delete = ModelsDeleteSpecificModelRequest(model="x" * 2_500)
        ids = [greedy.request("ModelsDeleteSpecificModel", delete) for _ in range(5)]
        greedy.other_frames()
        smaller = ModelsDeleteSpecificModelRequest(model="y" * 1_000)
        asked = [innocent.request("ModelsDeleteSpecificModel", smaller) for _ in range(4)]
        innocent.other_frames()
        for stream_id in ids[:-3:-1]:
            self.assert_status(greedy.response(stream_id), RESOURCE_EXHAUSTED, "UPSTREAM_QUEUE_FULL")
        held.release(7)
        for client, stream_id in [(greedy, ids[0]), (greedy, ids[1]), *[(innocent, id) for id in asked]]:
            self.assert_ok(client.response(stream_id))

    def test_streams_that_nobody_reads_keep_no_connection_from_who_waits_for_one(self):
        upstream = self.upstream(answering(MODELS_OF_1_MB))
        gateway = self.gateway(upstream, "--max-upstream-connections", "4", "--deadline", "10m")
        greedy = self.client(gateway)
        greedy.send(requests("StreamModelsSnapshot", 200))
        upstream.wait_for_connections(4)
        innocent = self.client(gateway)
        for _ in range(20):
            self.assert_ok(innocent.call("UnloadModels", timeout_nano=10_000_000_000))
        # Those that had a connection are given up; the others wait for their client to read, and are served then.
        errors = [error for _, error in map(greedy.stream_answer, range(1, 400, 2)) if error is not None]
        self.assertGreaterEqual(len(errors), 4)
        for error in errors:
            self.assert_status(error, RESOURCE_EXHAUSTED, "LIMIT_REACHED", operation="StreamModelsSnapshot")
        greedy.next_id = 401
        self.assert_ok(greedy.call("UnloadModels"))

    def test_streams_that_are_read_slowly_keep_no_connection_either(self):
        self.assert_others_are_served(MODELS_OF_1_MB, 200, 0.01, lambda slow: slow.socket.recv(2_000))

    def test_streams_that_are_read_in_bursts_keep_no_connection_either(self):
        """The client is never behind for a second, and holds all connections for as long as it likes."""

        def read_burst(bursty):
            # More than waits for it, so that nothing does for a moment.
            left = 1_500_000
            while left > 0 and select.select([bursty.socket], [], [], 0.5)[0]:
                left -= len(bursty.socket.recv(left))

        self.assert_others_are_served(models(20_000), 4, 0.8, read_burst)

    def assert_others_are_served(self, body, count, interval, read):
        """Calls of another client succeed while one has so many streams, of which it reads in that interval."""

        def keep_reading():
            while not enough.wait(interval):
                read(greedy)

        upstream = self.upstream(answering(body))
        gateway = self.gateway(upstream, "--max-upstream-connections", "4")
        greedy = self.client(gateway)
        greedy.send(requests("StreamModelsSnapshot", count))
        upstream.wait_for_connections(4)
        enough = threading.Event()
        reader = threading.Thread(target=keep_reading)
        reader.start()
        self.addCleanup(reader.join)
        self.addCleanup(enough.set)
        innocent = self.client(gateway)
        for _ in range(3):
            self.assert_ok(innocent.call("UnloadModels", timeout_nano=10_000_000_000))

    def test_streams_that_nobody_reads_may_wait_while_nobody_else_does(self):
        upstream = self.upstream(answering(MODELS_OF_1_MB))
        gateway = self.gateway(upstream, "--max-upstream-connections", "4")
        slow = self.client(gateway)
        slow.send(requests("StreamModelsSnapshot", 4))
        time.sleep(2.5)  # Longer than they may wait while others do, which this is about.
        for stream_id in range(1, 8, 2):
            messages, error = slow.stream_answer(stream_id)
            self.assertIsNone(error)
            self.assertGreater(sum(map(len, messages)), 1_000_000)

    def test_all_together_have_no_more_than_64_frames_begun(self):
        gateway = self.gateway(self.upstream(), "--max-request", "64KiB")
        innocent = self.client(gateway)
        beginning = wire.header(64 << 10, 1, wire.REQUEST, wire.REMOTE_CLOSED)
        innocent.send(beginning + b"x" * 30_000)
        innocent.wait_until_read()
        greedy = [self.client(gateway) for _ in range(80)]
        for client in greedy:
            client.send(beginning + b"x" * 60_000)
            client.wait_until_read()
        self.assertIn("begun", gateway.wait_for_log("closed a connection"))
        innocent.send(b"x" * ((64 << 10) - 30_000))
        self.assertEqual(innocent.response(1).reason, "UNKNOWN_METHOD")

    def test_all_together_leave_no_more_than_twice_as_much_unread(self):
        upstream = self.upstream(differing(1000))
        gateway = self.gateway(upstream, "--max-unread", "2MiB")
        innocent = self.client(gateway)
        self.assert_ok(innocent.call("ModelsSnapshot"))
        before = gateway.memory("VmRSS")
        greedy = [self.client(gateway) for _ in range(40)]
        for number, client in enumerate(greedy):
            client.request("ModelsSnapshot", metadata=[("traceparent", f"00-{number}")])
        for client in greedy:
            client.wait_until_answered()
        self.assertIn("unread", gateway.wait_for_log("closed a connection"))
        # More than any of the others has left, but only until it is read.
        upstream.script = answering(models(1500))
        for _ in range(5):
            self.assertGreater(len(self.assert_ok(innocent.call("ModelsSnapshot"))), 1_500_000)
        self.assertLess(gateway.memory("VmRSS") - before, 40 << 20)
        for client in greedy:
            client.close()
        self.assert_ok(innocent.call("ModelsSnapshot"))

    def test_who_reads_all_but_the_end_keeps_the_memory_of_all(self):
        """What waits for one client is given back when all of it has been read."""
        upstream = self.upstream(differing(1000))
        gateway = self.gateway(upstream, "--max-unread", "1200KiB")
        innocent = self.client(gateway)
        greedy = [self.client(gateway) for _ in range(7)]
        for client in greedy:
            client.request("ModelsSnapshot")
            client.wait_until_answered()
            # Behind the write, which would go on as long as somebody reads.
            innocent.other_frames()
            left = 600_000
            while left > 0 and (data := client.socket.recv(min(left, 30_000))):
                left -= len(data)
        for _ in range(3):
            self.assertGreater(len(self.assert_ok(innocent.call("ModelsSnapshot"))), 1_000_000)
        self.assertIn("longest", gateway.wait_for_log("closed a connection"))

    def test_one_answer_for_many_clients_is_held_once(self):
        """So many clients, whose snapshots wait for one GET as long as a call of another has the only connection."""
        for count, max_unread in ((150, "2MiB"), (60, "4MiB")):
            with self.subTest(count=count):
                held = Held(answering(MODELS_OF_1_MB))
                upstream = self.upstream(held)
                gateway = self.gateway(upstream, "--max-unread", max_unread, "--max-upstream-connections", "1")
                innocent = self.client(gateway)
                first = innocent.request("UnloadModels")
                upstream.wait_for_requests(1)
                clients = [self.client(gateway) for _ in range(count)]
                for client in clients:
                    client.request("ModelsSnapshot")
                    client.wait_until_read()
                before = gateway.memory("VmHWM")
                held.release(2)
                self.assert_ok(innocent.response(first))
                for client in clients:
                    client.wait_until_answered()
                # What the heads of frames take is counted besides.
                self.assertIn(unread(innocent), range(1_000_000, 1_200_000))
                self.assertLess(gateway.memory("VmHWM") - before, 30 << 20)
                for client in clients:
                    self.assertGreater(len(self.assert_ok(client.response(1))), 1_000_000)
                self.assertEqual(unread(innocent), 0)
                self.assertEqual(len(upstream.requests), 2)
                gateway.stop()
                self.assertEqual([line for line in gateway.log if "closed a connection" in line], [])

    def test_snapshots_take_one_place_in_the_queue_however_many_are_asked_for(self):
        held = Held(answering('{"iterable":[]}'))
        options = ("--max-upstream-connections", "1", "--max-waiting-calls", "2")
        upstream = self.upstream(held)
        gateway = self.gateway(upstream, *options)
        blocking, many, innocent = (self.client(gateway) for _ in range(3))
        first = blocking.request("UnloadModels")
        upstream.wait_for_requests(1)
        ids = []
        for _ in range(5):
            ids.append(many.request("ModelsSnapshot"))
            time.sleep(0.03)  # After which a call no longer waits for the GET of another.
        second = innocent.request("UnloadModels")
        innocent.other_frames()
        held.release(3)
        self.assert_ok(blocking.response(first))
        self.assert_ok(innocent.response(second))
        for stream_id in ids:
            self.assert_ok(many.response(stream_id))
        self.assertEqual(len(upstream.requests), 3)

    def test_who_asks_much_is_not_served_before_who_asks_little(self):
        held = Held()
        upstream = self.upstream(held)
        gateway = self.gateway(upstream, "--max-upstream-connections", "1")
        greedy, modest = self.client(gateway), self.client(gateway)
        ids = [greedy.request("UnloadModels") for _ in range(50)]
        greedy.other_frames()
        stream_id = modest.request("UnloadModels")
        modest.other_frames()
        held.release(3)
        self.assert_ok(modest.response(stream_id))
        held.release(48)
        for stream_id in ids:
            self.assert_ok(greedy.response(stream_id))
