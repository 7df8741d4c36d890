"""Section 5: `--upstream auto`, which finds Pieces OS and trusts not everyone."""

import os
import time
import unittest

from support.discovery import HEALTH, DiscoveryTest
from support.upstream import response


class CandidateTests(DiscoveryTest):
    def test_the_port_in_the_file_is_found_and_asked_for_its_health_once(self):
        upstream = self.pieces_os()
        self.write_port(str(upstream.port))
        client = self.client(self.auto())
        for _ in range(3):
            self.assert_answers(client, "a")
        self.assertEqual([request.target for request in upstream.requests], [HEALTH, *["/models"] * 3])
        self.assertEqual({request.header("Host") for request in upstream.requests}, {f"localhost:{upstream.port}"})
        self.assertEqual(upstream.requests[0].method, "GET")

    def test_nothing_is_asked_before_the_first_call(self):
        upstream = self.pieces_os()
        self.write_port(str(upstream.port))
        self.client(self.auto()).other_frames()
        self.assertEqual(upstream.connections, [])

    def test_space_around_the_port_does_no_harm(self):
        upstream = self.pieces_os()
        self.write_port(f"{upstream.port}\n")
        self.assert_answers(self.client(self.auto()), "a")

    def test_a_file_without_a_port_is_passed_over(self):
        self.pieces_os("late", 39331)
        for text in ("", "\n", "nonsense", "-1", "0", "65536", "99999999999999999999", "12 34", "x" * 1_000_000):
            with self.subTest(text=text[:20]):
                self.write_port(text)
                self.assert_answers(self.client(self.auto()), "late")

    def test_a_file_that_cannot_be_read_is_passed_over(self):
        self.pieces_os("late", 39331)
        self.assert_answers(self.client(self.auto()), "late")
        file = self.write_port("")
        file.unlink()
        file.mkdir()
        self.assert_answers(self.client(self.auto()), "late")
        file.rmdir()
        os.mkfifo(file)
        self.assert_answers(self.client(self.auto()), "late")

    def test_every_place_is_tried_in_its_order(self):
        in_file, in_documents = self.pieces_os("file"), self.pieces_os("documents")
        upstreams = [
            self.pieces_os("1000", 1000),
            in_file,
            in_documents,
            self.pieces_os("5323", 5323),
            self.pieces_os("39300", 39300),
            self.pieces_os("39333", 39333),
        ]
        self.write_port(str(in_file.port), ".local/share")
        self.write_port(str(in_documents.port))
        for upstream in upstreams:
            self.assert_answers(self.client(self.auto()), upstream.script.name)
            upstream.close()

    def test_the_file_in_the_data_directory_that_is_named_comes_first(self):
        named, usual = self.pieces_os("named"), self.pieces_os("usual")
        self.write_port(str(named.port), "data")
        self.write_port(str(usual.port), ".local/share")
        for directory, name in ((str(self.home / "data"), "named"), ("data", "usual"), ("", "usual")):
            with self.subTest(directory=directory):
                self.assert_answers(self.client(self.auto(XDG_DATA_HOME=directory)), name)

    def test_the_directories_may_have_any_bytes_in_their_names(self):
        upstream = self.pieces_os()
        self.home = self.home / os.fsdecode(b"caf\xe9")
        for directory in ("Documents", "data"):
            file = self.write_port(str(upstream.port), directory)
            self.assert_answers(self.client(self.auto(XDG_DATA_HOME=str(self.home / "data"))), "a")
            file.unlink()

    def test_nobody_there_is_said_quickly(self):
        client = self.client(self.auto())
        started = time.monotonic()
        self.assert_unreachable(client)
        self.assertLess(time.monotonic() - started, 10)

    def test_calls_that_come_together_share_what_is_found(self):
        upstream = self.pieces_os()
        self.write_port(str(upstream.port))
        client = self.client(self.auto())
        ids = [client.request("UnloadModels") for _ in range(20)]
        for stream_id in ids:
            self.assert_ok(client.response(stream_id))
        targets = [request.target for request in upstream.requests]
        self.assertEqual((targets.count("/models/unload"), targets.count(HEALTH)), (20, len(upstream.connections)))


class HealthTests(DiscoveryTest):
    def test_who_is_not_healthy_is_passed_over(self):
        self.pieces_os("healthy", 39331)
        sick = {
            "status 500": response(b"ok:x", 500),
            "status 204": response(status=204),
            "a redirect": response(b"ok:x", 302, ("Location: /models",)),
            "another body": response(b"fine"),
            "half of it": response(b"o"),
            "it behind something": response(b"not ok"),
            "no body": response(b""),
            "no HTTP": b"ok:x\r\n\r\n",
        }
        for name, health in sick.items():
            with self.subTest(name):
                upstream = self.pieces_os("sick", health=health)
                self.write_port(str(upstream.port))
                self.assert_answers(self.client(self.auto()), "healthy")
                self.assertEqual([request.target for request in upstream.requests], [HEALTH])

    def test_who_does_not_say_is_passed_over(self):
        self.pieces_os("healthy", 39331)
        for health in (b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok"):
            upstream = self.pieces_os("silent", health=health)
            self.write_port(str(upstream.port))
            started = time.monotonic()
            self.assert_answers(self.client(self.auto()), "healthy")
            self.assertLess(time.monotonic() - started, 10)

    def test_a_healthy_answer_may_have_any_form_that_http_has(self):
        for health in (
            response(b"ok:"),
            response(b"ok"),
            response(b"OK:x"),
            response(b'"ok:x"'),
            response(b"ok:" + b"x" * 5000),
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n2\r\nk:\r\n0\r\n\r\n",
            response(b"ok:x", headers=("Connection: close",)),
        ):
            with self.subTest(health=health[:80]):
                upstream = self.pieces_os("a", health=health)
                self.write_port(str(upstream.port))
                self.assert_answers(self.client(self.auto()), "a")

    def test_looking_for_it_counts_as_time_of_the_call(self):
        upstreams = [self.pieces_os("silent", port, health=b"") for port in (39301, 39302, 39303, 39304)]
        found = self.client(self.auto()).call("UnloadModels", timeout_nano=100_000_000)
        self.assertEqual((found.reason, found.metadata.get("request_sent")), ("DEADLINE_EXCEEDED", "false"))
        self.assertNotIn("/models/unload", [request.target for one in upstreams for request in one.requests])


class RestartTests(DiscoveryTest):
    def test_a_restart_on_another_port_is_found_again(self):
        for calls_meanwhile in (False, True):
            with self.subTest(calls_meanwhile=calls_meanwhile):
                first = self.pieces_os("first")
                self.write_port(str(first.port))
                client = self.client(self.auto())
                self.assert_answers(client, "first")
                first.close()
                client.other_frames()
                if calls_meanwhile:
                    started = time.monotonic()
                    self.assert_unreachable(client)
                    self.assertLess(time.monotonic() - started, 10)
                second = self.pieces_os("second")
                self.write_port(str(second.port))
                self.assert_answers(client, "second", attempts=2)
                self.assertNotIn("POST", [request.method for request in second.requests])
                # Its port may be one of those that are tried.
                second.close()

    def test_a_restart_on_the_same_port_needs_no_search(self):
        first = self.pieces_os("first")
        self.write_port(str(first.port))
        client = self.client(self.auto())
        self.assert_answers(client, "first")
        first.close()
        self.pieces_os("second", first.port)
        client.other_frames()
        self.assert_answers(client, "second")

    def test_one_that_starts_later_is_found(self):
        client = self.client(self.auto())
        self.assert_unreachable(client)
        upstream = self.pieces_os()
        self.write_port(str(upstream.port))
        self.assert_answers(client, "a", attempts=2)


@unittest.skipUnless(os.getuid() == 0, "needs root to be somebody else")
class TrustTests(DiscoveryTest):
    def test_a_listener_of_another_user_is_not_trusted(self):
        stranger = self.stranger()
        self.write_port(str(stranger.port))
        self.assert_unreachable(self.client(self.auto()))
        self.assertEqual(stranger.requests, [])

    def test_a_listener_of_another_user_does_not_hide_the_true_one(self):
        self.write_port(str(self.stranger().port))
        self.pieces_os("true", 39331)
        self.assert_answers(self.client(self.auto()), "true")

    def test_a_listener_of_another_user_on_another_address_changes_nothing(self):
        upstream = self.pieces_os("true")
        self.write_port(str(upstream.port))
        self.stranger(upstream.port, host="::1")
        self.assert_answers(self.client(self.auto()), "true")

    def test_a_trusted_listener_on_another_address_does_not_make_it_trusted(self):
        stranger = self.stranger()
        self.write_port(str(stranger.port))
        self.pieces_os("true", stranger.port, host="::1")
        client = self.client(self.auto())
        found = client.call("ModelsSnapshot")
        self.assertNotIn(b"stranger", found.payload)
        self.assertEqual(stranger.requests, [])

    def test_a_listener_of_another_user_does_not_inherit_the_trust(self):
        trusted = self.pieces_os("true")
        self.write_port(str(trusted.port))
        client = self.client(self.auto())
        self.assert_answers(client, "true")
        trusted.close()
        stranger = self.stranger(trusted.port)
        client.other_frames()
        self.assert_unreachable(client)
        self.assertEqual(stranger.requests, [])

    def test_an_explicit_upstream_is_used_as_given(self):
        stranger = self.stranger()
        self.assert_answers(self.client(self.gateway(stranger)), "stranger")
        self.assertEqual([request.target for request in stranger.requests], ["/models"])
