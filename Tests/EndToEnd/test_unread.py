"""design.md, section 5: a client that does not read is not worked for, and an answer's bytes exist once."""

import time

from support import envelope
from support.case import EndToEndTest
from support.client import Client
from support.connection import PATIENCE
from support.envelope import DEADLINE_EXCEEDED
from support.messages import StatusResponse
from support.upstream import Held, answering

MODELS_OF_1_MB = '{"iterable":[%s]}' % ",".join('{"description":"%s"}' % ("d" * 1000) for _ in range(1000))
CONNECTIONS = 4


class UnreadTests(EndToEndTest):
    def begin(self, *options: str, script=answering(MODELS_OF_1_MB)):
        self.models = self.upstream(script)
        gateway = self.gateway(self.models, "--max-upstream-connections", str(CONNECTIONS), *options)
        return gateway, self.client(gateway), self.client(gateway)

    def snapshots(self, client: Client, count: int, **options) -> list[int]:
        """That many, of which each has a GET of its own."""
        return [
            client.request("ModelsSnapshot", metadata=[("traceparent", f"00-{n}")], **options) for n in range(count)
        ]

    def status(self, client: Client) -> StatusResponse:
        return StatusResponse.FromString(self.assert_ok(client.call("Status", service=envelope.CONTROL)))

    def wait_for(self, client: Client, condition) -> None:
        end = time.monotonic() + PATIENCE
        while not condition(status := self.status(client)):
            self.assertLess(time.monotonic(), end, status)

    def test_calls_of_a_client_that_does_not_read_wait_before_they_reach_pieces_os(self):
        gateway, greedy, innocent = self.begin()
        ids = self.snapshots(greedy, 50)
        # Some calls may not have been read yet: where answers wait, nobody reads on.
        self.wait_for(innocent, lambda status: status.waiting_bytes and status.calls_in_flight == status.calls_waiting)
        # Connections are free, and whoever reads has them.
        for _ in range(20):
            self.assert_ok(innocent.call("UnloadModels"))
        self.assertLessEqual(len(self.models.requests), 20 + 2 * CONNECTIONS)
        self.assertLess(self.status(innocent).waiting_bytes, 2 * CONNECTIONS << 20)
        for stream_id in ids:
            self.assertGreater(len(self.assert_ok(greedy.response(stream_id))), 1_000_000)
        self.assertEqual(len(self.models.requests), 20 + 50)
        self.assertEqual(self.status(innocent).waiting_bytes, 0)

    def test_their_deadline_counts_all_the_same(self):
        gateway, greedy, innocent = self.begin()
        ids = self.snapshots(greedy, 30, timeout_nano=2_000_000_000)
        greedy.wait_until_answered()
        self.wait_for(innocent, lambda status: status.calls_in_flight == 0)
        asked = len(self.models.requests)
        self.assertLessEqual(asked, 2 * CONNECTIONS)
        responses = [greedy.response(stream_id) for stream_id in ids]
        late = [response for response in responses if response.metadata.get("request_sent") == "false"]
        self.assertEqual(len(late), 30 - asked)
        for response in late:
            self.assert_status(response, DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED")
        self.assertEqual(len(self.models.requests), asked)

    def test_answers_that_many_calls_share_exist_once(self):
        gateway, _, innocent = self.begin()
        clients = [self.client(gateway) for _ in range(20)]
        ids = [[client.request("ModelsSnapshot") for _ in range(10)] for client in clients]
        for client in clients:
            client.wait_until_answered()
        innocent.other_frames()
        # An answer for those that came at once, and one or two for those that came meanwhile.
        self.assertLess(self.status(innocent).waiting_bytes, len(self.models.requests) * 1_100_000)
        self.assertLess(len(self.models.requests), 20)
        for client, all in zip(clients, ids):
            for stream_id in all:
                self.assertGreater(len(self.assert_ok(client.response(stream_id))), 1_000_000)
        self.assertEqual(self.status(innocent).waiting_bytes, 0)

    def test_nothing_is_left_of_answers_that_wait_when_their_client_goes(self):
        gateway, greedy, innocent = self.begin("--max-unread", "4MiB")
        for _ in range(20):
            greedy.request("ModelsSnapshot")
        greedy.wait_until_answered()
        greedy.close()
        self.wait_for(innocent, lambda status: status.calls_in_flight == 0 and status.waiting_bytes == 0)
        self.assert_ok(innocent.call("ModelsSnapshot"))

    def test_who_leaves_more_unread_than_it_may_is_closed_all_the_same(self):
        # No two are the same: equal ones would be kept once, outside of what is unread.
        held = Held(lambda exchange: answering('{"score":%d,%s' % (exchange.number, MODELS_OF_1_MB[1:]))(exchange))
        gateway, greedy, innocent = self.begin("--max-unread", "2MiB", script=held)
        self.snapshots(greedy, CONNECTIONS)
        self.models.wait_for_requests(CONNECTIONS)
        held.release(CONNECTIONS)
        self.assertIn("more answers", gateway.wait_for_log("closed a connection"))
        self.assertEqual(innocent.call("NoSuchMethod").code, envelope.UNIMPLEMENTED)
