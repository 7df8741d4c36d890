"""Threads, streams left early, Ctrl-C: whatever happens to a call, the client lives on and nobody gets its answer."""

import gc
import os
import signal
import subprocess
import sys
import threading
import time
import unittest

import models_gateway
from models_gateway import Client, Model, Models
from scripted import EndToEndTest, Held, PackageTest, answer_nothing, answering


def named(request):
    """The model whose id the request has."""
    request.answer(Model(id=request.metadata[0][1]).SerializeToString())


class ThreadTests(PackageTest):
    def run_threads(self, *functions):
        faults = []

        def run(function):
            try:
                function()
            except BaseException as fault:
                faults.append(fault)

        threads = [threading.Thread(target=run, args=[function]) for function in functions]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        self.assertEqual([thread for thread in threads if thread.is_alive()], [])
        self.assertEqual(faults, [])

    def test_one_client_serves_many_threads_over_one_connection(self):
        gateway = self.scripted(lambda request: threading.Timer(0.001, named, [request]).start())
        client = Client(gateway.path)

        def calls(number):
            for count in range(40):
                model = client.models_create_new_model(metadata={"traceparent": f"{number} {count}"})
                self.assertEqual(model.id, f"{number} {count}")

        self.run_threads(*[lambda number=number: calls(number) for number in range(8)])
        self.assertEqual(len(gateway.requests), 320)
        self.assertEqual(len(gateway.connections), 1)

    def test_there_is_no_background_thread(self):
        gateway = self.scripted()
        code = """
import sys, threading, models_gateway
client = models_gateway.Client(sys.argv[1])
client.unload_models()
list(client.stream_models_snapshot())
print(threading.active_count())
"""
        self.assertEqual(self.run_python(code, gateway.path), "1")

    def test_who_waits_longest_does_not_hold_up_who_waits_short(self):
        """The reader's own answer comes last, and each of the others' at once."""
        release = threading.Event()

        def script(request):
            if request.metadata[0][1] == "slow":
                threading.Thread(target=lambda: (release.wait(), named(request))).start()
            else:
                named(request)

        gateway = self.scripted(script)
        client = Client(gateway.path)

        def slow():
            self.assertEqual(client.models_create_new_model(metadata={"traceparent": "slow"}).id, "slow")

        def quick():
            gateway.wait_for_requests(1)
            for count in range(50):
                self.assertEqual(client.models_create_new_model(metadata={"traceparent": f"{count}"}).id, f"{count}")
            release.set()

        self.run_threads(slow, quick)

    def test_a_reader_whose_time_is_up_hands_reading_on(self):
        gateway = self.scripted(answer_nothing)
        client = Client(gateway.path)

        def impatient():
            with self.assertRaises(TimeoutError):
                client.unload_models(timeout=0.2)

        def patient():
            gateway.wait_for_requests(1)
            gateway.script = lambda request: threading.Timer(1.2, named, [request]).start()
            self.assertEqual(client.models_create_new_model(metadata={"traceparent": "late"}).id, "late")

        self.run_threads(impatient, patient)
        gateway.wait_for(lambda gateway: gateway.cancelled == [gateway.requests[0].stream_id])

    def test_a_lost_connection_wakes_everybody(self):
        gateway = self.scripted(answer_nothing)
        client = Client(gateway.path)

        def call():
            with self.assertRaises(ConnectionError) as caught:
                client.unload_models()
            self.assertIs(caught.exception.request_sent, True)

        def end():
            gateway.wait_for_requests(5)
            gateway.hang_up()

        self.run_threads(end, *[call] * 5)

    def test_close_ends_the_calls_in_flight(self):
        gateway = self.scripted(answer_nothing)
        client = Client(gateway.path)

        def call():
            with self.assertRaises(models_gateway.Cancelled):
                client.models_snapshot()

        def end():
            gateway.wait_for_requests(3)
            client.close()

        self.run_threads(end, *[call] * 3)

    def test_large_requests_of_some_threads_and_small_ones_of_others(self):
        gateway = self.scripted(lambda request: request.answer(Model(id=str(len(request.payload))).SerializeToString()))
        client = Client(gateway.path)

        def large(size):
            for _ in range(5):
                seed = models_gateway.SeededModel(name="x" * size)
                sent = len(models_gateway.ModelsCreateNewModelRequest(seeded_model=seed).SerializeToString())
                self.assertEqual(client.models_create_new_model(seed).id, str(sent))

        self.run_threads(*[lambda size=size: large(size) for size in (3 << 20, 1 << 20, 40000, 10, 100, 1000)])


class StreamTests(EndToEndTest, PackageTest):
    def test_a_call_during_a_stream(self):
        def script(request):
            if request.method == "StreamModelsSnapshot":
                for name in "abc":
                    request.part(Models(iterable=[Model(id=name)]).SerializeToString())
                request.end()
            else:
                request.answer()

        with Client(self.scripted(script).path) as client:
            seen = []
            for part in client.stream_models_snapshot():
                client.unload_models()
                seen += [model.id for model in part.iterable]
            self.assertEqual(seen, ["a", "b", "c"])

    def test_a_stream_left_early_is_cancelled_and_other_calls_go_on(self):
        def script(request):
            if request.method == "StreamModelsSnapshot":
                request.part(b"")
            else:
                request.answer()

        gateway = self.scripted(script)

        def leave(client):
            for _ in client.stream_models_snapshot():
                break

        def close(client):
            stream = client.stream_models_snapshot()
            next(stream)
            stream.close()
            self.assertEqual(list(stream), [])

        def fail(client):
            with self.assertRaises(ZeroDivisionError):
                for _ in client.stream_models_snapshot():
                    raise ZeroDivisionError

        def forget(client):
            stream = client.stream_models_snapshot()
            next(stream)
            ring = [stream]
            ring.append(ring)
            del stream, ring
            gc.collect()

        def manage(client):
            with client.stream_models_snapshot() as stream:
                next(stream)

        with Client(gateway.path) as client:
            for way in (leave, close, fail, forget, manage):
                with self.subTest(way.__name__):
                    before = len(gateway.requests)
                    way(client)
                    stream_id = gateway.wait_for_requests(before + 1).stream_id
                    gateway.wait_for(lambda gateway: stream_id in gateway.cancelled)
                    client.unload_models()
        self.assertEqual(len(gateway.connections), 1)

    def test_a_stream_that_was_never_asked_for_sends_nothing(self):
        gateway = self.scripted()
        with Client(gateway.path) as client:
            client.stream_models_snapshot()
            client.unload_models()
        self.assertEqual([request.method for request in gateway.requests], ["UnloadModels"])

    def test_pieces_os_is_released_at_the_next_call_at_the_latest(self):
        """An answer that waits for this client is so large that the gateway does not read what it says."""
        model = b'{"id":"m","name":"%b"}' % (b"x" * 1000)
        held = Held()

        def script(exchange):
            if exchange.request.target == "/models":
                exchange.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                body = b'{"iterable":[' + b",".join([model] * 3000) + b","
                exchange.send(b"%x\r\n%b\r\n" % (len(body), body))
                held(exchange)
            else:
                exchange.answer(b"")

        upstream = self.upstream(script)
        with Client(self.gateway(upstream).path) as client:
            for _ in client.stream_models_snapshot():
                break
            client.unload_models()
            held.wait_until_given_up()


INTERRUPTED = """
import os, signal, sys, threading, time, models_gateway
from models_gateway import Client
# What a shell starts in the background ignores it, and so does what that starts.
signal.signal(signal.SIGINT, signal.default_int_handler)
client = Client(sys.argv[1])
def interrupt():
    sys.stdin.readline()
    os.kill(os.getpid(), signal.SIGINT)
threading.Thread(target=interrupt, daemon=True).start()
try:
    CALL
except KeyboardInterrupt:
    print("interrupted", flush=True)
sys.stdin.readline()
print(client.models_snapshot().iterable[0].id)
"""


class InterruptionTests(EndToEndTest, PackageTest):
    def interrupt(self, call):
        held = Held()
        upstream = self.upstream(held)
        gateway = self.gateway(upstream)
        command = [sys.executable, "-c", INTERRUPTED.replace("CALL", call), gateway.path]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        upstream.wait_for_requests(1)
        process.stdin.write("\n")
        process.stdin.flush()
        self.assertEqual(process.stdout.readline(), "interrupted\n")
        held.wait_until_given_up()
        upstream.script = answering('{"iterable":[{"id":"other"}]}')
        self.assertEqual(process.communicate("\n", timeout=20)[0], "other\n")
        self.assertEqual(process.returncode, 0)

    def test_ctrl_c_cancels_the_call_and_the_client_lives_on(self):
        calls = ("unload_models()", "models_snapshot(timeout=None)", "stream_models_snapshot().__next__()")
        for call in calls:
            with self.subTest(call):
                self.interrupt(f"client.{call}")

    def test_any_exception_of_a_signal_handler_does_the_same(self):
        gateway = self.scripted(answer_nothing)

        class Stop(BaseException):
            pass

        def stop(*_):
            raise Stop

        previous = signal.signal(signal.SIGUSR1, stop)
        self.addCleanup(signal.signal, signal.SIGUSR1, previous)
        main = threading.get_ident()
        with Client(gateway.path) as client:
            def send_signal():
                gateway.wait_for_requests(1)
                signal.pthread_kill(main, signal.SIGUSR1)

            threading.Thread(target=send_signal).start()
            with self.assertRaises(Stop):
                client.unload_models()
            gateway.wait_for(lambda gateway: gateway.cancelled == [gateway.requests[0].stream_id])
            gateway.script = lambda request: request.answer()
            client.unload_models()
        self.assertEqual(len(gateway.connections), 1)

    def test_a_signal_handler_may_call_too(self):
        gateway = self.scripted(answer_nothing)
        with Client(gateway.path) as client:
            def call(*_):
                gateway.script = named
                models.append(client.models_create_new_model(metadata={"traceparent": "inner"}).id)
                named(gateway.requests[0])

            models = []
            previous = signal.signal(signal.SIGUSR1, call)
            self.addCleanup(signal.signal, signal.SIGUSR1, previous)
            main = threading.get_ident()

            def send_signal():
                gateway.wait_for_requests(1)
                signal.pthread_kill(main, signal.SIGUSR1)

            threading.Thread(target=send_signal).start()
            models.append(client.models_create_new_model(metadata={"traceparent": "outer"}).id)
        self.assertEqual(models, ["inner", "outer"])

    def test_150_interruptions_of_rapid_calls_never_give_a_wrong_answer(self):
        gateway = self.scripted(named)
        interruptions = wrong = failed = number = 0

        class Stop(BaseException):
            pass

        def stop(*_):
            if armed:
                raise Stop

        armed = False
        previous = signal.signal(signal.SIGALRM, stop)
        self.addCleanup(signal.signal, signal.SIGALRM, previous)
        end = time.monotonic() + 60
        with Client(gateway.path) as client:
            while interruptions < 150 and time.monotonic() < end:
                try:
                    armed = True
                    signal.setitimer(signal.ITIMER_REAL, 0.0005 + 0.00001 * (interruptions % 97))
                    while True:
                        number += 1
                        model = client.models_create_new_model(metadata={"traceparent": str(number)})
                        wrong += model.id != str(number)
                except Stop:
                    armed = False
                    interruptions += 1
                number += 1
                try:
                    model = client.models_create_new_model(metadata={"traceparent": str(number)}, timeout=5)
                    wrong += model.id != str(number)
                except models_gateway.ModelsError:
                    failed += 1
        signal.setitimer(signal.ITIMER_REAL, 0)
        self.assertEqual((interruptions, wrong), (150, 0))
        self.assertLessEqual(failed, 2)


if __name__ == "__main__":
    unittest.main()
