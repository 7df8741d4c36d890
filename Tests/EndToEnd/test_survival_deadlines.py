"""Section 1: calls that are given up wherever they are, and what is left of them: nothing."""

from support.envelope import CANCELLED, DEADLINE_EXCEEDED
from support.survival import SurvivalTest
from support.upstream import Held
from support.wires import over_both_wires, ttrpc_only

MILLISECOND = 1_000_000


def endless_list(exchange):
    """Models without end, as fast as they are taken."""
    exchange.send(b'HTTP/1.1 200 OK\r\n\r\n{"iterable":[{"id":"a"}')
    while True:
        exchange.send(b',{"description":"%s"}' % (b"d" * 100_000))


@over_both_wires
class GivenUpCallTests(SurvivalTest):
    def test_deadlines_of_calls_in_every_place(self):
        self.script = held = Held()

        def fault():
            ids = [self.asking.request("UnloadModels", timeout_nano=100 * MILLISECOND) for _ in range(100)]
            sent = [self.given_up(stream_id, DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED") for stream_id in ids]
            self.assertGreater(sent.count("true"), 0)
            held.wait_until_given_up(sent.count("true"))

        # One that asks the upstream would wait behind those that hold every connection.
        self.assert_survives(fault, asks_upstream=False)

    def given_up(self, stream_id: int, code: int, reason: str) -> str:
        """Whether it was sent, of a call that ended so."""
        found = self.asking.response(stream_id)
        self.assert_status(found, code, reason, operation="UnloadModels")
        return found.metadata["request_sent"]

    @ttrpc_only
    def test_cancelling_calls_in_every_place(self):
        self.script = held = Held()

        def fault():
            before = len(self.scripted.requests)
            ids = [self.asking.request("UnloadModels") for _ in range(100)]
            self.scripted.wait_for_requests(before + 32)
            # From the last, so that none of those that wait gets the connection of one that is given up.
            for stream_id in reversed(ids):
                self.assert_ok(self.asking.cancel(stream_id))
            sent = [self.given_up(stream_id, CANCELLED, "CANCELLED") for stream_id in ids]
            self.assertEqual(sent, ["true"] * 32 + ["false"] * 68)
            held.wait_until_given_up(32)

        self.assert_survives(fault, asks_upstream=False)

    def test_a_deadline_in_the_past_never_reaches_the_upstream(self):
        def fault():
            for timeout in (-1, -(2**63)):
                found = self.asking.call("UnloadModels", timeout_nano=timeout)
                self.assert_status(found, DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED", request_sent=False)

        self.assert_survives(fault, rounds=200)
        self.assertNotIn("POST", [request.method for request in self.scripted.requests])


class UnreadStreamTests(SurvivalTest):
    def unread_stream(self, timeout_nano: int = 0):
        """A client that has read one message of a stream without end and leaves the others."""
        self.script = endless_list
        client = self.client(self.served)
        stream_id = client.request("StreamModelsSnapshot", timeout_nano=timeout_nano)
        self.assertTrue(client.frame(stream_id).data)
        return client, stream_id

    def test_a_deadline_ends_it(self):
        def fault():
            client, stream_id = self.unread_stream(200 * MILLISECOND)
            _, error = client.stream_answer(stream_id)
            self.assert_status(error, DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED", request_sent=True)
            client.close()

        self.assert_survives(fault, rounds=3)

    def test_its_client_leaves(self):
        def fault():
            client, _ = self.unread_stream()
            client.close()

        self.assert_survives(fault)
