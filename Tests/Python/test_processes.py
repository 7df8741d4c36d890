"""Restarts of the gateway, forks of the client, and processes that share the work."""

import os
import socket
import subprocess
import sys
import threading
import unittest

import models_gateway
from models_gateway import Client, Model, Models
from scripted import EndToEndTest, Gateway, Held, PackageTest, answering

MODELS = Models(iterable=[Model(id="m")]).SerializeToString()

# Ends with the number of its connection.
WITHOUT_STANDARD_DESCRIPTORS = """
import os, stat, sys, models_gateway
with models_gateway.Client(sys.argv[1]) as client:
    client.unload_models()
    numbers = [number for number in range(20) if os.path.exists(f"/proc/self/fd/{number}")]
    os._exit(min(number for number in numbers if stat.S_ISSOCK(os.fstat(number).st_mode)))
"""


class DescriptorTests(EndToEndTest, PackageTest):
    def test_no_connection_has_the_number_of_a_standard_descriptor(self):
        path = self.gateway(self.upstream()).path
        command = [sys.executable, "-c", WITHOUT_STANDARD_DESCRIPTORS, path]
        for closed in range(1, 4):
            ended = subprocess.run(command, preexec_fn=lambda: os.closerange(0, closed), timeout=60)
            self.assertGreater(ended.returncode, 2)


class RestartTests(EndToEndTest, PackageTest):
    def restart(self, gateway, upstream):
        again = Gateway("--socket", gateway.path, "--upstream", upstream.url)
        self.addCleanup(again.stop)
        return again

    def test_after_a_restart_the_next_call_succeeds(self):
        upstream = self.upstream()
        gateway = self.gateway(upstream)
        calls = ("unload_models", "models_snapshot", "models_create_new_model")
        clients = [Client(gateway.path) for _ in calls]
        for client in clients:
            client.unload_models()
        gateway.stop()
        self.restart(gateway, upstream)
        for client, call in zip(clients, calls):
            upstream.script = answering("{}")
            getattr(client, call)()
            client.close()
        self.assertEqual(len(upstream.requests), 6)

    def test_a_call_in_mid_air_says_that_it_may_have_been_carried_out(self):
        held = Held()
        upstream = self.upstream(held)
        gateway = self.gateway(upstream)
        client = Client(gateway.path)

        def end():
            upstream.wait_for_requests(1)
            gateway.process.kill()

        thread = threading.Thread(target=end)
        thread.start()
        with self.assertRaises(models_gateway.Unavailable) as caught:
            client.unload_models()
        self.assertIsInstance(caught.exception, ConnectionError)
        self.assertIs(caught.exception.request_sent, True)
        thread.join()
        gateway.process.wait()
        gateway.process.returncode = 0
        upstream.script = answering("{}")
        self.restart(gateway, upstream)
        client.unload_models()
        self.assertEqual(len(upstream.requests), 2)

    def test_a_snapshot_in_mid_air_is_asked_again(self):
        for call in ("models_snapshot", "stream_models_snapshot"):
            with self.subTest(call):
                held = Held(answering("{}"))
                upstream = self.upstream(held)
                gateway = self.gateway(upstream)

                def restart(upstream=upstream, gateway=gateway, held=held):
                    upstream.wait_for_requests(1)
                    gateway.process.kill()
                    gateway.process.wait()
                    gateway.process.returncode = 0
                    held.release()
                    upstream.script = answering('{"iterable":[{"id":"again"}]}')
                    self.restart(gateway, upstream)

                thread = threading.Thread(target=restart)
                thread.start()
                with Client(gateway.path) as client:
                    answer = getattr(client, call)()
                    parts = [answer] if call == "models_snapshot" else list(answer)
                self.assertEqual([model.id for part in parts for model in part.iterable], ["again"])
                thread.join()

    def test_a_stream_that_has_begun_is_not_begun_again(self):
        def script(request):
            request.part(MODELS)
            request.connection.shutdown(socket.SHUT_RDWR)

        gateway = self.scripted(script)
        with Client(gateway.path) as client:
            stream = client.stream_models_snapshot()
            next(stream)
            with self.assertRaises(ConnectionError) as caught:
                next(stream)
            self.assertIs(caught.exception.request_sent, True)
        self.assertEqual(len(gateway.requests), 1)

    def test_a_snapshot_does_not_wait_long_for_a_gateway_that_does_not_come_back(self):
        gateway = self.scripted(lambda request: gateway.close())
        with Client(gateway.path) as client, self.assertRaises(models_gateway.Unavailable) as caught:
            client.models_snapshot()
        self.assertIn("no such socket", str(caught.exception))


FORK = """
import os, sys, threading, models_gateway
client = models_gateway.Client(sys.argv[1])
stream = client.stream_models_snapshot()
next(stream)
waiting = threading.Thread(target=client.models_snapshot, kwargs={"metadata": {"traceparent": "slow"}})
waiting.start()
sys.stdin.readline()
if (pid := os.fork()) == 0:
    try:
        next(stream)
    except ConnectionError:
        print("child:", client.models_snapshot().iterable[0].id, flush=True)
        os._exit(0)
    os._exit(1)
code = os.waitpid(pid, 0)[1]
sys.stdin.readline()
waiting.join()
print("parent:", code, next(stream).iterable[0].id, client.models_snapshot().iterable[0].id)
"""

HANDED_OVER = """
import os, socket, sys, models_gateway
sock = socket.socket(socket.AF_UNIX)
sock.connect(sys.argv[1])
client = models_gateway.Client(sock=sock)
client.unload_models()
if (pid := os.fork()) == 0:
    try:
        client.unload_models()
    except models_gateway.Unavailable:
        os._exit(0)
    os._exit(1)
print(os.waitpid(pid, 0)[1], client.unload_models())
"""

POOL = """
import concurrent.futures, multiprocessing, sys, models_gateway
def create(name):
    return client.models_create_new_model(models_gateway.SeededModel(name=name))
def fail(model):
    client.models_delete_specific_model(model.id)
if __name__ == "__main__":
    client = models_gateway.Client(sys.argv[1])
    client.unload_models()
    context = multiprocessing.get_context("fork")
    with concurrent.futures.ProcessPoolExecutor(3, context) as pool:
        models = list(pool.map(create, "abcdef"))
        print(*[model.name for model in models], pool.submit(fail, models[0]).exception())
"""


class ForkTests(PackageTest):
    def test_parent_and_child_both_go_on(self):
        slow = []

        def script(request):
            if request.method == "StreamModelsSnapshot":
                request.part(MODELS)
                slow.append(request)
            elif request.metadata:
                slow.append(request)
            else:
                request.answer(MODELS)

        gateway = self.scripted(script)
        command = [sys.executable, "-c", FORK, gateway.path]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        gateway.wait_for_requests(2)
        process.stdin.write("\n")
        process.stdin.flush()
        self.assertEqual(process.stdout.readline(), "child: m\n")
        stream, call = slow
        call.answer(MODELS)
        stream.part(MODELS)
        self.assertEqual(process.communicate("\n", timeout=20)[0], "parent: 0 m m\n")
        self.assertEqual([request.method for request in gateway.requests].count("ModelsSnapshot"), 3)

    def test_the_end_of_the_parents_client_is_seen_though_a_child_lives(self):
        code = """
import os, sys, time, models_gateway
client = models_gateway.Client(sys.argv[1])
client.unload_models()
ours, theirs = os.pipe()
if os.fork() == 0:
    os.close(theirs)
    os.read(ours, 1)
    os._exit(0)
client.close()
sys.stdin.readline()
"""
        gateway = self.scripted()
        process = subprocess.Popen([sys.executable, "-c", code, gateway.path], stdin=subprocess.PIPE)
        gateway.wait_for_requests(1)
        connection = gateway.connections[0]
        connection.settimeout(20)
        self.assertEqual(connection.recv(1), b"")
        process.communicate(b"\n", timeout=20)

    def test_a_connection_that_was_handed_over_stays_with_the_parent(self):
        self.assertEqual(self.run_python(HANDED_OVER, self.scripted().path), "0 None")

    def test_a_pool_of_processes(self):
        def script(request):
            if request.method == "ModelsDeleteSpecificModel":
                return request.fail(5, "no such model")
            seed = models_gateway.ModelsCreateNewModelRequest.FromString(request.payload).seeded_model
            return request.answer(Model(name=seed.name).SerializeToString())

        printed = self.run_python(POOL, self.scripted(script).path)
        self.assertEqual(printed, "a b c d e f NOT_FOUND: no such model")

    def test_sigpipe_does_not_end_a_program_that_has_its_default_back(self):
        gateway = self.scripted()
        code = """
import signal, sys, models_gateway
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
client = models_gateway.Client(sys.argv[1])
client.unload_models()
print("again", flush=True)
sys.stdin.readline()
print(client.unload_models())
"""
        process = subprocess.Popen(
            [sys.executable, "-c", code, gateway.path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.assertEqual(process.stdout.readline(), "again\n")
        gateway.hang_up()
        self.assertEqual(process.communicate("\n", timeout=20)[0], "None\n")
        self.assertEqual(process.returncode, 0)


if __name__ == "__main__":
    unittest.main()
