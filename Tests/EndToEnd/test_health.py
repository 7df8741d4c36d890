"""design.md, section 6: grpc.health.v1.Health."""

import time
import unittest

from support import envelope, wire
from support.case import EndToEndTest
from support.client import Client
from support.discovery import HEALTH as WELL_KNOWN
from support.discovery import DiscoveryTest
from support.upstream import Exchange, Held, response
from support.wires import over_both_wires, ttrpc_only

HEALTH = "grpc.health.v1.Health"
SERVING, NOT_SERVING, SERVICE_UNKNOWN = 1, 2, 3
MODELS = "pieces.models.v1.ModelsService"


class Mood:
    """A script: what is said of the health can be changed; everything else is answered."""

    def __init__(self, health: bytes = response(b"ok:x")):
        self.health = health

    def __call__(self, exchange: Exchange) -> None:
        if exchange.request.target == WELL_KNOWN:
            exchange.send(self.health)
        else:
            exchange.answer()


def request(service: str = "") -> bytes:
    return wire.field(1, service) if service else b""


def status(payload: bytes) -> int:
    return dict(wire.fields(payload)).get(1, 0)


class HealthTest(EndToEndTest):
    def check(self, client: Client, service: str = "", **options) -> int:
        return status(self.assert_ok(client.call("Check", request(service), service=HEALTH, **options)))

    def watch(self, client: Client, service: str = "", **options) -> int:
        return client.request("Watch", request(service), service=HEALTH, **options)

    def next_status(self, client: Client, stream: int) -> int:
        return status(client.next_message(stream))

    def asked(self, upstream) -> int:
        return sum(request.target == WELL_KNOWN for request in upstream.requests)


@over_both_wires
class CheckTests(HealthTest):
    def test_serving_is_what_pieces_os_says(self):
        for raw, expected in (
            (response(b"ok"), SERVING),
            (response(b'"Ok:1"'), SERVING),
            (response(b"no such thing", 404), SERVING),
            (response(b"migrating"), NOT_SERVING),
            (response(b"ok", 500), NOT_SERVING),
            (response(b"", 204), NOT_SERVING),
            (b"nonsense", NOT_SERVING),
        ):
            with self.subTest(raw=raw):
                client, upstream = self.start(Mood(raw))
                for service in ("", MODELS):
                    self.assertEqual(self.check(client, service), expected)
                self.assertEqual(self.asked(upstream), 1)
                asked = upstream.requests[0]
                self.assertEqual((asked.method, asked.target), ("GET", WELL_KNOWN))

    def test_nobody_is_not_serving(self):
        gateway = self.gateway(f"unix:{self.directory() / 'nobody'}")
        self.assertEqual(self.check(self.client(gateway)), NOT_SERVING)

    def test_nobody_is_asked_before_somebody_asks(self):
        client, upstream = self.start(Mood())
        client.other_frames()
        self.assertEqual(upstream.connections, [])

    def test_it_is_asked_at_most_once_a_second(self):
        client, upstream = self.start(Mood())
        begin = time.monotonic()
        while self.asked(upstream) < 3:
            self.assertEqual(self.check(client), SERVING)
        # The gateway's clock counts whole milliseconds.
        self.assertGreater(time.monotonic() - begin, 1.998)

    def test_check_waits_a_second_and_no_longer(self):
        held = Held(Mood())
        client, upstream = self.start(held)
        begin = time.monotonic()
        self.assertEqual(self.check(client), NOT_SERVING)
        self.assertTrue(0.99 <= time.monotonic() - begin < 5)
        # What comes late holds from then on.
        stream = self.watch(client)
        self.assertEqual(self.next_status(client, stream), NOT_SERVING)
        held.release()
        self.assertEqual(self.next_status(client, stream), SERVING)

    def test_a_deadline_and_a_cancel_end_the_wait(self):
        held = Held(Mood())
        client, upstream = self.start(held)
        late = client.call("Check", service=HEALTH, timeout_nano=50_000_000)
        self.assert_status(late, envelope.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED", operation="Check", request_sent=False)
        self.assert_status(
            client.call("Check", service=HEALTH, timeout_nano=-1), envelope.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED"
        )
        waiting = client.request("Check", service=HEALTH)
        self.give_up(client, waiting, request_sent=False)
        held.release()
        self.assertEqual(self.check(client), SERVING)
        self.assertEqual(self.asked(upstream), 1)

    def test_busy_connections_do_not_make_it_look_ill(self):
        held = Held()
        mood = Mood()
        script = lambda exchange: (mood if exchange.request.target == WELL_KNOWN else held)(exchange)  # noqa: E731
        client, upstream = self.start(script, "--max-upstream-connections", "1")
        calls = [client.request("UnloadModels") for _ in range(3)]
        upstream.wait_for_requests(1)
        self.assertEqual(self.check(client), SERVING)
        held.release(3)
        for call in calls:
            self.assert_ok(client.response(call))
        # The connection beyond the limit has carried no call.
        self.assertEqual(len(upstream.connections), 2)
        self.assertEqual([connection.requests for connection in upstream.connections], [3, 1])

    def test_an_unknown_service_is_not_found(self):
        client, upstream = self.start(Mood())
        for service in ("nobody", "pieces.gateway.v1.Control", MODELS + "x"):
            answer = client.call("Check", request(service), service=HEALTH)
            self.assert_status(answer, envelope.NOT_FOUND, "UNKNOWN_METHOD", operation="Check")
            self.assertIn(service, answer.message)
        self.assertEqual(upstream.connections, [])

    def test_a_request_that_is_no_protobuf_is_refused(self):
        client, _ = self.start(Mood())
        for method in ("Check", "Watch", "List"):
            for payload in (b"\x0a", b"\x0a\x01\xff", b"\x00"):
                self.assert_bad_request(client.call(method, payload, service=HEALTH), "payload")

    def test_list_has_both(self):
        client, _ = self.start(Mood())
        payload = self.assert_ok(client.call("List", service=HEALTH))
        entries = [dict(wire.fields(value)) for number, value in wire.fields(payload) if number == 1]
        self.assertEqual(
            {entry.get(1, b"").decode(): status(entry[2]) for entry in entries}, {"": SERVING, MODELS: SERVING}
        )

    def test_reading_includes_health(self):
        path = str(self.directory() / "read.sock")
        self.gateway(self.upstream(Mood()), "--listen", f"path={path},allow=read")
        client = self.client_type(path)
        self.addCleanup(client.close)
        self.assertEqual(self.check(client), SERVING)
        path = str(self.directory() / "narrow.sock")
        self.gateway(self.upstream(Mood()), "--listen", f"path={path},allow=UnloadModels")
        client = self.client_type(path)
        self.addCleanup(client.close)
        answer = client.call("Check", service=HEALTH)
        self.assert_status(answer, envelope.PERMISSION_DENIED, "POLICY_DENIED")


@over_both_wires
class WatchTests(HealthTest):
    def test_changes_are_told_once_each(self):
        mood = Mood()
        client, upstream = self.start(mood)
        streams = [self.watch(client), self.watch(client, MODELS)]
        for raw, expected in (
            (response(b"ok"), SERVING), (response(b"migrating"), NOT_SERVING), (response(b"ok:2"), SERVING)
        ):
            mood.health = raw
            for stream in streams:
                self.assertEqual(self.next_status(client, stream), expected)
        seen = self.asked(upstream)
        upstream.wait_for_requests(seen + 1)
        self.assertEqual(client.other_frames(), [])

    def test_it_follows_who_goes_and_comes(self):
        upstream = self.upstream(Mood())
        client = self.client(self.gateway(upstream))
        stream = self.watch(client)
        self.assertEqual(self.next_status(client, stream), SERVING)
        upstream.close()
        self.assertEqual(self.next_status(client, stream), NOT_SERVING)
        self.upstream(Mood(), port=upstream.port)
        self.assertEqual(self.next_status(client, stream), SERVING)

    def test_an_unknown_service_is_watched_without_asking_anybody(self):
        client, upstream = self.start(Mood())
        stream = self.watch(client, "nobody")
        self.assertEqual(self.next_status(client, stream), SERVICE_UNKNOWN)
        self.assertEqual(client.other_frames(), [])
        self.assertEqual(upstream.connections, [])
        self.give_up(client, stream, operation="Watch")

    def test_nobody_is_asked_when_nobody_watches_any_more(self):
        client, upstream = self.start(Mood())
        stream = self.watch(client)
        self.assertEqual(self.next_status(client, stream), SERVING)
        self.give_up(client, stream)
        asked = self.asked(upstream)
        # A further question would have come by the time that a watch of nobody's health is over.
        outlasting = self.watch(client, "nobody", timeout_nano=1_300_000_000)
        self.assertEqual(self.next_status(client, outlasting), SERVICE_UNKNOWN)
        self.assert_status(client.response(outlasting), envelope.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED")
        self.assertEqual(self.asked(upstream), asked)

    def test_the_default_deadline_is_not_for_a_watch_but_its_own_is(self):
        client, upstream = self.start(Mood(), "--deadline", "100ms")
        endless = self.watch(client)
        self.assertEqual(self.next_status(client, endless), SERVING)
        bounded = self.watch(client, timeout_nano=300_000_000)
        self.assertEqual(self.next_status(client, bounded), SERVING)
        self.assert_status(client.response(bounded), envelope.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED")
        self.assertEqual(client.other_frames(), [])

    @ttrpc_only
    def test_watches_count_as_calls(self):
        client, _ = self.start(Mood(), "--max-calls-per-connection", "2")
        for _ in range(2):
            self.assertEqual(self.next_status(client, self.watch(client)), SERVING)
        answer = client.call("Watch", service=HEALTH)
        self.assert_status(answer, envelope.RESOURCE_EXHAUSTED, "LIMIT_REACHED")

    def draining(self):
        """A gateway that has been told to end while one call is in flight, and the client of it and of two watches that have
        heard of that."""
        held = Held()
        mood = Mood()
        script = lambda exchange: (mood if exchange.request.target == WELL_KNOWN else held)(exchange)  # noqa: E731
        upstream = self.upstream(script)
        gateway = self.gateway(upstream)
        client = self.client(gateway)
        stream, unknown = self.watch(client), self.watch(client, "nobody")
        self.assertEqual(self.next_status(client, stream), SERVING)
        self.assertEqual(self.next_status(client, unknown), SERVICE_UNKNOWN)
        call = client.request("UnloadModels")
        upstream.wait_for_requests(2)
        gateway.signal()
        self.assertEqual(self.next_status(client, stream), NOT_SERVING)
        for ended in (stream, unknown):
            self.assert_status(client.response(ended), envelope.UNAVAILABLE, "SHUTTING_DOWN", request_sent=False)
        return gateway, client, call, held

    def test_a_drain_is_told_once_and_ends_the_stream(self):
        gateway, client, call, held = self.draining()
        held.release()
        self.assert_ok(client.response(call))
        self.assertEqual(gateway.wait(), 0)

    @ttrpc_only
    def test_who_asks_during_a_drain_is_told(self):
        gateway, client, call, held = self.draining()
        self.assertEqual(self.check(client), NOT_SERVING)
        later = self.watch(client)
        self.assertEqual(self.next_status(client, later), NOT_SERVING)
        self.assert_status(client.response(later), envelope.UNAVAILABLE, "SHUTTING_DOWN")
        held.release()
        self.assert_ok(client.response(call))
        self.assertEqual(gateway.wait(), 0)


class DiscoveredTests(HealthTest, DiscoveryTest):
    def test_one_question_finds_pieces_os_and_says_that_it_is_well(self):
        upstream = self.pieces_os(port=39331)
        client = self.client(self.auto())
        self.assertEqual(self.check(client), SERVING)
        self.assertEqual(self.asked(upstream), 1)

    def test_it_is_found_again_at_another_port(self):
        upstream = self.pieces_os(port=39331)
        client = self.client(self.auto())
        stream = self.watch(client)
        self.assertEqual(self.next_status(client, stream), SERVING)
        upstream.close()
        self.assertEqual(self.next_status(client, stream), NOT_SERVING)
        self.pieces_os(port=39332)
        self.assertEqual(self.next_status(client, stream), SERVING)

    def test_nowhere_is_not_serving(self):
        client = self.client(self.auto())
        self.assertEqual(self.check(client), NOT_SERVING)


class LogTests(HealthTest):
    def test_what_it_says_of_itself_is_logged_on_change_alone(self):
        mood = Mood(response(b"migrating"))
        upstream = self.upstream(mood)
        gateway = self.gateway(upstream)
        client = self.client(gateway)
        stream = self.watch(client)
        self.assertEqual(self.next_status(client, stream), NOT_SERVING)
        asked = self.asked(upstream)
        while self.asked(upstream) < asked + 2:
            self.assert_ok(client.call("UnloadModels"))
        mood.health = response(b"ok")
        self.assertEqual(self.next_status(client, stream), SERVING)
        gateway.stop()
        said = [line for line in gateway.log if "Pieces OS" in line]
        self.assertEqual(len(said), 2, said)
        self.assertIn("Pieces OS not ready", said[0])
        self.assertIn("Pieces OS found", said[1])

    def test_one_that_answers_calls_and_not_how_it_is_is_not_ready_once(self):
        held, mood = Held(Mood()), Mood()
        script = lambda exchange: (held if exchange.request.target == WELL_KNOWN else mood)(exchange)  # noqa: E731
        upstream = self.upstream(script)
        gateway = self.gateway(upstream)
        client = self.client(gateway)
        stream = self.watch(client)
        self.assertEqual(self.next_status(client, stream), NOT_SERVING)
        # Each question is given up, and the next one has no answer either.
        while self.asked(upstream) < 3:
            self.assert_ok(client.call("UnloadModels"))
        held.release(1)
        self.assertEqual(self.next_status(client, stream), SERVING)
        gateway.stop()
        said = [line for line in gateway.log if "Pieces OS" in line]
        self.assertEqual([line.split("Pieces OS ")[1].split()[0] for line in said], ["not", "found"], said)


if __name__ == "__main__":
    unittest.main()
