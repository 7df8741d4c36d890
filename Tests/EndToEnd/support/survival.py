"""What surviving means: no wrong answer for anybody else while something goes wrong, and nothing left behind after it."""

import threading
from typing import Callable

from .case import EndToEndTest
from .client import Client
from .envelope import CONTROL, OK, UNIMPLEMENTED
from .messages import Models
from .upstream import Exchange, answering

BYSTANDER = "bystander"
BODY = b'{"iterable":[{"id":"%s"}]}' % BYSTANDER.encode()
# What a heap that is used over and over differs by from one time to another.
PAGES = 256 * 1024


class Bystander:
    """A client that goes on asking, on a connection of its own, and notices every answer that is not the right one."""

    def __init__(self, path: str, asks_upstream: bool = True):
        self.asks_upstream = asks_upstream
        self.rounds = 0
        self.faults: list[str] = []
        self._client = Client(path)
        self._changed = threading.Condition()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._ask, daemon=True)
        self._thread.start()

    def wait_for_rounds(self, count: int) -> None:
        """Waits until it has asked so many times more."""
        with self._changed:
            goal = self.rounds + count
            if not self._changed.wait_for(lambda: self.rounds >= goal or self.faults, 20):
                self.faults.append("the bystander waits for its answer")

    def stop(self) -> None:
        self._end.set()
        self._thread.join()
        self._client.close()

    def _ask(self) -> None:
        while not self.faults and not self._end.wait(0.002):
            try:
                faults = self._faults_of_round()
            except Exception as error:
                faults = [repr(error)]
            with self._changed:
                self.faults += faults
                self.rounds += 1
                self._changed.notify_all()

    def _faults_of_round(self) -> list[str]:
        unknown = self._client.call("NoSuchMethod")
        cancel = self._client.call("Cancel", service=CONTROL)
        faults = [repr(found) for found, code in ((unknown, UNIMPLEMENTED), (cancel, OK)) if found.code != code]
        if self.asks_upstream:
            metadata = [("application", BYSTANDER)]
            snapshot = self._client.call("ModelsSnapshot", metadata=metadata)
            messages, error = self._client.stream(metadata=metadata)
            for found, payload in ((snapshot, snapshot.payload), (error, b"".join(messages))):
                if (found and found.code) or [m.id for m in Models.FromString(payload).iterable] != [BYSTANDER]:
                    faults.append(f"{found!r} {payload!r}")
        return faults


class SurvivalTest(EndToEndTest):
    """Faults of an upstream or a client, made again and again, beside a bystander."""

    options: tuple[str, ...] = ()
    log_lines = 5

    def setUp(self):
        self.script = answering()
        self.scripted = self.upstream(self.answer)
        self.served = self.gateway(self.scripted, *self.options)
        self.asking = self.client(self.served)
        self.asking.other_frames()
        self.descriptors = self.served.descriptors()

    def answer(self, exchange: Exchange) -> None:
        if exchange.request.header("application") == BYSTANDER:
            exchange.answer(BODY)
        else:
            self.script(exchange)

    def assert_survives(self, fault: Callable[[], None], *, rounds: int = 10, asks_upstream: bool = True) -> None:
        bystander = Bystander(self.served.path, asks_upstream)
        try:
            self.assert_memory_stops_growing(fault, rounds)
            bystander.wait_for_rounds(2)
        finally:
            bystander.stop()
        self.assertEqual(bystander.faults, [])
        self.assertEqual(self.served.process.poll(), None)
        self.assertLessEqual(len(self.served.log), self.log_lines)
        self.assert_nothing_open()

    def assert_memory_stops_growing(self, fault: Callable[[], None], rounds: int) -> None:
        """A heap grows for a while until it has room for everything; one that leaks goes on. Sanitizers look for leaks
        themselves."""
        sizes = []
        while len(sizes) < 2 or sizes[-1] - sizes[-2] > PAGES:
            self.assertLess(len(sizes), 8, f"resident memory goes on growing: {sizes}")
            for _ in range(rounds):
                fault()
            sizes.append(self.served.memory("VmRSS"))

    def assert_nothing_open(self) -> None:
        """Connections to the upstream are kept for the next call, until the upstream closes them."""
        for connection in list(self.scripted.connections):
            connection.shut_down()
        self.served.wait_for_descriptors(self.descriptors)
