"""What many clients send at once is done over many turns of the loop, and who asks for little is served between.

The gateway is stopped while they send, so that all of it lies there at once. Nothing here is timed: what counts is what
comes before what.
"""

import signal

from support import envelope, wire
from support.case import EndToEndTest
from support.envelope import CONTROL, MODELS, Response
from support.messages import StatusResponse
from support.upstream import Held

BAD_FRAME = wire.frame(2, wire.REQUEST, wire.REMOTE_CLOSED)
MEANINGLESS_FRAME = wire.frame(1, 77, 0)
FLOODERS = 50
FRAMES = 500


class TurnTests(EndToEndTest):
    def setUp(self):
        self.held = Held()
        self.scripted = self.upstream(self.held)
        self.served = self.gateway(self.scripted)
        self.bystander = self.client(self.served)
        self.bystander.other_frames()

    def let_go_on(self):
        self.served.signal(signal.SIGCONT)

    def stop(self):
        self.served.signal(signal.SIGSTOP)
        self.addCleanup(self.let_go_on)

    def bad_requests(self, response: Response) -> int:
        """Bad frames that the gateway had answered when it said how it is."""
        status = StatusResponse.FromString(self.assert_ok(response))
        return sum(error.count for error in status.errors if error.reason == "BAD_REQUEST")

    def test_a_bystander_is_served_before_the_backlog_of_those_who_send_bad_frames(self):
        flooders = [self.client(self.served) for _ in range(FLOODERS)]
        for client in flooders:
            client.other_frames()
        self.stop()
        for client in flooders:
            client.send(BAD_FRAME * FRAMES)
        stream_id = self.bystander.request("Status", service=CONTROL)
        self.let_go_on()
        seen = self.bad_requests(self.bystander.response(stream_id))
        # In two turns at most, for the bystander's socket may be looked at last.
        self.assertLess(seen, 2 * (2_048 + 16 * FLOODERS))
        for client in flooders:
            for _ in range(FRAMES):
                self.assertEqual(envelope.parse_response(client.frame(2)).reason, "BAD_REQUEST")
        self.assertEqual(self.bad_requests(self.bystander.call("Status", service=CONTROL)), FLOODERS * FRAMES)

    def test_what_means_nothing_is_skipped_and_what_stands_behind_it_is_answered(self):
        flooders = [self.client(self.served) for _ in range(FLOODERS)]
        self.stop()
        for client in flooders:
            client.send(MEANINGLESS_FRAME * 3_000)
            client.request("NoSuchMethod")
        self.let_go_on()
        for client in flooders:
            self.assertEqual(client.response(1).reason, "UNKNOWN_METHOD")

    def test_large_requests_that_come_to_a_halt_do_not_keep_others_waiting(self):
        frame = self.large_request()
        clients = [self.client(self.served) for _ in range(20)]
        for client in clients:
            client.send(frame[:-1])
        goes_on = self.client(self.served)
        goes_on.send(frame)
        self.held.release(1)
        self.assert_ok(goes_on.response(1))
        self.assert_ok(self.bystander.call("Status", service=CONTROL))
        self.held.release(20)
        for client in clients:
            client.send(frame[-1:])
            self.assert_ok(client.response(1))

    def large_request(self) -> bytes:
        payload = wire.field(1, wire.field(11, b"d" * 300_000))
        return wire.frame(1, wire.REQUEST, wire.REMOTE_CLOSED, envelope.request(MODELS, "ModelsCreateNewModel", payload))

    def test_of_large_requests_that_are_whole_at_once_each_has_a_turn_of_its_own(self):
        frame = self.large_request()
        clients = [self.client(self.served) for _ in range(20)]
        for client in clients:
            client.send(frame[:-1])
            client.wait_until_read()
        self.stop()
        for client in clients:
            client.send(frame[-1:])
        status = self.bystander.request("Status", service=CONTROL)
        self.let_go_on()
        response = self.bystander.response(status)
        # In two turns at most, and the question itself is no call in flight.
        self.assertLessEqual(StatusResponse.FromString(self.assert_ok(response)).calls_in_flight, 2)
        self.held.release(20)
        for client in clients:
            self.assert_ok(client.response(1))
