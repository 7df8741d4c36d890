"""The client for asyncio, in asyncio's own loop and in uvloop's."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest

import models_gateway
from models_gateway import AsyncClient, Model, Models, SeededModel
from scripted import EndToEndTest, Gateway, Held, PackageTest, answer_nothing, answering, stopped

try:
    import uvloop
except ImportError:
    uvloop = None

MODELS = Models(iterable=[Model(id="m")]).SerializeToString()


def named(request):
    request.answer(Model(id=request.metadata[0][1]).SerializeToString())


async def create(client, name, **options):
    """The id of the model that is answered, which has to be the name."""
    return (await client.models_create_new_model(metadata={"traceparent": name}, **options)).id


async def wait_for(gateway, what):
    await asyncio.get_running_loop().run_in_executor(None, gateway.wait_for, what)


class AsyncTests(EndToEndTest, PackageTest):
    def new_loop(self):
        return asyncio.new_event_loop()

    def run_async(self, coroutine):
        loop = self.new_loop()
        faults = []
        loop.set_exception_handler(lambda _, context: faults.append(context))
        try:
            return loop.run_until_complete(asyncio.wait_for(coroutine, 30))
        finally:
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()
            self.assertEqual(faults, [])

    def test_every_call(self):
        upstream = self.upstream(answering('{"iterable":[{"id":"m"}],"id":"m","model":{"id":"m"}}'))
        path = self.gateway(upstream).path

        async def main():
            async with AsyncClient(path) as client:
                self.assertEqual((await client.models_snapshot()).iterable[0].id, "m")
                parts = [part async for part in client.stream_models_snapshot()]
                self.assertEqual([model.id for part in parts for model in part.iterable], ["m"])
                self.assertEqual((await client.models_create_new_model(SeededModel(name="n"))).id, "m")
                self.assertIsNone(await client.models_delete_specific_model("m"))
                self.assertEqual((await client.models_delete_specific_model_cache("m")).model.id, "m")
                self.assertIsNone(await client.unload_models())
            with self.assertRaises(ValueError):
                await client.unload_models()

        self.run_async(main())
        targets = [request.target for request in upstream.requests]
        wanted = ["/models", "/models", "/models/create"]
        wanted += ["/models/m/delete", "/models/m/delete/cache", "/models/unload"]
        self.assertEqual(targets, wanted)

    def test_status_of_the_gateway(self):
        upstream = self.upstream(answering("{}"))
        path = self.gateway(upstream).path

        async def main():
            async with AsyncClient(path) as client:
                self.assertEqual((await client.status()).upstream.location, upstream.url)

        self.run_async(main())

    def test_status(self):
        response = models_gateway.StatusResponse(version="1")
        gateway = self.scripted(lambda request: request.answer(response.SerializeToString()))

        async def main():
            async with AsyncClient(gateway.path) as client:
                self.assertEqual(await client.status(), response)

        self.run_async(main())

    def test_an_answer_of_many_reads_comes_whole(self):
        document = '{"iterable":[' + ",".join(['{"id":"m"}'] * 50000) + "]}"
        path = self.gateway(self.upstream(answering(document))).path

        async def main():
            async with AsyncClient(path) as client:
                for _ in range(2):
                    self.assertEqual(len((await client.models_snapshot()).iterable), 50000)
                    count = 0
                    async for part in client.stream_models_snapshot():
                        count += len(part.iterable)
                    self.assertEqual(count, 50000)

        self.run_async(main())

    def test_many_tasks_share_one_connection(self):
        gateway = self.scripted(named)

        async def main():
            async with AsyncClient(gateway.path) as client:
                names = [str(number) for number in range(500)]
                self.assertEqual(await asyncio.gather(*[create(client, name) for name in names]), names)

        self.run_async(main())
        self.assertEqual(len(gateway.connections), 1)

    def test_errors(self):
        gateway = self.scripted(lambda request: request.fail(5, "text"))

        async def main():
            async with AsyncClient(gateway.path) as client:
                with self.assertRaises(models_gateway.NotFound):
                    await client.unload_models()
                with self.assertRaises(models_gateway.NotFound):
                    async for _ in client.stream_models_snapshot():
                        self.fail("a part of nothing")
                with self.assertRaises(TypeError):
                    await client.models_delete_specific_model(5)
                with self.assertRaises(models_gateway.ResourceExhausted):
                    await client.models_create_new_model(SeededModel(name="x" * (4 << 20)))
                with self.assertRaises(TimeoutError) as caught:
                    await client.unload_models(timeout=0)
                self.assertIs(caught.exception.request_sent, False)
            with self.assertRaisesRegex(ConnectionError, "/nowhere/gateway.sock: there is no such socket"):
                await AsyncClient("/nowhere/gateway.sock").unload_models()

        self.run_async(main())
        self.assertEqual(len(gateway.requests), 2)

    def test_cancelling_a_task_cancels_its_call_and_no_other(self):
        gateway = self.scripted(answer_nothing)

        async def main():
            async with AsyncClient(gateway.path) as client:
                task = asyncio.ensure_future(client.models_snapshot())
                other = asyncio.ensure_future(create(client, "other"))
                await wait_for(gateway, lambda gateway: len(gateway.requests) == 2)
                task.cancel()
                with self.assertRaises(asyncio.CancelledError):
                    await task
                await wait_for(gateway, lambda gateway: gateway.cancelled == [gateway.requests[0].stream_id])
                gateway.requests[0].answer(MODELS)
                named(gateway.requests[1])
                self.assertEqual(await other, "other")
                with self.assertRaises(asyncio.TimeoutError):
                    await asyncio.wait_for(client.unload_models(), 0.1)
                await wait_for(gateway, lambda gateway: len(gateway.cancelled) == 2)
                gateway.script = named
                self.assertEqual(await create(client, "next"), "next")

        self.run_async(main())
        self.assertEqual(len(gateway.connections), 1)

    def test_150_cancellations_of_rapid_calls_never_give_a_wrong_answer(self):
        gateway = self.scripted(named)

        async def rapid(client, name):
            number = 0
            while True:
                number += 1
                self.assertEqual(await create(client, f"{name} {number}"), f"{name} {number}")

        async def main():
            async with AsyncClient(gateway.path) as client:
                for count in range(150):
                    task = asyncio.ensure_future(rapid(client, count))
                    await asyncio.sleep(0.001 + 0.00001 * (count % 97))
                    task.cancel()
                    with self.assertRaises(asyncio.CancelledError):
                        await task
                    self.assertEqual(await create(client, f"after {count}"), f"after {count}")

        self.run_async(main())

    def test_a_stream_left_early_is_cancelled(self):
        gateway = self.scripted(lambda request: request.part(b""))

        async def leave(client):
            async for _ in client.stream_models_snapshot():
                break

        async def close(client):
            stream = client.stream_models_snapshot()
            await stream.__anext__()
            await stream.aclose()
            self.assertEqual([part async for part in stream], [])

        async def manage(client):
            async with client.stream_models_snapshot() as stream:
                await stream.__anext__()

        async def main():
            async with AsyncClient(gateway.path) as client:
                for count, way in enumerate((leave, close, manage), 1):
                    await way(client)
                    await wait_for(gateway, lambda gateway, count=count: len(gateway.cancelled) == count)

        self.run_async(main())
        self.assertEqual(gateway.cancelled, [request.stream_id for request in gateway.requests])

    def test_a_gateway_that_is_stopped_costs_the_timeout_and_at_most_a_second(self):
        gateway = self.gateway(self.upstream(answering("{}")))

        async def main():
            async with AsyncClient(gateway.path) as client:
                await client.unload_models()
                first = lambda **options: client.stream_models_snapshot(**options).__anext__()  # noqa: E731
                with stopped(gateway.pid):
                    for call in (client.unload_models, first):
                        began = time.monotonic()
                        with self.assertRaises(models_gateway.DeadlineExceeded) as caught:
                            await call(timeout=0.4)
                        self.assert_lasts(began, 0.4)
                        self.assertIsNone(caught.exception.request_sent)
                await client.models_snapshot()

        self.run_async(main())

    def test_an_answer_that_is_there_beats_the_timer(self):
        answered = threading.Event()
        gateway = self.scripted(lambda request: (named(request), answered.set()))

        async def main():
            async with AsyncClient(gateway.path) as client:
                await create(client, "first")
                answered.clear()
                task = asyncio.ensure_future(create(client, "second", timeout=0.1))
                await asyncio.sleep(0)
                self.assertTrue(answered.wait(20))
                time.sleep(1)  # The loop does nothing until long after the deadline.
                self.assertEqual(await task, "second")

        self.run_async(main())

    def test_after_a_restart_the_next_call_succeeds(self):
        upstream = self.upstream(answering("{}"))
        gateway = self.gateway(upstream)

        async def main():
            async with AsyncClient(gateway.path) as client:
                await client.unload_models()
                gateway.stop()
                self.addCleanup(Gateway("--socket", gateway.path, "--upstream", upstream.url).stop)
                await client.unload_models()

        self.run_async(main())
        self.assertEqual(len(upstream.requests), 2)

    def test_in_mid_air_a_snapshot_is_asked_again_and_nothing_else(self):
        def script(request):
            if len(gateway.requests) in (1, 3):
                request.connection.shutdown(socket.SHUT_RDWR)
            else:
                request.answer(MODELS)

        gateway = self.scripted(script)

        async def main():
            async with AsyncClient(gateway.path) as client:
                self.assertEqual((await client.models_snapshot()).iterable[0].id, "m")
                with self.assertRaises(ConnectionError) as caught:
                    await client.unload_models()
                self.assertIs(caught.exception.request_sent, True)

        self.run_async(main())
        self.assertEqual(len(gateway.requests), 3)

    def test_in_another_loop_it_connects_again(self):
        gateway = self.scripted(named)
        client = AsyncClient(gateway.path)
        for name in "abc":
            self.assertEqual(self.run_async(create(client, name)), name)
        self.run_async(client.close())

    def test_a_socket_that_is_handed_over(self):
        gateway = self.scripted(named)
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(gateway.path)

        async def main():
            async with AsyncClient(sock=sock) as client:
                self.assertEqual(await create(client, "a"), "a")
                gateway.hang_up()
                with self.assertRaisesRegex(models_gateway.Unavailable, "sock="):
                    while True:
                        await create(client, "b")

        self.run_async(main())

    def test_fork(self):
        gateway = self.scripted(named)
        code = """
import asyncio, os, sys, models_gateway
client = models_gateway.AsyncClient(sys.argv[1])
async def create(name):
    return (await client.models_create_new_model(metadata={"traceparent": name})).id
def new_loop():
    if sys.argv[2] == "uvloop":
        import uvloop
        return uvloop.new_event_loop()
    return asyncio.new_event_loop()
loop = new_loop()
print(loop.run_until_complete(create("before")), flush=True)
if (pid := os.fork()) == 0:
    print(new_loop().run_until_complete(create("child")), flush=True)
    os._exit(0)
os.waitpid(pid, 0)
print(loop.run_until_complete(create("parent")))
loop.run_until_complete(client.close())
"""
        kind = "uvloop" if type(self) is not AsyncTests else "asyncio"
        self.assertEqual(self.run_python(code, gateway.path, kind), "before\nchild\nparent")

    def test_ctrl_c_cancels_the_call(self):
        held = Held()
        upstream = self.upstream(held)
        gateway = self.gateway(upstream)
        code = """
import asyncio, sys, models_gateway
async def main():
    async with models_gateway.AsyncClient(sys.argv[1]) as client:
        await client.unload_models()
try:
    asyncio.run(main())
except KeyboardInterrupt:
    print("interrupted")
"""
        process = subprocess.Popen([sys.executable, "-c", code, gateway.path], stdout=subprocess.PIPE, text=True)
        upstream.wait_for_requests(1)
        os.kill(process.pid, signal.SIGINT)
        held.wait_until_given_up()
        self.assertEqual(process.communicate(timeout=20)[0], "interrupted\n")


@unittest.skipIf(uvloop is None, "uvloop is not installed")
class UVLoopTests(AsyncTests):
    def new_loop(self):
        return uvloop.new_event_loop()


if __name__ == "__main__":
    unittest.main()
