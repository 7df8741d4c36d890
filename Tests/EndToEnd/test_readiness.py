"""Sections 4 and 5: a Pieces OS that is slow, not ready, or gone while another program has its port."""

import threading
import time

from support.discovery import HEALTH, DiscoveryTest, PiecesOS
from support.envelope import UNAVAILABLE
from support.upstream import Exchange, ScriptedUpstream, response
from support.wires import over_both_wires

OK = response(b"ok:3fa85f64-5717-4562-b3fc-2c963f66afa6")


class SlowPiecesOS(PiecesOS):
    """Says only after some time that it is healthy, so many times."""

    def __init__(self, name: str, seconds: float, times: int = 1000):
        super().__init__(name)
        self.seconds = seconds
        self.times = times

    def __call__(self, exchange: Exchange) -> None:
        if exchange.request.target == HEALTH and self.times > 0:
            self.times -= 1
            time.sleep(self.seconds)
        super().__call__(exchange)


class Program:
    """Another program: it answers everything in its own way, and must never be asked for anything but its health."""

    def __init__(self, answer: bytes):
        self.answer = answer

    def __call__(self, exchange: Exchange) -> None:
        exchange.send(self.answer)


class ReadinessTest(DiscoveryTest):
    def targets(self, upstream: ScriptedUpstream) -> list[str]:
        return [request.target for request in upstream.requests]

    def assert_not_ready(self, found, *words: str):
        expectations = {"operation": "ModelsSnapshot", "request_sent": False}
        self.assert_status(found, UNAVAILABLE, "UPSTREAM_NOT_READY", **expectations)
        for word in words:
            self.assertIn(word, found.message)


class SlowTests(ReadinessTest):
    def test_who_accepted_is_asked_again_with_more_time(self):
        for seconds in (0.35, 1.5):
            with self.subTest(seconds=seconds):
                upstream = self.upstream(SlowPiecesOS("slow", seconds))
                self.write_port(str(upstream.port))
                self.assert_answers(self.client(self.auto()), "slow", attempts=1)

    def test_all_others_are_asked_first(self):
        slow = self.upstream(SlowPiecesOS("slow", 1.5))
        self.write_port(str(slow.port))
        self.pieces_os("quick", 39331)
        self.assert_answers(self.client(self.auto()), "quick", attempts=1)
        self.assertEqual(self.targets(slow), [HEALTH])

    def test_who_does_not_say_so_even_then_is_not_ready(self):
        upstream = self.pieces_os("silent", health=b"")
        self.write_port(str(upstream.port))
        started = time.monotonic()
        found = self.client(self.auto()).call("ModelsSnapshot")
        self.assert_not_ready(found, f"http://localhost:{upstream.port}", "has not said within 2000 ms")
        self.assertGreater(time.monotonic() - started, 2.2)
        self.assertEqual(self.targets(upstream), [HEALTH] * 2)

    def test_many_that_do_not_say_so_take_no_longer_than_one(self):
        for port in range(39300, 39306):
            self.pieces_os("silent", port, health=b"")
        started = time.monotonic()
        self.assert_not_ready(self.client(self.auto()).call("ModelsSnapshot"))
        self.assertLess(time.monotonic() - started, 6 * 0.3 + 2 + 2)

    def test_one_that_has_become_healthy_meanwhile_is_found(self):
        upstream = self.upstream(SlowPiecesOS("a", 0.5, times=1))
        self.write_port(str(upstream.port))
        self.assert_answers(self.client(self.auto()), "a", attempts=1)


@over_both_wires
class NotReadyTests(ReadinessTest):
    def test_what_it_said_is_in_the_message(self):
        says = {
            "'migrating'": [response(b"migrating"), response(b'"migrating"')],
            "HTTP status 500": [response(b"", 500), response(b"ok:x", 500)],
            "HTTP status 503 'migrating'": [response(b"migrating", 503)],
            "closes the connection": [b""],
        }
        for words, answers in says.items():
            for health in answers:
                with self.subTest(health=health):
                    upstream = self.pieces_os("a", health=health)
                    if not health:
                        upstream.script = lambda exchange: exchange.connection.close()
                    self.write_port(str(upstream.port))
                    found = self.client(self.auto()).call("ModelsSnapshot")
                    self.assert_not_ready(found, f"http://localhost:{upstream.port}", words)
                    self.assertNotIn("hint", found.metadata)
                    self.assertEqual(set(self.targets(upstream)), {HEALTH})

    def test_what_speaks_no_http_is_not_pieces_os(self):
        upstream = self.pieces_os("a", health=b"220 mail.example ESMTP\r\n")
        self.write_port(str(upstream.port))
        self.assert_unreachable(self.client(self.auto()))

    def test_it_is_asked_again_at_the_next_call(self):
        upstream = self.pieces_os("a", health=response(b"migrating"))
        self.write_port(str(upstream.port))
        client = self.client(self.auto())
        self.assert_not_ready(client.call("ModelsSnapshot"), "migrating")
        upstream.script.health = OK
        self.assert_answers(client, "a", attempts=1)


class NewConnectionTests(ReadinessTest):
    def test_health_is_asked_first_on_every_new_connection_and_on_no_used_one(self):
        upstream = self.pieces_os()
        self.write_port(str(upstream.port))
        client = self.client(self.auto())
        for _ in range(2):
            for stream_id in [client.request("UnloadModels") for _ in range(5)]:
                self.assert_ok(client.response(stream_id))
        self.assertEqual(self.targets(upstream).count(HEALTH), len(upstream.connections))
        self.assertLessEqual(len(upstream.connections), 5)

    def test_who_closes_after_saying_so_is_asked_once_and_then_called(self):
        upstream = self.pieces_os("a", health=response(b"ok:x", headers=("Connection: close",)))
        self.write_port(str(upstream.port))
        client = self.client(self.auto())
        self.assert_answers(client, "a", attempts=1)
        self.assert_ok(client.call("UnloadModels"))
        self.assertEqual(self.targets(upstream), [HEALTH, "/models", "/models/unload"])

    def test_who_closes_after_every_answer_is_asked_for_each_call(self):
        upstream = self.upstream(self.closing)
        self.write_port(str(upstream.port))
        client = self.client(self.auto())
        for _ in range(3):
            self.assert_ok(client.call("UnloadModels"))
        self.assertEqual(self.targets(upstream), [HEALTH, "/models/unload"] * 3)

    @staticmethod
    def closing(exchange: Exchange) -> None:
        health = exchange.request.target == HEALTH
        exchange.answer("ok:x" if health else "{}", headers=("Connection: close",))
        exchange.connection.close()

    def test_an_explicit_upstream_is_not_asked(self):
        upstream = self.pieces_os(health=response(b"migrating"))
        self.assert_answers(self.client(self.gateway(upstream)), "a")
        self.assertEqual(self.targets(upstream), ["/models"])

    def test_another_program_in_its_place_gets_no_call(self):
        for answer in (response(b"{}"), response(b"", 404), b"", b"220 mail.example ESMTP\r\n"):
            with self.subTest(answer=answer):
                first = self.pieces_os("first")
                self.write_port(str(first.port))
                client = self.client(self.auto())
                self.assert_answers(client, "first")
                first.close()
                other = self.upstream(Program(answer), port=first.port)
                second = self.pieces_os("second")
                self.write_port(str(second.port))
                client.other_frames()
                found = client.call("ModelsCreateNewModel")
                self.assertIn(b"second", self.assert_ok(found))
                self.assertEqual(set(self.targets(other)), {HEALTH})
                self.assertEqual(self.targets(second), [HEALTH, "/models/create"])
                other.close()

    def test_another_program_gets_no_call_either_when_there_is_no_pieces_os_any_more(self):
        first = self.pieces_os("first")
        self.write_port(str(first.port))
        client = self.client(self.auto())
        self.assert_answers(client, "first")
        first.close()
        other = self.upstream(Program(response(b"", 404)), port=first.port)
        client.other_frames()
        for _ in range(2):
            found = client.call("ModelsCreateNewModel")
            self.assert_status(found, UNAVAILABLE, "UPSTREAM_NOT_READY", request_sent=False)
        self.assertEqual(set(self.targets(other)), {HEALTH})

    def test_a_call_that_is_given_up_meanwhile_leaves_the_connection_to_others(self):
        upstream = self.upstream(SlowPiecesOS("a", 0))
        self.write_port(str(upstream.port))
        client = self.client(self.auto())
        self.assert_answers(client, "a")
        held = threading.Event()
        self.addCleanup(held.set)
        upstream.script = lambda exchange: held.wait(10) and exchange.answer("ok:x")
        first, second = client.request("UnloadModels"), client.request("UnloadModels")
        self.assert_ok(client.cancel(second))
        self.assertEqual(client.response(second).metadata.get("request_sent"), "false")
        held.set()
        self.assert_ok(client.response(first))
        self.assert_ok(client.call("UnloadModels"))
