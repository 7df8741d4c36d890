"""Any timeout that Python can say, on the wire and on this side of it."""

import decimal
import fractions
import math
import os
import signal
import socket
import subprocess
import sys
import time
import unittest

import models_gateway
from models_gateway import Client, SeededModel
from scripted import EndToEndTest, Held, PackageTest, answer_nothing, stopped

LONGEST = (1 << 63) - 1


class WireTests(PackageTest):
    def test_what_goes_out_is_nanoseconds(self):
        gateway = self.scripted()
        client = Client(gateway.path)
        times = {
            5: 5 * 10**9,
            0.25: 250_000_000,
            fractions.Fraction(1, 2): 500_000_000,
            decimal.Decimal("1.5"): 1_500_000_000,
            1e-12: 1,
            9.2e9: 9_200_000_000 * 10**9,
            9.3e9: LONGEST,
            sys.maxsize: LONGEST,
            10**400: LONGEST,
            math.inf: LONGEST,
            None: LONGEST,
        }
        for timeout, nanos in times.items():
            with self.subTest(timeout):
                client.unload_models(timeout=timeout)
                self.assertEqual(gateway.requests[-1].timeout_nano, nanos)
                Client(gateway.path, timeout=timeout).unload_models()
                self.assertEqual(gateway.requests[-1].timeout_nano, nanos)
        client.unload_models()
        self.assertEqual(gateway.requests[-1].timeout_nano, 30 * 10**9)

    def test_what_has_expired_sends_nothing(self):
        gateway = self.scripted()
        client = Client(gateway.path)
        for timeout in (0, -1, -0.0, -math.inf, -(10**400)):
            for call in (client.unload_models, client.stream_models_snapshot):
                with self.subTest(timeout), self.assertRaises(models_gateway.DeadlineExceeded) as caught:
                    call(timeout=timeout)
                self.assertIsInstance(caught.exception, TimeoutError)
                self.assertIs(caught.exception.request_sent, False)
        self.assertEqual((gateway.requests, gateway.connections), ([], []))
        client.unload_models()


class DeadlineTests(EndToEndTest, PackageTest):
    def test_the_gateway_says_itself_that_the_time_is_up(self):
        gateway = self.gateway(self.upstream(Held()))
        with Client(gateway.path) as client:
            began = time.monotonic()
            with self.assertRaises(TimeoutError) as caught:
                client.unload_models(timeout=0.3)
            self.assert_lasts(began, 0.3)
            self.assertEqual(caught.exception.reason, "DEADLINE_EXCEEDED")
            self.assertIs(caught.exception.request_sent, True)

    def test_a_gateway_that_is_stopped_costs_the_timeout_and_at_most_a_second(self):
        gateway = self.gateway(self.upstream())
        with Client(gateway.path) as client, Client(gateway.path) as fresh:
            client.unload_models()
            with stopped(gateway.pid):
                for one in (client, fresh):
                    for call in (one.unload_models, lambda **options: next(one.stream_models_snapshot(**options))):
                        began = time.monotonic()
                        with self.assertRaises(TimeoutError) as caught:
                            call(timeout=0.5)
                        self.assert_lasts(began, 0.5)
                        self.assertIsInstance(caught.exception, models_gateway.DeadlineExceeded)
                        self.assertIsNone(caught.exception.request_sent)
            for one in (client, fresh):
                self.assertEqual(len(one.models_snapshot().iterable), 0)
                one.unload_models()

    def test_a_request_that_the_socket_does_not_take_ends_in_time_and_is_finished_later(self):
        gateway = self.gateway(self.upstream())
        with Client(gateway.path) as client:
            client.unload_models()
            with stopped(gateway.pid):
                began = time.monotonic()
                with self.assertRaises(TimeoutError):
                    client.models_create_new_model(SeededModel(name="x" * (1 << 21)), timeout=0.5)
                self.assert_lasts(began, 0.5)
                # Nothing of these goes out: they stand behind the large one.
                with self.assertRaises(TimeoutError) as caught:
                    client.unload_models(timeout=0.1)
                self.assertIs(caught.exception.request_sent, False)
            client.unload_models()

    def test_signals_do_not_lengthen_a_timeout(self):
        gateway = self.scripted(answer_nothing)
        code = """
import signal, sys, time, models_gateway
signal.signal(signal.SIGALRM, lambda *_: None)
client = models_gateway.Client(sys.argv[1])
signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
began = time.monotonic()
try:
    client.unload_models(timeout=0.5)
except TimeoutError:
    signal.setitimer(signal.ITIMER_REAL, 0)
    print(time.monotonic() - began < 1.5)
"""
        self.assertEqual(self.run_python(code, gateway.path), "True")

    def test_a_full_queue_of_new_connections_costs_the_timeout_too(self):
        path = str(self.directory() / "gateway.sock")
        with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as first:
            listener.bind(path)
            listener.listen(0)
            first.connect(path)
            began = time.monotonic()
            with self.assertRaises(TimeoutError) as caught:
                Client(path).unload_models(timeout=0.3)
            self.assert_lasts(began, 0.3)
            self.assertIs(caught.exception.request_sent, False)

    def test_an_answer_that_is_there_beats_the_deadline(self):
        gateway = self.scripted(lambda request: request.answer())
        code = """
import os, signal, sys, threading, time, models_gateway
client = models_gateway.Client(sys.argv[1])
client.unload_models()
def stop():
    os.kill(os.getpid(), signal.SIGSTOP)
threading.Timer(0.1, stop).start()
print(client.unload_models(timeout=0.3))
"""

        def script(request):
            if len(gateway.requests) > 1:
                os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
                time.sleep(1)
                request.answer()
                os.kill(process.pid, signal.SIGCONT)
            else:
                request.answer()

        gateway.script = script
        process = subprocess.Popen([sys.executable, "-c", code, gateway.path], stdout=subprocess.PIPE, text=True)
        self.assertEqual(process.communicate(timeout=30)[0], "None\n")
        self.assertEqual(process.returncode, 0)


if __name__ == "__main__":
    unittest.main()
