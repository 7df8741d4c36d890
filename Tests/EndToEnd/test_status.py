"""design.md, section 6: pieces.gateway.v1.Control/Status."""

import os
import time
import unittest

from support import envelope
from support.case import EndToEndTest
from support.client import Client
from support.connection import PATIENCE
from support.discovery import DiscoveryTest
from support.grpc_client import GRPCClient
from support.messages import StatusResponse
from support.upstream import Held, answering, response

SERVING, NOT_READY, UNREACHABLE, DISTRUSTED, NOT_ASKED = range(1, 6)
MODELS = "pieces.models.v1.ModelsService"


class StatusTest(EndToEndTest):
    def status(self, client: Client) -> StatusResponse:
        payload = self.assert_ok(client.call("Status", service=envelope.CONTROL))
        return StatusResponse.FromString(payload)


class GatewayTests(StatusTest):
    def test_it_says_what_runs_since_when(self):
        upstream = self.upstream()
        before = time.time()
        gateway = self.gateway(upstream)
        after = time.time()
        status = self.status(self.client(gateway))
        self.assertRegex(status.version, r"^\d+\.\d+\.\d+$")
        self.assertEqual(status.pid, gateway.pid)
        started = status.start_time.seconds + status.start_time.nanos / 1e9
        self.assertTrue(before <= started <= after)
        self.assertGreater(status.resident_memory, 1 << 20)
        self.assertEqual(upstream.connections, [])

    def test_it_says_who_may_do_what_where(self):
        directory = self.directory()
        paths = [str(directory / name) for name in ("read", "named")]
        gateway = self.gateway(
            self.upstream(),
            "--listen", f"path={paths[0]},allow=read,uid=77,gid=78",
            "--listen", f"path={paths[1]},allow=UnloadModels+Status",
        )
        clients = [self.client(gateway), Client(paths[0]), Client(paths[1])]
        for client in clients[1:]:
            self.addCleanup(client.close)
        statuses = [self.status(client) for client in clients]
        uid = os.geteuid()
        self.assertEqual(
            [(socket.path, socket.policy, socket.connections) for socket in statuses[2].sockets],
            [
                (gateway.path, f"allow=all,uid={uid}", 1),
                (paths[0], f"allow=read,uid={uid},uid=77,gid=78", 1),
                (paths[1], f"allow=Status+UnloadModels,uid={uid}", 1),
            ],
        )
        self.assertEqual(len(statuses[0].allowed_methods), 11)
        reading = {"ModelsSnapshot", "StreamModelsSnapshot", "Cancel", "Status", "Check", "List", "Watch"}
        self.assertEqual({name.rpartition("/")[2] for name in statuses[1].allowed_methods}, reading)
        self.assertEqual(
            set(statuses[2].allowed_methods),
            {f"{MODELS}/UnloadModels", f"{envelope.CONTROL}/Status", f"{envelope.CONTROL}/Cancel"},
        )

    def test_each_wire_lists_what_is_carried_out_over_it(self):
        gateway = self.gateway(self.upstream())
        ttrpc, grpc = (set(self.status(self.client_of(kind, gateway)).allowed_methods) for kind in (Client, GRPCClient))
        reflection = {f"grpc.reflection.{version}.ServerReflection/ServerReflectionInfo" for version in ("v1", "v1alpha")}
        self.assertEqual(ttrpc - grpc, {f"{envelope.CONTROL}/Cancel"})
        self.assertEqual(grpc - ttrpc, reflection)
        cancelled = self.client_of(GRPCClient, gateway).call("Cancel", service=envelope.CONTROL)
        self.assert_status(cancelled, envelope.UNIMPLEMENTED, "UNKNOWN_METHOD")

    def client_of(self, kind: type[Client], gateway) -> Client:
        client = kind(gateway.path)
        self.addCleanup(client.close)
        return client

    def test_a_policy_that_does_not_name_it_refuses_it(self):
        path = str(self.directory() / "s")
        self.gateway(self.upstream(), "--listen", f"path={path},allow=UnloadModels")
        client = Client(path)
        self.addCleanup(client.close)
        answer = client.call("Status", service=envelope.CONTROL)
        self.assert_status(answer, envelope.PERMISSION_DENIED, "POLICY_DENIED", operation="Status")

    def test_it_counts(self):
        held = Held()
        upstream = self.upstream(held)
        client = self.client(self.gateway(upstream, "--max-upstream-connections", "1"))
        calls = [client.request("UnloadModels") for _ in range(3)]
        upstream.wait_for_requests(1)
        status = self.status(client)
        self.assertEqual((status.calls_in_flight, status.calls_waiting, status.waiting_bytes), (3, 2, 0))
        held.script = answering("no", 404)
        held.release(3)
        for call in calls:
            client.response(call)
        client.call("NoSuchMethod")
        status = self.status(client)
        self.assertEqual((status.calls_in_flight, status.calls_waiting), (0, 0))
        self.assertEqual(
            {(count.method, count.code): count.count for count in status.calls},
            {(f"{MODELS}/UnloadModels", "NOT_FOUND"): 3, (f"{envelope.CONTROL}/Status", "OK"): 1},
        )
        self.assertEqual(
            {count.reason: count.count for count in status.errors}, {"UPSTREAM_HTTP_STATUS": 3, "UNKNOWN_METHOD": 1}
        )

    def test_unknown_fields_are_legal_and_what_is_no_protobuf_is_not(self):
        client, _ = self.start()
        self.assert_ok(client.call("Status", b"\x08\x01", service=envelope.CONTROL))
        self.assert_bad_request(client.call("Status", b"\x08", service=envelope.CONTROL), "payload")

    def test_it_is_answered_while_the_gateway_drains(self):
        held = Held()
        upstream = self.upstream(held)
        gateway = self.gateway(upstream)
        client = self.client(gateway)
        call = client.request("UnloadModels")
        upstream.wait_for_requests(1)
        gateway.signal()
        gateway.wait_for_log("stopping")
        self.assertEqual(self.status(client).calls_in_flight, 1)
        held.release()
        self.assert_ok(client.response(call))


class UpstreamTests(StatusTest):
    def test_a_named_upstream_that_was_not_asked(self):
        client, upstream = self.start()
        said = self.status(client).upstream
        self.assertEqual((said.location, said.state), (upstream.url, NOT_ASKED))
        self.assertIn("no call", said.message)
        self.assertFalse(said.HasField("endpoint"))
        self.assertFalse(said.HasField("last_answer_time"))

    def test_one_that_answers(self):
        def late(exchange):
            time.sleep(0.1)
            exchange.answer()

        client, upstream = self.start(late)
        self.assert_ok(client.call("UnloadModels"))
        after = time.time()
        said = self.status(client).upstream
        self.assertEqual((said.location, said.endpoint, said.state), (upstream.url, upstream.url, SERVING))
        self.assertIn(upstream.url, said.message)
        self.assertTrue(0.09e9 < said.last_answer_nanos < PATIENCE * 1e9)
        answered = said.last_answer_time.seconds + said.last_answer_time.nanos / 1e9
        self.assertTrue(after - 1 < answered <= after)

    def test_one_that_is_not_there(self):
        gateway = self.gateway(f"unix:{self.directory() / 'nobody'}")
        client = self.client(gateway)
        client.call("UnloadModels")
        said = self.status(client).upstream
        self.assertEqual(said.state, UNREACHABLE)
        self.assertIn("cannot connect", said.message)

    def test_one_that_is_not_ready(self):
        client, _ = self.start(lambda exchange: exchange.send(response(b"migrating")))
        self.assert_ok(client.call("Check", service="grpc.health.v1.Health"))
        said = self.status(client).upstream
        self.assertEqual(said.state, NOT_READY)
        self.assertIn("it says 'migrating'", said.message)


    def test_one_that_has_not_answered_its_first_call(self):
        held = Held()
        client, upstream = self.start(held)
        call = client.request("UnloadModels", timeout_nano=1_100_000_000)
        upstream.wait_for_requests(1)
        said = self.status(client).upstream
        self.assertEqual((said.state, said.message), (NOT_ASKED, "Pieces OS is asked for the first time"))
        self.assert_status(client.response(call), envelope.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED")
        said = self.status(client).upstream
        self.assertEqual(said.state, NOT_READY)
        self.assertRegex(said.message, rf"{upstream.url} has not answered a call within \d+ ms")

    def test_a_client_without_patience_says_nothing_of_it(self):
        held = Held()
        client, upstream = self.start(held)
        for _ in range(2):
            call = client.call("UnloadModels", timeout_nano=50_000_000)
            self.assert_status(call, envelope.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED")
        self.assertEqual(self.status(client).upstream.state, NOT_ASKED)


class DiscoveredTests(StatusTest, DiscoveryTest):
    def test_where_it_was_found(self):
        upstream = self.pieces_os(port=39331)
        client = self.client(self.auto())
        said = self.status(client).upstream
        self.assertEqual((said.location, said.state, said.endpoint), ("auto", NOT_ASKED, ""))
        self.assert_answers(client, "a")
        said = self.status(client).upstream
        self.assertEqual(
            (said.location, said.state, said.endpoint), ("auto", SERVING, f"http://localhost:{upstream.port}")
        )
        self.assertTrue(said.HasField("last_answer_time"))

    def test_that_another_search_has_found_out_nothing_yet_is_no_news(self):
        upstream = self.upstream(Held(), port=39331)
        client = self.client(self.auto())
        # As long as somebody watches, one search follows the other.
        client.request("Watch", service="grpc.health.v1.Health")
        said = []
        while len(upstream.connections) < 7:
            status = self.status(client).upstream
            if status.state == NOT_READY and status.message not in said[-1:]:
                said.append(status.message)
            time.sleep(0.01)
        self.assertLessEqual(len(said), 2, said)
        self.assertRegex(said[-1], "has not said within 2000 ms")

    @unittest.skipUnless(os.geteuid() == 0, "only root can make a listener of another user")
    def test_who_is_not_trusted(self):
        self.stranger(port=39331)
        client = self.client(self.auto())
        client.call("UnloadModels")
        said = self.status(client).upstream
        self.assertEqual(said.state, DISTRUSTED)
        self.assertIn("65534", said.message)


if __name__ == "__main__":
    unittest.main()
