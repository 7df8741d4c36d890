"""Section 4: a POST is never sent twice, and its client knows whether it may have been carried out."""

import random
import re
import threading
from collections import Counter

from support import wire
from support.case import EndToEndTest
from support.client import Client
from support.envelope import OK, UNAVAILABLE
from support.survival import Bystander
from support.upstream import Connection, ScriptedUpstream, response

CREATES = 10_000
RESTARTS = 5
CLIENTS = 4
IN_FLIGHT = 50
SEED = 20240229
NAME = re.compile(rb"\r\napplication: (n\d+)\r\n")
# What an UNAVAILABLE may say: its reason, and whether the request was sent.
KNOWN = {
    ("UPSTREAM_CONNECTION_LOST", "true"),
    ("UPSTREAM_CONNECTION_LOST", "false"),
    ("UPSTREAM_UNREACHABLE", "false"),
}


class Killer:
    """A Pieces OS that creates models, and whose connections die at random moments. It outlives its restarts."""

    def __init__(self):
        self.begun: Counter[str] = Counter()  # Requests of which any byte has come.
        self.whole: Counter[str] = Counter()
        self.kills: Counter[str] = Counter()
        self._chance = random.Random(SEED)
        self._lock = threading.Lock()

    def serve(self, connection: Connection) -> None:
        with self._lock:
            chance = random.Random(self._chance.random())
        try:
            while self._serve_one(connection, chance):
                pass
        finally:
            connection.close()

    def _serve_one(self, connection: Connection, chance: random.Random) -> bool:
        """False when it has killed the connection."""
        moment = chance.choice(("read", "head", "body", "answer", "after")) if chance.random() < 0.05 else None
        if moment == "read":
            return self._kill(connection, moment, chance)
        head = connection.read_head()
        if head is None:
            return False
        name = NAME.search(head)[1].decode()
        with self._lock:
            self.begun[name] += 1
        if moment == "head":
            return self._kill(connection, moment, chance)
        if connection.read_body(head) is None:
            return False
        with self._lock:
            self.whole[name] += 1
        if moment == "body":
            return self._kill(connection, moment, chance)
        answer = response(b'{"id":"%s"}' % name.encode())
        connection.send(answer[: chance.randrange(1, len(answer))] if moment == "answer" else answer)
        return moment is None or self._kill(connection, moment, chance)

    def _kill(self, connection: Connection, moment: str, chance: random.Random) -> bool:
        with self._lock:
            self.kills[moment] += 1
        if chance.random() < 0.5:
            connection.reset()
        else:
            connection.close()
        return False


class Creator(threading.Thread):
    """A client that creates models with names of its own, many at a time."""

    def __init__(self, path: str, names: list[str], answered):
        super().__init__(daemon=True)
        self.outcomes: dict[str, tuple[int, str, str | None]] = {}
        self._client = Client(path)
        self._names = names
        self._answered = answered

    def run(self) -> None:
        asked: dict[int, str] = {}
        unasked = iter(self._names)
        while len(self.outcomes) < len(self._names):
            while len(asked) < IN_FLIGHT and (name := next(unasked, None)):
                payload = wire.field(1, wire.field(1, b""))
                stream_id = self._client.request("ModelsCreateNewModel", payload, metadata=[("application", name)])
                asked[stream_id] = name
            for stream_id in list(asked)[:1]:
                found = self._client.response(stream_id)
                self.outcomes[asked.pop(stream_id)] = (found.code, found.reason, found.metadata.get("request_sent"))
                self._answered()
        self._client.close()


class KilledConnectionTests(EndToEndTest):
    def test_of_ten_thousand_creates_none_is_sent_twice(self):
        killer = Killer()
        upstream = self.upstream(on_accept=killer.serve)
        gateway = self.gateway(upstream)
        self.client(gateway).other_frames()
        descriptors = gateway.descriptors()
        bystander = Bystander(gateway.path, asks_upstream=False)
        self.addCleanup(bystander.stop)
        answers = threading.Semaphore(0)
        names = [f"n{number}" for number in range(CREATES)]
        creators = [Creator(gateway.path, names[at::CLIENTS], answers.release) for at in range(CLIENTS)]
        for creator in creators:
            creator.start()
        for _ in range(RESTARTS):
            for _ in range(CREATES // 8):
                self.assertTrue(answers.acquire(timeout=20), "a create has no answer")
            upstream.close()
            for _ in range(CLIENTS * IN_FLIGHT + 20):
                self.assertTrue(answers.acquire(timeout=20), "a create has no answer")
            upstream = self.upstream(port=upstream.port, on_accept=killer.serve)
        for creator in creators:
            creator.join(60)
            self.assertFalse(creator.is_alive())
        upstream.close()
        bystander.stop()
        self.assertEqual(bystander.faults, [])
        gateway.wait_for_descriptors(descriptors)
        # Ready and found, and then lost and found with each restart.
        self.assertLessEqual(len(gateway.log), 2 + 2 * RESTARTS, gateway.log)

        outcomes = {name: outcome for creator in creators for name, outcome in creator.outcomes.items()}
        self.assertEqual(len(outcomes), CREATES)
        self.assertEqual([name for name, count in killer.begun.items() if count > 1], [])
        for name, (code, reason, sent) in outcomes.items():
            if code == OK:
                self.assertEqual(killer.whole[name], 1, name)
                continue
            self.assertEqual(code, UNAVAILABLE, reason)
            self.assertIn((reason, sent), KNOWN)
            if sent == "false":
                self.assertEqual(killer.begun[name], 0, name)

        kinds = Counter(outcomes.values())
        self.assertGreater(kinds[OK, "", None], CREATES // 4)
        self.assertGreater(kinds[UNAVAILABLE, "UPSTREAM_CONNECTION_LOST", "true"], 50)
        self.assertGreater(kinds[UNAVAILABLE, "UPSTREAM_UNREACHABLE", "false"], 50)
        self.assertEqual(set(killer.kills), {"read", "head", "body", "answer", "after"})
