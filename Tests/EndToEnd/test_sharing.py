"""Answers that several calls share, or that were given before: never older than their question, never of another."""

import os
import random
import signal
import threading
import time
from collections import Counter

from support import envelope, oracle, wire
from support.case import EndToEndTest
from support.client import Client
from support.connection import ConnectionClosed
from support.envelope import CANCELLED, CONTROL, DEADLINE_EXCEEDED, MODELS, UNAVAILABLE
from support.messages import Model, Models
from support.upstream import Exchange, Held, answering
from support.wires import over_both_wires


class Versions:
    """A script: a create makes the version one higher, a snapshot says the version of the moment its request came."""

    def __init__(self, held: Held | None = None):
        self.version = 0
        self.held = held
        self.latency = 0.0

    def __call__(self, exchange: Exchange) -> None:
        if exchange.request.method == "POST":
            self.version += 1
            return exchange.answer('{"id":"%d"}' % self.version)
        answer = answering('{"iterable":[{"id":"%d"}]}' % self.version)
        if self.held:
            return self.held(exchange, answer)
        time.sleep(self.latency)
        answer(exchange)


def version_of(payload: bytes) -> int:
    return int(Models.FromString(payload).iterable[0].id)


class FreshnessTests(EndToEndTest):
    def test_a_question_during_a_get_is_not_answered_by_it(self):
        held = Held()
        script = Versions(held)
        client, upstream = self.start(script)
        early = client.request("ModelsSnapshot")
        upstream.wait_for_requests(1)
        script.version = 7
        late = client.request("ModelsSnapshot")
        client.other_frames()
        held.release(2)
        self.assertEqual(version_of(self.assert_ok(client.response(early))), 0)
        self.assertEqual(version_of(self.assert_ok(client.response(late))), 7)

    def test_a_call_with_little_time_does_not_wait_for_a_get(self):
        held = Held()
        client, upstream = self.start(held)
        # Two connections, so that what is sent is sent at once.
        self.open_connections(2, client, upstream, held)
        early = client.request("ModelsSnapshot")
        upstream.wait_for_requests(3)
        response = client.call("ModelsSnapshot", timeout_nano=20_000_000)
        self.assert_status(response, DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED", request_sent=True)
        held.release()
        self.assert_ok(client.response(early))

    def test_a_stream_during_a_get_is_not_answered_by_it(self):
        held = Held()
        script = Versions(held)
        client, upstream = self.start(script)
        early = client.request("ModelsSnapshot")
        upstream.wait_for_requests(1)
        script.version = 7
        late = client.request("StreamModelsSnapshot")
        client.other_frames()
        held.release(2)
        self.assertEqual(version_of(self.assert_ok(client.response(early))), 0)
        messages, error = client.stream_answer(late)
        self.assertIsNone(error)
        self.assertEqual(version_of(b"".join(messages)), 7)

    def test_no_answer_is_older_than_its_question(self):
        script = Versions()
        upstream = self.upstream(script)
        gateway = self.gateway(upstream)
        stale = []

        def ask(seed: int):
            chance, client = random.Random(seed), self.client(gateway)
            for _ in range(60):
                if chance.random() < 0.3:
                    at_least = int(Model.FromString(client.call("ModelsCreateNewModel").payload).id)
                else:
                    at_least = script.version
                script.latency = chance.choice([0, 0.001, 0.005])
                seen = version_of(client.call("ModelsSnapshot").payload)
                if seen < at_least:
                    stale.append((seen, at_least))

        threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(stale, [])


@over_both_wires
class SharedAnswerTests(EndToEndTest):
    def sharing(self, **first_options):
        """A chain in which one GET is under way and two more calls have to wait for the next, which is held too."""
        self.held = Held(answering('{"iterable":[{"id":"a"}]}'))
        self.scripted = self.upstream(self.held)
        self.served = self.gateway(self.scripted)
        self.leaving, self.staying = self.client(self.served), self.client(self.served)
        before = self.staying.request("ModelsSnapshot")
        self.scripted.wait_for_requests(1)
        first = self.leaving.request("ModelsSnapshot", **first_options)
        self.leaving.other_frames()
        second = self.staying.request("ModelsSnapshot")
        self.staying.other_frames()
        self.held.release()
        self.assert_ok(self.staying.response(before))
        self.scripted.wait_for_requests(2)
        return first, second

    def assert_answered(self, stream_id: int):
        """However many requests the two calls became, all of them are released."""
        self.held.release(2)
        payload = self.assert_ok(self.staying.response(stream_id))
        self.assertEqual(Models.FromString(payload).iterable[0].id, "a")

    def test_one_that_is_cancelled_does_not_take_the_answer_of_the_other_away(self):
        first, second = self.sharing()
        self.give_up(self.leaving, first)
        self.assert_answered(second)

    def test_one_that_disconnects_does_not_take_the_answer_of_the_other_away(self):
        _, second = self.sharing()
        self.leaving.stop_writing()
        self.assertEqual(self.leaving.wait_until_closed(), [])
        self.assert_answered(second)

    def test_one_whose_time_is_up_does_not_take_the_answer_of_the_other_away(self):
        first, second = self.sharing(timeout_nano=500_000_000)
        self.assert_status(self.leaving.response(first), DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED")
        self.assert_answered(second)

    def test_when_all_have_given_up_so_has_the_gateway(self):
        first, second = self.sharing()
        self.give_up(self.leaving, first)
        self.give_up(self.staying, second)
        self.held.wait_until_given_up(len(self.scripted.requests) - 1)

    def test_an_error_comes_to_everyone(self):
        self.held = Held(answering("no", 503))
        client, upstream = self.start(self.held)
        ids = [client.request("ModelsSnapshot") for _ in range(5)]
        upstream.wait_for_requests(1)
        self.held.release(5)
        for stream_id in ids:
            found = client.response(stream_id)
            self.assert_status(found, UNAVAILABLE, "UPSTREAM_HTTP_STATUS", http_status=503, request_sent=True)

    def test_calls_with_other_headers_ask_for_themselves(self):
        def echo(exchange):
            exchange.answer('{"iterable":[{"id":"%s"}]}' % exchange.request.header("traceparent"))

        held = Held(echo)
        client, upstream = self.start(held)
        ids = [client.request("ModelsSnapshot", metadata=[("traceparent", f"t{n}")]) for n in range(10)]
        ids += [client.request("ModelsSnapshot")]
        upstream.wait_for_requests(1)
        client.other_frames()
        held.release(11)
        names = [Models.FromString(self.assert_ok(client.response(id))).iterable[0].id for id in ids]
        self.assertEqual(names, [f"t{n}" for n in range(10)] + ["None"])
        self.assertEqual(len(upstream.requests), 11)

    def test_a_post_is_never_shared(self):
        held = Held()
        client, upstream = self.start(held)
        ids = [client.request("UnloadModels") for _ in range(5)]
        upstream.wait_for_requests(5)
        held.release(5)
        for stream_id in ids:
            self.assert_ok(client.response(stream_id))


class PortionTests(EndToEndTest):
    """Of an answer for very many calls, every turn of the loop gives out a part. What a test does between `pause` and
    `go_on` is all there when the first part has just been given out."""

    MANY = 1_500
    SMALL = '{"iterable":[{"id":"a"}]}'

    def begin(self, body: str = SMALL, status: int = 200):
        self.answered = threading.Event()

        def answer(exchange: Exchange):
            exchange.answer(body, status)
            self.answered.set()

        self.held = Held(answer)
        self.scripted = self.upstream(self.held)
        # As long as another call has the only connection, a GET cannot leave without those that come.
        self.served = self.gateway(self.scripted, "--max-upstream-connections", "1")

    def ask(self, client: Client, count: int) -> list[int]:
        """Sends so many snapshot calls at once."""
        ids = [client.use_id() for _ in range(count)]
        request = envelope.request(MODELS, "ModelsSnapshot")
        client.send(b"".join(wire.frame(id, wire.REQUEST, wire.REMOTE_CLOSED, request) for id in ids))
        return ids

    def share(self, *sizes: int) -> list[tuple[Client, list[int]]]:
        """Clients with so many calls each, all of which the GET that is under way answers, in this order."""
        self.first = self.client(self.served)
        first_id = self.first.request("UnloadModels")
        self.scripted.wait_for_requests(1)
        asked = []
        for size in sizes:
            client = self.client(self.served)
            asked.append((client, self.ask(client, size)))
            client.other_frames()
        self.held.release()
        self.first.response(first_id)
        self.scripted.wait_for_requests(2)
        self.answered.clear()
        return asked

    def pause(self):
        """Stops the gateway, and has the answer of Pieces OS wait for it."""
        self.served.signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self.served.pid, os.WSTOPPED)
        self.addCleanup(self.served.signal, signal.SIGCONT)
        self.held.release()
        self.assertTrue(self.answered.wait(20))

    def go_on(self):
        self.served.signal(signal.SIGCONT)

    def cancel(self, client: Client, ids: list[int]) -> None:
        """Sends the cancellations of these calls at once."""
        requests = [envelope.request(CONTROL, "Cancel", wire.field(1, stream_id)) for stream_id in ids]
        client.send(b"".join(wire.frame(client.use_id(), wire.REQUEST, 0, request) for request in requests))

    def test_whoever_else_calls_does_not_wait_until_all_have_it(self):
        large = '{"iterable":[{"description":"%s"}]}' % ("d" * 1_000_000)
        for body, status, count in ((self.SMALL, 200, self.MANY), (large, 200, 60), ("no", 503, self.MANY)):
            with self.subTest(length=len(body), status=status):
                self.begin(body, status)
                [(client, ids)] = self.share(count)
                self.pause()
                other = client.request("NoSuchMethod")
                self.go_on()
                received = [client.receive() for _ in range(count + 1)]
                order = [frame.stream_id for frame in received]
                self.assertEqual([id for id in order if id != other], ids)
                self.assertLess(order.index(other), count / 2)
                codes = {envelope.parse_response(frame).code for frame in received if frame.stream_id != other}
                self.assertEqual(codes, {0 if status == 200 else UNAVAILABLE})

    def test_calls_that_are_cancelled_meanwhile_leave_the_answer_to_the_others(self):
        self.begin()
        [(client, ids)] = self.share(self.MANY)
        leaving = random.Random(1).sample(ids[self.MANY // 2 :], 100) + [ids[-1]]
        self.pause()
        self.cancel(client, leaving)
        self.go_on()
        for stream_id in ids:
            response = client.response(stream_id)
            if stream_id in leaving:
                self.assert_status(response, CANCELLED, "CANCELLED", http_status=200, request_sent=True)
            else:
                self.assert_ok(response)

    def test_when_the_last_one_is_cancelled_meanwhile_the_next_get_is_not_disturbed(self):
        for _ in range(3):
            self.begin()
            [(client, ids)] = self.share(550)
            self.pause()
            self.cancel(client, ids[-300:])
            next_ids = self.ask(self.first, 270)
            self.go_on()
            ends = Counter(client.response(stream_id).reason for stream_id in ids)
            self.assertGreater(ends["CANCELLED"], 0)
            self.assertEqual(ends["CANCELLED"] + ends[""], 550)
            self.scripted.wait_for_requests(3)
            self.held.release()
            for stream_id in next_ids:
                self.assert_ok(self.first.response(stream_id))
            self.assertEqual(len(self.scripted.requests), 3)

    def test_a_call_that_comes_meanwhile_asks_for_itself(self):
        for body, status in ((self.SMALL, 200), ("no", 503)):
            with self.subTest(status=status):
                self.begin(body, status)
                [(client, ids)] = self.share(self.MANY)
                self.pause()
                late = client.request("ModelsSnapshot")
                self.go_on()
                for stream_id in ids:
                    client.response(stream_id)
                self.scripted.wait_for_requests(3)
                self.assertEqual(client.other_frames(), [])
                self.held.release()
                self.assertEqual(client.response(late).code, 0 if status == 200 else UNAVAILABLE)

    def test_a_client_that_closes_meanwhile_leaves_the_answer_to_the_others(self):
        self.begin()
        (before, first_ids), (leaving, _), (after, last_ids) = self.share(1_000, 1_000, 1_000)
        descriptors = self.served.descriptors()
        self.pause()
        leaving.close()
        self.go_on()
        for client, ids in ((before, first_ids), (after, last_ids)):
            for stream_id in ids:
                self.assert_ok(client.response(stream_id))
        self.served.wait_for_descriptors(descriptors - 1)

    def test_all_clients_may_close_meanwhile(self):
        self.begin()
        asked = self.share(1_000, 1_000, 1_000)
        descriptors = self.served.descriptors()
        self.pause()
        for client, _ in asked:
            client.close()
        self.go_on()
        self.served.wait_for_descriptors(descriptors - 3)
        again = self.first.request("ModelsSnapshot")
        self.scripted.wait_for_requests(3)
        self.held.release()
        self.assert_ok(self.first.response(again))

    def test_deadlines_that_pass_meanwhile_end_each_call_once(self):
        self.begin()
        [(client, ids)] = self.share(self.MANY)
        # Every call has another deadline, so that wherever the answer finds them, some are about to pass.
        late = []
        for n in range(self.MANY):
            late.append(client.request("ModelsSnapshot", timeout_nano=3_000_000_000 + n * 250_000))
        client.wait_until_read()
        self.held.release()
        for stream_id in ids:
            self.assert_ok(client.response(stream_id))
        self.scripted.wait_for_requests(3)
        # The first deadline has passed.
        ends = Counter([client.response(late[0]).reason])
        self.held.release()
        for stream_id in late[1:]:
            response = client.response(stream_id)
            ends[response.reason] += 1
            if response.code:
                self.assert_status(response, DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED", request_sent=True)
        self.assertEqual(ends["DEADLINE_EXCEEDED"] + ends[""], self.MANY)
        self.assertEqual(client.other_frames(), [])

    def test_sigterm_meanwhile_loses_no_answer(self):
        self.begin()
        asked = self.share(self.MANY, 1, 1_000)
        self.pause()
        self.served.signal(signal.SIGTERM)
        self.go_on()
        for client, ids in asked:
            for stream_id in ids:
                self.assert_ok(client.response(stream_id))
            self.assertEqual(client.wait_until_closed(), [])
        self.assertEqual(self.served.wait(), 0)

    def test_a_second_signal_meanwhile_ends_the_calls_that_are_left(self):
        self.begin()
        asked = self.share(600, 1, 600)
        self.pause()
        self.served.signal(signal.SIGTERM)
        self.served.signal(signal.SIGINT)
        self.go_on()
        ends = Counter()
        for client, ids in asked:
            for stream_id in ids:
                response = client.response(stream_id)
                ends[response.reason] += 1
                if response.code:
                    self.assert_status(response, UNAVAILABLE, "SHUTTING_DOWN", request_sent=True)
            with self.assertRaises(ConnectionClosed):
                client.receive()
        self.assertGreater(ends[""], 0)
        self.assertGreater(ends["SHUTTING_DOWN"], 300)
        self.assertEqual(self.served.wait(), 0)


class RememberedAnswerTests(EndToEndTest):
    def setUp(self):
        self.connected, self.scripted = self.start(lambda exchange: exchange.answer(self.document))

    def ask(self, method: str, message):
        return oracle.contents(message.FromString(self.assert_ok(self.connected.call(method))))

    def test_a_text_that_came_before_means_the_same_again(self):
        texts = [
            '{"iterable":[{"id":"a"}]}',
            '{"iterable":[{"id":"b"}]}',
            '{"iterable":[{"id":"a"}]} ',
            "{}",
            '{"x":1e400}',
        ]
        for self.document in [texts[n] for n in (0, 0, 1, 0, 2, 0, 3, 3, 4, 4, 0, 1, 1)]:
            self.assertEqual(self.ask("ModelsSnapshot", Models), oracle.meaning(self.document, "Models"))

    def test_the_same_text_means_something_else_for_another_call(self):
        self.document = '{"id":"a","iterable":[{"id":"b"}],"schema":{"migration":1}}'
        for _ in range(2):
            self.assertEqual(self.ask("ModelsSnapshot", Models), oracle.meaning(self.document, "Models"))
            self.assertEqual(self.ask("ModelsCreateNewModel", Model), oracle.meaning(self.document, "Model"))
            messages, error = self.connected.stream()
            self.assertIsNone(error)
            streamed = oracle.contents(Models.FromString(b"".join(messages)))
            self.assertEqual(streamed, oracle.meaning(self.document, "Models"))

    def test_a_text_that_was_refused_is_refused_again(self):
        for self.document in ("[]", "[]", "{}", "[]", '{"x":', '{"x":'):
            found = self.connected.call("ModelsSnapshot")
            self.assertEqual(found.reason, "" if self.document == "{}" else "UPSTREAM_BAD_JSON")

    def test_one_byte_of_a_large_text_makes_a_difference(self):
        large = '{"iterable":[%s]}' % ",".join('{"id":"%04d","description":"%s"}' % (n, "d" * 500) for n in range(200))
        places = [large.index(f'"{n:04d}"') + 1 for n in (0, 100, 199)] + [len(large) - 6]
        for at in places:
            for self.document in (large, large[:at] + "x" + large[at + 1 :], large):
                self.assertEqual(self.ask("ModelsSnapshot", Models), oracle.meaning(self.document, "Models"))
