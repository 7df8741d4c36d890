"""What one client may take of the gateway, each limit at its edge, and that it costs nobody else anything."""

import os
import resource
import signal
import socket
import time
import unittest

from support import envelope, wire
from support.case import EndToEndTest
from support.client import Client
from support.connection import ConnectionClosed
from support.envelope import INVALID_ARGUMENT, MODELS, RESOURCE_EXHAUSTED
from support.messages import ModelsCreateNewModelRequest, SeededModel
from support.upstream import Held, answering
from support.wires import over_both_wires, ttrpc_only

from test_policy import NOBODY, somebody


class LimitTest(EndToEndTest):
    def limited(self, *options: str, script=answering(), **more):
        """A gateway with these options, and an upstream behind it."""
        self.scripted = self.upstream(script)
        return self.gateway(self.scripted, *options, **more)

    def is_let_in(self, path: str) -> bool:
        try:
            client = self.client_type(path)
            self.addCleanup(client.close)
            return client.call("NoSuchMethod").reason == "UNKNOWN_METHOD"
        except (ConnectionClosed, BrokenPipeError, ConnectionResetError):
            return False

    def request_of(self, length: int, stream_id: int = 1) -> bytes:
        """The frame of a call whose data has that length, made up with a field that nobody knows."""
        data = envelope.request(MODELS, "UnloadModels")
        padding = length - len(data)
        while len(wire.field(15, b"x" * padding)) > length - len(data):
            padding -= 1
        data += wire.field(15, b"x" * padding)
        self.assertEqual(len(data), length)
        return wire.frame(stream_id, wire.REQUEST, wire.REMOTE_CLOSED, data)


@over_both_wires
class CountTests(LimitTest):
    @unittest.skipUnless(os.getuid() == 0, "needs root to be somebody else")
    def test_each_user_has_connections_of_its_own(self):
        directory = self.directory()
        directory.chmod(0o755)
        path = str(directory / "gateway.sock")
        self.limited("--listen", f"path={path},mode=0666,uid={NOBODY}", "--max-connections-per-uid", "2")
        for uid in (NOBODY, 0):
            with somebody(uid):
                self.assertTrue(self.is_let_in(path))
                self.assertTrue(self.is_let_in(path))
                self.assertFalse(self.is_let_in(path))

    def test_a_connection_that_ends_makes_room_for_another(self):
        gateway = self.limited("--max-connections-per-uid", "1")
        for _ in range(3):
            client = self.client(gateway)
            self.assertEqual(client.call("NoSuchMethod").reason, "UNKNOWN_METHOD")
            self.assertFalse(self.is_let_in(gateway.path))
            client.stop_writing()
            self.assertEqual(client.wait_until_closed(), [])

    @ttrpc_only
    def test_a_connection_has_so_many_calls_in_flight_and_no_more(self):
        held = Held()
        client = self.client(self.limited("--max-calls-per-connection", "3", script=held))
        ids = [client.request("UnloadModels") for _ in range(3)]
        response = client.call("UnloadModels")
        self.assert_status(response, RESOURCE_EXHAUSTED, "LIMIT_REACHED", operation="UnloadModels")
        self.assertIn("3", response.message)
        self.scripted.wait_for_requests(3)
        held.release()
        answered = client.receive()
        self.assertIn(answered.stream_id, ids)
        ids.remove(answered.stream_id)
        ids.append(client.request("UnloadModels"))
        self.scripted.wait_for_requests(4)
        held.release(3)
        for stream_id in ids:
            self.assert_ok(client.response(stream_id))
        self.assertEqual(len(self.scripted.requests), 4)

    def test_calls_of_one_connection_do_not_count_for_another(self):
        held = Held()
        gateway = self.limited("--max-calls-per-connection", "1", script=held)
        clients = [self.client(gateway) for _ in range(4)]
        ids = [client.request("UnloadModels") for client in clients]
        self.scripted.wait_for_requests(4)
        held.release(4)
        for client, stream_id in zip(clients, ids):
            self.assert_ok(client.response(stream_id))

    @ttrpc_only
    def test_a_call_that_is_cancelled_makes_room_for_another(self):
        client = self.client(self.limited("--max-calls-per-connection", "1", script=Held()))
        for _ in range(3):
            stream_id = client.request("UnloadModels")
            self.assertEqual(client.call("UnloadModels").reason, "LIMIT_REACHED")
            self.assert_ok(client.cancel(stream_id))
            self.assertEqual(client.response(stream_id).reason, "CANCELLED")

    @ttrpc_only
    def test_all_connections_together_have_so_many_calls_and_no_more(self):
        """Four times as many as one may have, or one for each."""
        for calls, connections, most in ((2, 8, 8), (1, 12, 12)):
            for end in ("answer", "cancel", "close"):
                with self.subTest(calls=calls, end=end):
                    held = Held()
                    options = ("--max-calls-per-connection", str(calls), "--max-connections", str(connections))
                    gateway = self.limited(*options, script=held)
                    clients = [self.client(gateway) for _ in range(connections)]
                    ids = [client.request("UnloadModels") for client in clients]
                    self.scripted.wait_for_requests(most)
                    # Nobody has more than it would have.
                    response = clients[0].call("UnloadModels")
                    self.assert_status(response, RESOURCE_EXHAUSTED, "LIMIT_REACHED", operation="UnloadModels")
                    if calls > 1:
                        self.assertIn(f"{most} calls of all", response.message)
                    if end == "answer":
                        held.release(most)
                    for client, stream_id in zip(clients, ids):
                        if end == "close" and client is not clients[0]:
                            client.stop_writing()
                            self.assertEqual(client.wait_until_closed(), [])
                        else:
                            if end != "answer":
                                self.assert_ok(client.cancel(stream_id))
                            self.assertEqual(client.response(stream_id).reason, "" if end == "answer" else "CANCELLED")
                    ids = [clients[0].request("UnloadModels") for _ in range(calls)]
                    self.scripted.wait_for_requests(most + calls)
                    held.release(calls)
                    for stream_id in ids:
                        self.assert_ok(clients[0].response(stream_id))

    def test_so_many_calls_wait_for_a_connection_and_no_more(self):
        held = Held()
        options = ("--max-upstream-connections", "1", "--max-waiting-calls", "2")
        client = self.client(self.limited(*options, script=held))
        ids = [client.request("UnloadModels") for _ in range(3)]
        response = client.call("UnloadModels")
        self.assert_status(response, RESOURCE_EXHAUSTED, "UPSTREAM_QUEUE_FULL", operation="UnloadModels")
        held.release(3)
        for stream_id in ids:
            self.assert_ok(client.response(stream_id))

    def test_one_client_cannot_take_the_whole_queue(self):
        held = Held()
        options = ("--max-upstream-connections", "1", "--max-waiting-calls", "10")
        gateway = self.limited(*options, script=held)
        greedy, modest = self.client(gateway), self.client(gateway)
        greedy_ids = [greedy.request("UnloadModels") for _ in range(11)]
        self.assertEqual(greedy.call("UnloadModels").reason, "UPSTREAM_QUEUE_FULL")
        modest_ids = [modest.request("UnloadModels") for _ in range(5)]
        # Half the queue each: nobody has more than another would have with one more.
        self.assertEqual(modest.call("UnloadModels").reason, "UPSTREAM_QUEUE_FULL")
        self.assertEqual(greedy.call("UnloadModels").reason, "UPSTREAM_QUEUE_FULL")
        held.release(11)
        for stream_id in modest_ids:
            self.assert_ok(modest.response(stream_id))
        for stream_id in greedy_ids[:6]:
            self.assert_ok(greedy.response(stream_id))
        for stream_id in greedy_ids[6:]:
            response = greedy.response(stream_id)
            self.assert_status(response, RESOURCE_EXHAUSTED, "UPSTREAM_QUEUE_FULL", operation="UnloadModels")

    def test_requests_that_wait_take_so_much_memory_and_no_more(self):
        held = Held()
        options = ("--max-upstream-connections", "1", "--max-waiting-size", "10KiB")
        client = self.client(self.limited(*options, script=held))
        create = ModelsCreateNewModelRequest(seeded_model=SeededModel(name="n" * 6_000))
        ids = [client.request("ModelsCreateNewModel", create) for _ in range(2)]
        response = client.call("ModelsCreateNewModel", create)
        self.assert_status(response, RESOURCE_EXHAUSTED, "UPSTREAM_QUEUE_FULL", operation="ModelsCreateNewModel")
        ids.append(client.request("UnloadModels"))
        held.release(1)
        self.assert_ok(client.response(ids.pop(0)))
        ids.append(client.request("ModelsCreateNewModel", create))
        held.release(3)
        for stream_id in ids:
            self.assert_ok(client.response(stream_id))


@over_both_wires
class SizeTests(LimitTest):
    @ttrpc_only
    def test_a_request_may_have_its_size_and_not_a_byte_more(self):
        for option, limit in (("1000", 1000), ("64KiB", 65536), ("4MiB", wire.MAX_DATA)):
            with self.subTest(option):
                client = self.client(self.limited("--max-request", option))
                client.send(self.request_of(limit, 1))
                self.assert_ok(client.response(1))
                client.send(self.request_of(limit + 1, 3))
                response = client.response(3)
                self.assert_status(response, RESOURCE_EXHAUSTED, "FRAME_TOO_LARGE")
                self.assertIn(str(limit), response.message)
                client.send(self.request_of(limit, 5))
                self.assert_ok(client.response(5))

    def test_an_answer_of_pieces_os_may_have_its_size_and_not_a_byte_more(self):
        bodies = {n: b'{"iterable":[]}' + b" " * (n - 15) for n in (1024, 1025)}
        client = self.client(self.limited("--max-upstream-body", "1KiB"))
        for length, body in bodies.items():
            for headers in ((), ("Transfer-Encoding: chunked",)):
                self.scripted.script = answering(body)
                if headers:
                    chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (length, body)
                    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                    self.scripted.script = lambda exchange, data=head + chunked: exchange.send(data)
                response = client.call("ModelsSnapshot")
                if length == 1024:
                    self.assert_ok(response)
                else:
                    self.assert_status(response, RESOURCE_EXHAUSTED, "UPSTREAM_TOO_LARGE")
                    self.assertIn("1024", response.message)

    def test_the_head_of_an_answer_may_have_its_size_and_not_a_byte_more(self):
        client = self.client(self.limited("--max-upstream-head", "1KiB"))
        length, chunked = b"Content-Length: 15\r\n", b"Transfer-Encoding: chunked\r\n"
        heads = {
            "a header": b"HTTP/1.1 200 OK\r\n" + length + b"X: %b\r\n\r\n",
            "an interim answer": b"HTTP/1.1 103 Early\r\nX: %b\r\n\r\nHTTP/1.1 200 OK\r\n" + length + b"\r\n",
            "trailers": b"HTTP/1.1 200 OK\r\n" + chunked + b"\r\nX: %b\r\n\r\n",
        }
        for name, head in heads.items():
            for size in (1024, 1025):
                with self.subTest(name, size=size):
                    data = head % (b"x" * (size - len(head) + 2))
                    self.assertEqual(len(data), size)
                    if name == "trailers":
                        data = data.replace(b"\r\n\r\n", b'\r\n\r\nf\r\n{"iterable":[]}\r\n0\r\n', 1)
                    else:
                        data += b'{"iterable":[]}'
                    self.scripted.script = lambda exchange, data=data: exchange.send(data)
                    response = client.call("ModelsSnapshot")
                    if size == 1024:
                        self.assert_ok(response)
                    else:
                        self.assert_status(response, RESOURCE_EXHAUSTED, "UPSTREAM_TOO_LARGE")
                        self.assertIn("1024", response.message)

    def test_a_payload_that_unpacks_to_too_much_is_refused(self):
        client = self.client(self.limited("--max-payload-memory", "64KiB"))
        fits = wire.field(1, wire.field(11, b"d" * 30_000))
        self.assertNotIn(client.call("ModelsCreateNewModel", fits).reason, ("LIMIT_REACHED", "BAD_REQUEST"))
        response = client.call("ModelsCreateNewModel", wire.field(1, wire.field(11, b"d" * 70_000)))
        self.assert_status(response, RESOURCE_EXHAUSTED, "LIMIT_REACHED", operation="ModelsCreateNewModel")
        self.assertNotEqual(response.code, INVALID_ARGUMENT)
        self.assert_ok(client.call("UnloadModels"))

    def test_a_client_may_leave_so_much_unread_and_is_then_closed(self):
        # No two answers are the same: equal ones would be kept once, and outside of what is unread.
        body = '{"iterable":[{"id":"%d","description":"' + "d" * 1_000_000 + '"}]}'
        held = Held(lambda exchange: answering(body % exchange.number)(exchange))
        gateway = self.limited("--max-unread", "3MiB", script=held)
        innocent = self.client(gateway)
        for calls, is_closed in ((3, False), (6, True)):
            with self.subTest(calls=calls):
                client = self.client(gateway)
                before = len(self.scripted.requests)
                ids = [
                    client.request("ModelsSnapshot", metadata=[("traceparent", f"00-{n}")]) for n in range(calls)
                ]
                self.scripted.wait_for_requests(before + calls)
                held.release(calls)
                if is_closed:
                    self.assertIn("unread", gateway.wait_for_log("closed a connection"))
                    with self.assertRaises(ConnectionClosed):
                        for stream_id in ids:
                            client.response(stream_id)
                else:
                    for stream_id in ids:
                        self.assertGreater(len(self.assert_ok(client.response(stream_id))), 1_000_000)
        self.assertEqual(innocent.call("NoSuchMethod").reason, "UNKNOWN_METHOD")

    @ttrpc_only
    def test_one_answer_for_many_calls_takes_no_more_memory_than_may_be_left_unread(self):
        held = Held(answering('{"iterable":[{"description":"%s"}]}' % ("d" * 200_000)))
        gateway = self.limited("--max-unread", "8MiB", script=held)
        before = gateway.memory("VmHWM")
        client = self.client(gateway)
        request = envelope.request(MODELS, "ModelsSnapshot")
        ids = range(1, 3_001, 2)
        client.send(b"".join(wire.frame(id, wire.REQUEST, wire.REMOTE_CLOSED, request) for id in ids))
        client.wait_until_read()
        held.release(len(ids))
        client.wait_until_answered()
        self.assertEqual(self.client(gateway).call("NoSuchMethod").reason, "UNKNOWN_METHOD")
        for stream_id in ids:
            self.assertGreater(len(self.assert_ok(client.response(stream_id))), 200_000)
        self.assertLess(gateway.memory("VmHWM") - before, 40 << 20)
        self.assertLess(len(self.scripted.requests), 10)


class TimeTests(LimitTest):
    FRAME = wire.frame(1, wire.REQUEST, wire.REMOTE_CLOSED, envelope.request(MODELS, "UnloadModels"))

    def assert_closed_after(self, client: Client, started: float, seconds: float):
        self.assertEqual(client.wait_until_closed(), [])
        elapsed = time.monotonic() - started
        self.assertGreaterEqual(elapsed, seconds)
        self.assertLess(elapsed, seconds + 5)

    def test_a_frame_that_does_not_arrive_whole_ends_its_connection(self):
        gateway = self.limited("--frame-timeout", "200ms")
        innocent = self.client(gateway)
        beginnings = (
            self.FRAME[:1],
            self.FRAME[:9],
            self.FRAME[:10],
            self.FRAME[:-1],
            wire.header(wire.MAX_DATA, 1, wire.REQUEST, 1) + b"x" * 300_000,
        )
        for data in beginnings:
            with self.subTest(length=len(data)):
                client = self.client(gateway)
                started = time.monotonic()
                client.send(data)
                self.assert_closed_after(client, started, 0.2)
        self.assert_ok(innocent.call("UnloadModels"))
        self.assertRegex(gateway.wait_for_log("closed a connection"), rf"frame does not .* socket={gateway.path} ")

    def test_bytes_that_trickle_in_do_not_prolong_it(self):
        client = self.client(self.limited("--frame-timeout", "200ms"))
        started = time.monotonic()
        client.socket.settimeout(0.01)
        client.send(wire.header(1000, 1, wire.REQUEST, 1))
        while time.monotonic() - started < 10:
            try:
                client.send(b"x")
                if not client.socket.recv(1):
                    break
            except TimeoutError:
                continue
            except (BrokenPipeError, ConnectionResetError):
                break
        self.assertLess(time.monotonic() - started, 5)

    def test_the_rest_of_a_frame_too_long_has_to_come_too(self):
        client = self.client(self.limited("--frame-timeout", "200ms"))
        client.send(wire.header(wire.MAX_DATA + 1, 1, wire.REQUEST, 1) + b"x")
        self.assertEqual(client.response(1).reason, "FRAME_TOO_LARGE")
        self.assertEqual(client.wait_until_closed(), [])

    def test_each_frame_has_time_of_its_own(self):
        client = self.client(self.limited("--frame-timeout", "2s"))
        end = time.monotonic() + 3
        while time.monotonic() < end:
            stream_id = client.use_id()
            data = wire.frame(stream_id, wire.REQUEST, 1, envelope.request(MODELS, "NoSuchMethod"))
            client.send(data[:20])
            client.wait_until_read()
            ignored = wire.header(0, 1, 77, 0)
            client.send(data[20:] + ignored[:4])
            self.assertEqual(client.response(stream_id).reason, "UNKNOWN_METHOD")
            client.send(ignored[4:])

    def test_a_client_with_nothing_under_way_may_be_silent(self):
        gateway = self.limited("--frame-timeout", "50ms", "--read-timeout", "50ms", script=Held())
        silent, waiting, slow = self.client(gateway), self.client(gateway), self.client(gateway)
        stream_id = waiting.request("UnloadModels")
        slow.send(self.FRAME[:5])
        self.assertEqual(slow.wait_until_closed(), [])
        self.assertEqual(silent.call("NoSuchMethod").reason, "UNKNOWN_METHOD")
        self.assert_ok(waiting.cancel(stream_id))

    def test_a_client_that_does_not_read_is_closed(self):
        body = '{"iterable":[{"description":"%s"}]}' % ("d" * 3_000_000)
        for method in ("ModelsSnapshot", "StreamModelsSnapshot"):
            with self.subTest(method):
                gateway = self.limited("--read-timeout", "300ms", script=answering(body))
                client = self.client(gateway)
                client.request(method)
                gateway.wait_for_log("does not read")
                with self.assertRaises(ConnectionClosed):
                    client.receive()
                self.assert_ok(self.client(gateway).call("UnloadModels"))

    def test_a_client_that_reads_slowly_is_not_closed(self):
        body = '{"iterable":[{"description":"%s"}]}' % ("d" * 3_000_000)
        client = self.client(self.limited("--read-timeout", "2s", script=answering(body)))
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stream_id = client.request("ModelsSnapshot")
        received = 0
        end = time.monotonic() + 3
        while time.monotonic() < end:
            received += len(part := client.socket.recv(20_000))
            client._bytes += part
            time.sleep(0.05)
        self.assertLess(received, 3_000_000)
        self.assertGreater(len(self.assert_ok(client.response(stream_id))), 3_000_000)

    def pause(self, gateway, seconds: float, meanwhile) -> None:
        """Stops the gateway for so long, and then lets it go on."""
        self.addCleanup(gateway.signal, signal.SIGCONT)
        gateway.signal(signal.SIGSTOP)
        os.waitid(os.P_PID, gateway.pid, os.WSTOPPED | os.WNOWAIT)
        end = time.monotonic() + seconds
        meanwhile()
        time.sleep(max(0, end - time.monotonic()))
        gateway.signal(signal.SIGCONT)

    def test_the_time_in_which_the_gateway_is_stopped_does_not_count_for_a_frame(self):
        gateway = self.limited("--frame-timeout", "500ms")
        frames = {
            "short": self.FRAME,
            "as long as a socket takes": self.request_of(100_000),
        }
        for name, frame in frames.items():
            with self.subTest(name):
                client, unlucky = self.client(gateway), self.client(gateway)
                client.send(frame[:20])
                client.wait_until_read()
                unlucky.send(frame[:20])
                self.pause(gateway, 1.5, lambda: client.send(frame[20:]))
                continued = time.monotonic()
                self.assert_ok(client.response(1))
                # What does not come at all is waited for from then on.
                self.assert_closed_after(unlucky, continued, 0.4)

    def test_the_time_in_which_the_gateway_is_stopped_does_not_count_for_reading(self):
        body = '{"iterable":[{"description":"%s"}]}' % ("d" * 3_000_000)
        for method in ("ModelsSnapshot", "StreamModelsSnapshot"):
            with self.subTest(method):
                gateway = self.limited("--read-timeout", "500ms", script=answering(body))
                client = self.client(gateway)
                stream_id = client.request(method)
                client.wait_until_answered()
                self.pause(gateway, 1.5, lambda: None)
                if method == "ModelsSnapshot":
                    self.assertGreater(len(self.assert_ok(client.response(stream_id))), 3_000_000)
                else:
                    messages, error = client.stream_answer(stream_id)
                    self.assertIsNone(error)
                    self.assertGreater(sum(map(len, messages)), 3_000_000)
                gateway.stop()
                self.assertEqual([line for line in gateway.log if "closed a connection" in line], [])


class DescriptorTests(LimitTest):
    def cpu(self, gateway) -> float:
        with open(f"/proc/{gateway.pid}/stat") as file:
            user, system = file.read().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def crowd(self, gateway, count: int) -> list[Client]:
        clients = []
        for _ in range(count):
            client = Client(gateway.path)
            self.addCleanup(client.close)
            clients.append(client)
        return clients

    def assert_survives(self, gateway, served: Client):
        before = gateway.descriptors()
        for _ in range(3):
            clients = self.crowd(gateway, 300)
            self.assertEqual(clients[-1].wait_until_closed(), [])
            busy = self.cpu(gateway)
            time.sleep(0.5)
            self.assertLess(self.cpu(gateway) - busy, 0.1, "the gateway is busy with nothing")
            self.assertEqual(served.call("NoSuchMethod").reason, "UNKNOWN_METHOD")
            for client in clients:
                client.close()
            gateway.wait_for_descriptors(before)
            self.assertEqual(self.client(gateway).call("NoSuchMethod").reason, "UNKNOWN_METHOD")
            before += 1
        gateway.stop()
        self.assertLess(len(gateway.log), 40)

    def test_more_connections_than_descriptors_are_survived(self):
        gateway = self.limited()
        served = self.client(gateway)
        self.assertEqual(served.call("NoSuchMethod").reason, "UNKNOWN_METHOD")
        resource.prlimit(gateway.pid, resource.RLIMIT_NOFILE, (60, 60))
        self.assert_survives(gateway, served)

    def test_clients_leave_descriptors_for_pieces_os(self):
        gateway = self.limited(descriptors=160)
        served = self.client(gateway)
        self.assertEqual(served.call("NoSuchMethod").reason, "UNKNOWN_METHOD")
        crowd = self.crowd(gateway, 300)
        self.assertEqual(crowd[-1].wait_until_closed(), [])
        self.assert_ok(served.call("UnloadModels"))
        for client in crowd:
            client.close()
        self.assert_survives(gateway, served)

