"""Signals that end the gateway, signals that do not, and what comes after it."""

import signal
import threading
import time

from support.case import EndToEndTest
from support.client import Client
from support.connection import ConnectionClosed
from support.envelope import OK, UNAVAILABLE, parse_response
from support.gateway import Gateway
from support.survival import SurvivalTest
from support.upstream import Held, answering
from support.wire import field


class Loader(threading.Thread):
    """A client with many calls in flight, until the gateway closes the connection."""

    def __init__(self, path: str, name: str):
        super().__init__(daemon=True)
        self.asked: dict[int, str] = {}
        self.answers: dict[str, tuple[int, str, str | None]] = {}
        self.has_begun = threading.Event()
        self._client = Client(path)
        self._name = name

    def run(self) -> None:
        try:
            for number in range(100_000):
                id = f"{self._name}-{number}"
                self.asked[self._client.request("ModelsDeleteSpecificModel", field(1, id))] = id
                if number >= 20:
                    self._receive()
                    self.has_begun.set()
        except OSError:
            pass  # Writing fails first when the gateway has closed; what it has answered can still be read.
        except ConnectionClosed:
            return
        try:
            while True:
                self._receive()
        except ConnectionClosed:
            pass
        finally:
            self._client.close()

    def _receive(self) -> None:
        received = self._client.receive()
        found = parse_response(received)
        self.answers[self.asked[found.stream_id]] = (found.code, found.reason, found.metadata.get("request_sent"))


class EndTests(EndToEndTest):
    def test_no_call_that_was_accepted_is_lost(self):
        upstream = self.upstream()
        gateway = self.gateway(upstream)
        loaders = [Loader(gateway.path, f"loader{number}") for number in range(4)]
        for loader in loaders:
            loader.start()
        for loader in loaders:
            self.assertTrue(loader.has_begun.wait(20))
        gateway.signal()
        self.assertEqual(gateway.wait(), 0)
        for loader in loaders:
            loader.join(20)
            self.assertFalse(loader.is_alive())
        seen = [request.target.split("/")[2] for request in upstream.requests]
        answers = {id: answer for loader in loaders for id, answer in loader.answers.items()}
        self.assertEqual(len(seen), len(set(seen)))
        self.assertEqual([id for id in seen if answers.get(id, (None,))[0] != OK], [])
        refused = {id: answer for id, answer in answers.items() if answer[0] != OK}
        self.assertEqual(set(refused.values()) - {(UNAVAILABLE, "SHUTTING_DOWN", "false")}, set())

    def test_a_second_sigterm_ends_at_once(self):
        for method in ("UnloadModels", "StreamModelsSnapshot"):
            with self.subTest(method=method):
                held = Held()
                upstream = self.upstream(held)
                gateway = self.gateway(upstream)
                idle, busy = self.client(gateway), self.client(gateway)
                idle.other_frames()
                stream_id = busy.request(method)
                upstream.wait_for_requests(1)
                gateway.signal()
                self.assertEqual(idle.wait_until_closed(), [])
                second = time.monotonic()
                gateway.signal()
                found = busy.response(stream_id)
                self.assert_status(found, UNAVAILABLE, "SHUTTING_DOWN", operation=method, request_sent=True)
                self.assertEqual(gateway.wait(), 0)
                # Draining alone would take five seconds.
                self.assertLess(time.monotonic() - second, 4)
                held.wait_until_given_up()

    def test_after_a_kill_the_next_client_succeeds(self):
        upstream = self.upstream()
        path = str(self.directory() / "gateway.sock")
        for _ in range(3):
            gateway = Gateway("--socket", path, "--upstream", upstream.url)
            client = Client(path)
            self.addCleanup(client.close)
            self.assert_ok(client.call("UnloadModels"))
            gateway.signal(signal.SIGKILL)
            self.assertEqual(gateway.wait(), -signal.SIGKILL)
            with self.assertRaises(ConnectionClosed):
                client.receive()
        last = Gateway("--socket", path, "--upstream", upstream.url)
        self.addCleanup(last.stop)
        client = Client(path)
        self.addCleanup(client.close)
        self.assert_ok(client.call("UnloadModels"))


class HarmlessSignalTests(SurvivalTest):
    def test_a_terminal_that_goes_away_and_a_broken_pipe(self):
        def fault():
            for number in (signal.SIGHUP, signal.SIGPIPE):
                self.served.signal(number)
                self.assert_ok(self.asking.call("UnloadModels"))

        self.assert_survives(fault, rounds=100)

    def test_writing_to_clients_that_have_gone(self):

        def fault():
            held = Held(answering('{"iterable":[{"description":"%s"}]}' % ("d" * 1_000_000)))
            self.script = held
            before = len(self.scripted.requests)
            client = Client(self.served.path)
            client.request("ModelsSnapshot", metadata=[("traceparent", "t")])
            client.request("StreamModelsSnapshot", metadata=[("traceparent", "t")])
            self.scripted.wait_for_requests(before + 2)
            held.release(2)
            client.receive()
            client.close()
            self.script = answering()

        self.assert_survives(fault)
