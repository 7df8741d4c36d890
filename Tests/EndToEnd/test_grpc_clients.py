"""Stock clients of gRPC other than grpcio's blocking one, from the contract alone: asyncio's of grpcio, and grpclib."""

import asyncio

import grpc
import grpclib.client
import grpclib.exceptions
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2
from grpc_status import rpc_status
from grpclib.const import Cardinality, Status
from models_gateway import Model, Models, ModelsCreateNewModelRequest, ModelsDeleteSpecificModelRequest
from support.case import EndToEndTest
from support.discovery import HEALTH
from support.upstream import Held, answering, response

SERVICE = "/pieces.models.v1.ModelsService/"
WATCH = "/grpc.health.v1.Health/Watch"
BODY = '{"iterable":[{"id":"a","name":"one"}],"id":"new"}'
LARGE = '{"iterable":[%s]}' % ",".join('{"id":"%d","description":"%s"}' % (n, "x" * 1000) for n in range(100))
PATIENCE = 20.0


class Asyncio:
    """grpcio's client for asyncio."""

    def __init__(self, path: str):
        self.channel = grpc.aio.insecure_channel(f"unix:{path}")

    async def close(self):
        await self.channel.close()

    def unary(self, method: str, request, answer, **options):
        call = self.channel.unary_unary(method, type(request).SerializeToString, answer.FromString)
        return call(request, **{"timeout": PATIENCE, **options})

    def stream(self, method: str, request, answer, **options):
        call = self.channel.unary_stream(method, type(request).SerializeToString, answer.FromString)
        return call(request, **{"timeout": PATIENCE, **options})

    async def error(self, call) -> tuple[int, str, error_details_pb2.ErrorInfo]:
        """Its code, its message, and what its details say."""
        try:
            await call
        except grpc.aio.AioRpcError as error:
            info = error_details_pb2.ErrorInfo()
            if (status := rpc_status.from_call(error)) is not None:
                status.details[0].Unpack(info)
            return error.code().value[0], error.details(), info
        raise AssertionError("success where an error was due")


class GRPCLib:
    """grpclib, which is on h2."""

    def __init__(self, path: str):
        self.channel = grpclib.client.Channel(path=path)

    async def close(self):
        self.channel.close()

    async def unary(self, method: str, request, answer, timeout=PATIENCE, metadata=()):
        call = grpclib.client.UnaryUnaryMethod(self.channel, method, type(request), answer)
        return await call(request, timeout=timeout, metadata=list(metadata))

    async def stream(self, method: str, request, answer, timeout=PATIENCE):
        asked = self.channel.request(method, Cardinality.UNARY_STREAM, type(request), answer, timeout=timeout)
        async with asked as stream:
            await stream.send_message(request, end=True)
            async for message in stream:
                yield message

    async def error(self, call) -> tuple[int, str, error_details_pb2.ErrorInfo]:
        try:
            await call
        except asyncio.TimeoutError:
            # Its own clock says so first.
            return Status.DEADLINE_EXCEEDED.value, "", error_details_pb2.ErrorInfo()
        except grpclib.exceptions.GRPCError as error:
            return error.status.value, error.message, error.details[0] if error.details else None
        raise AssertionError("success where an error was due")


class ClientTest(EndToEndTest):
    stock: type

    def run_with(self, test, script=answering(BODY), *options: str):
        upstream = self.upstream(script)
        gateway = self.gateway(upstream, *options)

        async def run():
            client = self.stock(gateway.path)
            try:
                return await asyncio.wait_for(test(client, upstream, gateway), 3 * PATIENCE)
            finally:
                await client.close()

        return asyncio.run(run())


class Tests:
    """What each of them has to be able to do."""

    def test_each_call(self):
        async def test(client, upstream, _):
            request = health_pb2.HealthCheckRequest()
            models = await client.unary(SERVICE + "ModelsSnapshot", request, Models)
            self.assertEqual(models.iterable[0].name, "one")
            parts = [part async for part in client.stream(SERVICE + "StreamModelsSnapshot", request, Models)]
            self.assertEqual([model.id for part in parts for model in part.iterable], ["a"])
            create = ModelsCreateNewModelRequest()
            create.seeded_model.name = "é"
            self.assertEqual((await client.unary(SERVICE + "ModelsCreateNewModel", create, Model)).id, "new")
            delete = ModelsDeleteSpecificModelRequest(model="a/b")
            await client.unary(SERVICE + "ModelsDeleteSpecificModel", delete, health_pb2.HealthCheckRequest)
            self.assertEqual(
                [request.target for request in upstream.requests],
                ["/models", "/models", "/models/create", "/models/a%2Fb/delete"],
            )

        self.run_with(test)

    def test_many_calls_and_streams_at_once(self):
        async def test(client, _, __):
            request = health_pb2.HealthCheckRequest()

            async def stream():
                parts = [part async for part in client.stream(SERVICE + "StreamModelsSnapshot", request, Models)]
                return sum(len(part.iterable) for part in parts)

            async def unary():
                return len((await client.unary(SERVICE + "ModelsSnapshot", request, Models)).iterable)

            counts = await asyncio.gather(*[stream() for _ in range(10)], *[unary() for _ in range(100)])
            self.assertEqual(counts, [100] * 110)

        self.run_with(test, answering(LARGE))

    def test_an_error_comes_with_its_details(self):
        async def test(client, _, __):
            request = health_pb2.HealthCheckRequest()
            code, message, info = await client.error(client.unary(SERVICE + "UnloadModels", request, Models))
            self.assertEqual((code, message), (Status.UNAUTHENTICATED.value, "s'il vous plaît … "))
            self.assertEqual((info.reason, info.domain), ("UPSTREAM_HTTP_STATUS", "models-gateway"))
            metadata = {"operation": "UnloadModels", "http_status": "401", "hint": "sign in to Pieces OS"}
            self.assertEqual(dict(info.metadata), metadata)
            unknown = await client.error(client.unary(SERVICE + "Nothing", request, Models))
            self.assertEqual((unknown[0], unknown[2].reason), (Status.UNIMPLEMENTED.value, "UNKNOWN_METHOD"))

        self.run_with(test, answering("s'il vous plaît … ", 401))

    def test_a_deadline_and_a_cancelled_call_give_up_what_pieces_os_was_asked(self):
        held = Held()

        async def test(client, upstream, _):
            request = health_pb2.HealthCheckRequest()
            late = client.unary(SERVICE + "UnloadModels", request, Models, timeout=0.2)
            self.assertEqual((await client.error(late))[0], Status.DEADLINE_EXCEEDED.value)
            await asyncio.to_thread(held.wait_until_given_up)
            call = client.unary(SERVICE + "UnloadModels", request, Models)
            task = asyncio.ensure_future(call)
            await asyncio.to_thread(upstream.wait_for_requests, 2)
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
            await asyncio.to_thread(held.wait_until_given_up)

        self.run_with(test, held)


class AsyncioTests(Tests, ClientTest):
    stock = Asyncio

    def test_health_is_watched_until_the_gateway_ends(self):
        """Not by grpclib, which gives all of its streams up at the first GOAWAY."""

        def script(exchange):
            self.assertEqual(exchange.request.target, HEALTH)
            exchange.send(response(b"ok"))

        async def test(client, _, gateway):
            seen = []

            async def watch():
                answer = health_pb2.HealthCheckResponse
                async for status in client.stream(WATCH, health_pb2.HealthCheckRequest(), answer, timeout=None):
                    seen.append(status.status)
                    if len(seen) == 1:
                        gateway.signal()

            code, _, info = await client.error(watch())
            self.assertEqual(seen, [1, 2])
            self.assertEqual((code, info.reason), (Status.UNAVAILABLE.value, "SHUTTING_DOWN"))
            self.assertEqual(await asyncio.to_thread(gateway.wait), 0)

        self.run_with(test, script)


class GRPCLibTests(Tests, ClientTest):
    stock = GRPCLib
