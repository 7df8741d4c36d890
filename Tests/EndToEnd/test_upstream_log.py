"""clients.md, section 4: what the log says of Pieces OS and of calls."""

import json
import os
import re
import unittest

from support.discovery import NOBODY, DiscoveryTest
from support.upstream import Held, answering, response

KINDS = ("Pieces OS found", "Pieces OS lost", "Pieces OS not ready", "Pieces OS is not there", "distrusted")


class UpstreamLogTest(DiscoveryTest):
    def entries(self, gateway) -> list[str]:
        """Those about Pieces OS, in their order, each by its kind."""
        return [kind for line in gateway.log for kind in KINDS if kind in line]

    def assert_log(self, gateway, *kinds: str):
        """Exactly these, once the log of an ended gateway is whole."""
        gateway.stop()
        self.assertEqual(self.entries(gateway), list(kinds), gateway.log)


class ChangeTests(UpstreamLogTest):
    def test_found_is_said_once_with_the_place(self):
        upstream = self.pieces_os(port=39331)
        gateway = self.auto()
        client = self.client(gateway)
        for _ in range(3):
            self.assert_answers(client, "a")
        line = gateway.wait_for_log("Pieces OS found")
        self.assertIn(" info ", line)
        self.assertIn(f"url=http://localhost:{upstream.port}", line)
        self.assert_log(gateway, "Pieces OS found")

    def test_a_named_upstream_is_found_at_its_first_answer_whatever_it_is(self):
        for script in (answering(), answering("no", 500)):
            upstream = self.upstream(script)
            gateway = self.gateway(upstream)
            client = self.client(gateway)
            client.other_frames()
            self.assertEqual(self.entries(gateway), [])
            for _ in range(3):
                client.call("ModelsSnapshot")
            self.assertIn(upstream.url, gateway.wait_for_log("Pieces OS found"))
            self.assert_log(gateway, "Pieces OS found")

    def test_a_loss_is_one_entry_however_many_calls_fail(self):
        for named in (True, False):
            with self.subTest(named=named):
                upstream = self.pieces_os()
                self.write_port(str(upstream.port))
                gateway = self.gateway(upstream) if named else self.auto()
                client = self.client(gateway)
                self.assert_answers(client, "a")
                upstream.close()
                for _ in range(5):
                    self.assert_unreachable(client)
                self.pieces_os("again", upstream.port)
                self.assert_answers(client, "again")
                self.assert_log(gateway, "Pieces OS found", "Pieces OS lost", "Pieces OS found")

    def test_answers_that_are_cut_off_are_none_and_the_next_connection_tells(self):
        held = Held()
        upstream = self.upstream(held)
        gateway = self.gateway(upstream)
        client = self.client(gateway)
        self.open_connections(2, client, upstream, held)
        held.script = lambda exchange: exchange.connection.close()
        for _ in range(3):
            stream_id = client.request("UnloadModels")
            held.release()
            self.assertEqual(client.response(stream_id).reason, "UPSTREAM_CONNECTION_LOST")
        self.assertEqual(self.entries(gateway), ["Pieces OS found"])
        upstream.close()
        for _ in range(3):
            self.assertEqual(client.call("UnloadModels").reason, "UPSTREAM_UNREACHABLE")
        self.assert_log(gateway, "Pieces OS found", "Pieces OS lost")

    def test_one_that_ends_is_lost_when_its_last_answer_is_here(self):
        held = Held()
        upstream = self.upstream(held)
        gateway = self.gateway(upstream)
        client = self.client(gateway)
        self.open_connections(2, client, upstream, held)
        ids = [client.request("UnloadModels") for _ in range(2)]
        upstream.wait_for_requests(4)
        upstream.stop_listening()
        self.assertEqual(client.call("UnloadModels").reason, "UPSTREAM_UNREACHABLE")
        held.release(2)
        for stream_id in ids:
            self.assert_ok(client.response(stream_id))
        self.assertEqual(self.entries(gateway), ["Pieces OS found"])
        upstream.close()
        client.other_frames()
        self.assertEqual(client.call("UnloadModels").reason, "UPSTREAM_UNREACHABLE")
        self.assert_log(gateway, "Pieces OS found", "Pieces OS lost")

    def test_one_that_was_never_there(self):
        gateway = self.auto()
        client = self.client(gateway)
        for _ in range(3):
            self.assert_unreachable(client)
        self.assert_log(gateway, "Pieces OS is not there")

    def test_one_that_is_not_ready_for_a_while(self):
        upstream = self.pieces_os(health=response(b"migrating"))
        self.write_port(str(upstream.port))
        gateway = self.auto()
        client = self.client(gateway)
        for _ in range(3):
            self.assertEqual(client.call("ModelsSnapshot").reason, "UPSTREAM_NOT_READY")
        self.assertIn("migrating", gateway.wait_for_log("Pieces OS not ready"))
        upstream.script.health = response(b"ok:x")
        self.assert_answers(client, "a")
        self.assert_log(gateway, "Pieces OS not ready", "Pieces OS found")

    @unittest.skipUnless(os.getuid() == 0, "needs root to be somebody else")
    def test_who_is_distrusted_is_named_once(self):
        stranger = self.stranger()
        self.write_port(str(stranger.port))
        gateway = self.auto()
        client = self.client(gateway)
        for _ in range(3):
            self.assert_unreachable(client)
        line = gateway.wait_for_log("distrusted")
        self.assertIn(f"uid={NOBODY}", line)
        self.assertIn(f"url=http://localhost:{stranger.port}", line)
        self.pieces_os("true", 39331)
        self.assert_answers(client, "true")
        self.assert_log(gateway, "distrusted", "Pieces OS found")


class CallLogTests(UpstreamLogTest):
    def calls(self, gateway) -> list[dict]:
        gateway.stop()
        entries = [json.loads(line) for line in gateway.log]
        return [entry for entry in entries if entry["message"] == "call"]

    def test_every_call_is_one_entry_at_debug(self):
        gateway = self.gateway(self.upstream(answering()), "--log-level", "debug", "--log-format", "json")
        client = self.client(gateway)
        client.call("ModelsSnapshot")
        client.call("ModelsDeleteSpecificModel", b"\x0a\x00")
        client.stream()
        client.call("UnloadModels", timeout_nano=-1)
        client.cancel(1)
        calls = self.calls(gateway)
        self.assertEqual(
            [(call["method"], call["code"]) for call in calls],
            [
                ("ModelsSnapshot", "OK"),
                ("ModelsDeleteSpecificModel", "INVALID_ARGUMENT"),
                ("StreamModelsSnapshot", "OK"),
                ("UnloadModels", "DEADLINE_EXCEEDED"),
                ("Cancel", "OK"),
            ],
        )
        for call in calls:
            self.assertEqual(call["level"], "debug")
            self.assertEqual((call["uid"], call["pid"]), (str(os.getuid()), str(os.getpid())))
            self.assertTrue(re.fullmatch(r"\d+", call["milliseconds"]))

    def test_how_a_call_ended_is_said_of_each(self):
        held = Held()
        upstream = self.upstream(held)
        gateway = self.gateway(upstream, "--log-level", "debug", "--log-format", "json")
        client, other = self.client(gateway), self.client(gateway)
        stream_id = client.request("UnloadModels")
        other.request("UnloadModels")
        upstream.wait_for_requests(2)
        client.cancel(stream_id)
        other.close()
        held.wait_until_given_up(2)
        client.call("UnloadModels", timeout_nano=50_000_000)
        ends = [(call["code"], int(call["milliseconds"])) for call in self.calls(gateway) if call["method"] == "UnloadModels"]
        self.assertEqual([code for code, _ in ends], ["CANCELLED", "CANCELLED", "DEADLINE_EXCEEDED"])
        self.assertGreaterEqual(ends[2][1], 50)

    def test_at_info_there_is_none(self):
        gateway = self.gateway(self.upstream(answering()), "--log-format", "json")
        self.client(gateway).call("ModelsSnapshot")
        self.assertEqual(self.calls(gateway), [])
