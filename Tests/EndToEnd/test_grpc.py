"""Section 2: gRPC over HTTP/2 on the socket that ttrpc clients use, with the stock client of Python."""

import signal
import threading
import unittest

import grpc
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_status import rpc_status
from models_gateway import Model, Models, ModelsCreateNewModelRequest, ModelsDeleteSpecificModelRequest
from support.case import EndToEndTest
from support.upstream import Held, answering

SERVICE = "/pieces.models.v1.ModelsService/"
MODELS = '{"iterable":[{"id":"a","name":"one","version":"1","cloud":false}]}'
PATIENCE = 20.0


def nothing(_) -> bytes:
    return b""


class GRPCTest(EndToEndTest):
    def channel(self, gateway, *options) -> grpc.Channel:
        channel = grpc.insecure_channel(f"unix:{gateway.path}", options=options)
        self.addCleanup(channel.close)
        return channel

    def begin(self, script=answering(), *options: str):
        upstream = self.upstream(script)
        gateway = self.gateway(upstream, *options)
        return self.channel(gateway), upstream, gateway

    def unary(self, channel: grpc.Channel, method: str, answer=None, request=None):
        serialize = nothing if request is None else type(request).SerializeToString
        call = channel.unary_unary(SERVICE + method, serialize, answer.FromString if answer else bytes)
        return lambda **options: call(request, **{"timeout": PATIENCE, **options})

    def stream(self, channel: grpc.Channel, **options):
        call = channel.unary_stream(SERVICE + "StreamModelsSnapshot", nothing, Models.FromString)
        return call(None, **{"timeout": PATIENCE, **options})

    def error(self, call, **options) -> tuple[grpc.RpcError, error_details_pb2.ErrorInfo]:
        with self.assertRaises(grpc.RpcError) as raised:
            call(**options)
        error = raised.exception
        status = rpc_status.from_call(error)
        info = error_details_pb2.ErrorInfo()
        if status is not None:
            self.assertEqual(status.message, error.details())
            self.assertTrue(status.details[0].Unpack(info))
            self.assertEqual(info.domain, "models-gateway")
        return error, info

    def assert_error(self, call, code: grpc.StatusCode, reason: str, **options) -> error_details_pb2.ErrorInfo:
        error, info = self.error(call, **options)
        self.assertEqual((error.code(), info.reason), (code, reason), error)
        return info


class CallTests(GRPCTest):
    def test_each_call_goes_out_as_it_does_over_ttrpc(self):
        channel, upstream, _ = self.begin(answering(MODELS))
        self.assertEqual(self.unary(channel, "ModelsSnapshot", Models)().iterable[0].id, "a")
        self.assertEqual([part.iterable[0].name for part in self.stream(channel)], ["one"])
        self.assertEqual(self.unary(channel, "UnloadModels")(), b"")
        request = ModelsDeleteSpecificModelRequest(model="a/b")
        self.assertEqual(self.unary(channel, "ModelsDeleteSpecificModel", None, request)(), b"")
        create = ModelsCreateNewModelRequest()
        create.seeded_model.name = "new"
        self.unary(channel, "ModelsCreateNewModel", Model, create)()
        lines = [(request.method, request.target) for request in upstream.requests]
        self.assertEqual(
            lines,
            [
                ("GET", "/models"),
                ("GET", "/models"),
                ("POST", "/models/unload"),
                ("POST", "/models/a%2Fb/delete"),
                ("POST", "/models/create"),
            ],
        )

    def test_both_protocols_are_spoken_on_one_socket(self):
        channel, _, gateway = self.begin(answering(MODELS))
        self.unary(channel, "ModelsSnapshot", Models)()
        self.assert_ok(self.client(gateway).call("ModelsSnapshot"))
        self.unary(channel, "ModelsSnapshot", Models)()

    def test_many_calls_at_once_each_get_their_own_answer(self):
        channel, _, _ = self.begin(answering(MODELS))
        call = channel.unary_unary(SERVICE + "ModelsSnapshot", nothing, Models.FromString)
        futures = [call.future(None, timeout=PATIENCE) for _ in range(500)]
        self.assertEqual([future.result().iterable[0].id for future in futures], ["a"] * 500)

    def test_a_large_answer_comes_whole_and_one_over_4_mib_names_the_stream(self):
        models = ",".join('{"id":"%d","description":"%s"}' % (n, "x" * 1000) for n in range(3_000))
        channel, _, _ = self.begin(answering('{"iterable":[%s]}' % models))
        self.assertEqual(len(self.unary(channel, "ModelsSnapshot", Models)().iterable), 3_000)
        more = ",".join([models, models])
        channel, _, _ = self.begin(answering('{"iterable":[%s]}' % more))
        snapshot = self.unary(channel, "ModelsSnapshot", Models)
        info = self.assert_error(snapshot, grpc.StatusCode.RESOURCE_EXHAUSTED, "ANSWER_TOO_LARGE")
        self.assertEqual(info.metadata["operation"], "ModelsSnapshot")
        self.assertEqual(sum(len(part.iterable) for part in self.stream(channel)), 6_000)

    def test_the_four_keys_of_metadata_go_out(self):
        channel, upstream, _ = self.begin()
        metadata = [("application", "a"), ("x-application-id", "b"), ("traceparent", "c"), ("other", "d")]
        self.unary(channel, "UnloadModels")(metadata=metadata)
        request = upstream.requests[0]
        self.assertEqual([request.header(key) for key, _ in metadata], ["a", "b", "c", None])

    def test_compressed_requests_are_read(self):
        for compression in (grpc.Compression.Gzip, grpc.Compression.Deflate):
            channel, upstream, _ = self.begin(answering(MODELS))
            create = ModelsCreateNewModelRequest()
            create.seeded_model.name = "n" * 10_000
            self.unary(channel, "ModelsCreateNewModel", Model, create)(compression=compression)
            self.assertIn(b"n" * 10_000, upstream.requests[0].body)


class ErrorTests(GRPCTest):
    def test_the_refusal_of_pieces_os_comes_with_all_that_is_known(self):
        channel, _, _ = self.begin(answering("sign in, s'il vous plaît …", 401))
        error, info = self.error(self.unary(channel, "UnloadModels"))
        self.assertEqual((error.code(), error.details()), (grpc.StatusCode.UNAUTHENTICATED, "sign in, s'il vous plaît …"))
        metadata = {"operation": "UnloadModels", "http_status": "401", "hint": "sign in to Pieces OS"}
        self.assertEqual(dict(info.metadata), metadata)

    def test_long_messages_arrive_every_time(self):
        for letter in ("x", "é"):
            channel, _, _ = self.begin(answering(letter * 10_000, 500))
            call = self.unary(channel, "UnloadModels")
            for _ in range(1_000):
                error, info = self.error(call)
                self.assertEqual((error.code(), info.reason), (grpc.StatusCode.INTERNAL, "UPSTREAM_HTTP_STATUS"))
                self.assertEqual(error.details().strip(letter), "")
                self.assertGreaterEqual(len(error.details().encode()), 512)

    def test_what_cannot_be_used_costs_its_call_alone(self):
        channel, upstream, _ = self.begin()
        empty = self.unary(channel, "ModelsDeleteSpecificModel", None, ModelsDeleteSpecificModelRequest())
        self.assert_error(empty, grpc.StatusCode.INVALID_ARGUMENT, "BAD_REQUEST")
        unknown = self.unary(channel, "Nothing")
        self.assert_error(unknown, grpc.StatusCode.UNIMPLEMENTED, "UNKNOWN_METHOD")
        large = ModelsCreateNewModelRequest()
        large.seeded_model.name = "n" * (4 << 20)
        create = self.unary(channel, "ModelsCreateNewModel", Model, large)
        self.assert_error(create, grpc.StatusCode.RESOURCE_EXHAUSTED, "FRAME_TOO_LARGE")
        self.assertEqual(upstream.requests, [])
        self.unary(channel, "UnloadModels")()

    def test_a_policy_holds_for_both_protocols(self):
        upstream = self.upstream()
        path = str(self.directory() / "read.sock")
        self.gateway(upstream, "--listen", f"path={path},allow=read")
        channel = grpc.insecure_channel(f"unix:{path}")
        self.addCleanup(channel.close)
        self.unary(channel, "ModelsSnapshot", Models)()
        unload = self.unary(channel, "UnloadModels")
        self.assert_error(unload, grpc.StatusCode.PERMISSION_DENIED, "POLICY_DENIED")
        self.assertEqual([request.target for request in upstream.requests], ["/models"])

    def test_control_cancel_is_for_ttrpc(self):
        channel, _, _ = self.begin()
        cancel = channel.unary_unary("/pieces.gateway.v1.Control/Cancel", nothing, bytes)
        with self.assertRaises(grpc.RpcError) as raised:
            cancel(None, timeout=PATIENCE)
        self.assertEqual(raised.exception.code(), grpc.StatusCode.UNIMPLEMENTED)


class EndingTests(GRPCTest):
    def test_the_deadline_of_a_client_ends_its_call_and_the_exchange(self):
        held = Held()
        channel, upstream, _ = self.begin(held)
        error, _ = self.error(self.unary(channel, "UnloadModels"), timeout=0.3)
        self.assertEqual(error.code(), grpc.StatusCode.DEADLINE_EXCEEDED)
        held.wait_until_given_up()

    def test_hundreds_of_deadlines_at_once_cost_nobody_the_connection(self):
        channel, _, _ = self.begin(Held())
        states = []
        channel.subscribe(states.append)
        call = channel.unary_unary(SERVICE + "UnloadModels", nothing, bytes)
        for _ in range(2):
            futures = [call.future(None, timeout=0.2) for _ in range(500)]
            self.assertEqual({future.code() for future in futures}, {grpc.StatusCode.DEADLINE_EXCEEDED})
        unknown = self.unary(channel, "Nothing")
        self.assert_error(unknown, grpc.StatusCode.UNIMPLEMENTED, "UNKNOWN_METHOD")
        self.assertEqual(states[states.index(grpc.ChannelConnectivity.READY) :], [grpc.ChannelConnectivity.READY])

    def test_the_gateways_deadline_is_for_calls_without_one(self):
        channel, _, _ = self.begin(Held(), "--deadline", "300ms")
        unload = self.unary(channel, "UnloadModels")
        info = self.assert_error(unload, grpc.StatusCode.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED", timeout=None)
        self.assertEqual(info.metadata["request_sent"], "true")

    def test_a_cancelled_call_gives_its_exchange_up(self):
        held = Held()
        channel, upstream, _ = self.begin(held)
        call = channel.unary_unary(SERVICE + "UnloadModels", nothing, bytes).future(None, timeout=PATIENCE)
        upstream.wait_for_requests(1)
        call.cancel()
        held.wait_until_given_up()

    def test_a_closed_channel_gives_all_up(self):
        held = Held()
        channel, upstream, _ = self.begin(held)
        call = channel.unary_unary(SERVICE + "UnloadModels", nothing, bytes)
        _ = [call.future(None, timeout=PATIENCE) for _ in range(3)]
        upstream.wait_for_requests(3)
        channel.close()
        held.wait_until_given_up(3)

    def test_a_stream_that_nobody_reads_holds_up_no_other_call(self):
        models = ",".join('{"id":"%d","description":"%s"}' % (n, "x" * 1000) for n in range(8_000))
        channel, _, _ = self.begin(answering('{"iterable":[%s]}' % models))
        stalled = self.stream(channel)
        first = next(stalled)
        self.assertGreater(len(first.iterable), 0)
        for _ in range(20):
            self.unary(channel, "UnloadModels")()
        self.assertEqual(len(first.iterable) + sum(len(part.iterable) for part in stalled), 8_000)

    def test_sigterm_loses_no_call_that_was_accepted(self):
        channel, _, gateway = self.begin()
        call = self.unary(channel, "UnloadModels")
        call()
        failures, stopped = [], threading.Event()

        def keep_calling():
            while not stopped.is_set():
                try:
                    call()
                except grpc.RpcError as error:
                    failures.append(error)
                    return

        threads = [threading.Thread(target=keep_calling) for _ in range(8)]
        for thread in threads:
            thread.start()
        call()
        gateway.signal(signal.SIGTERM)
        self.assertEqual(gateway.wait(), 0)
        stopped.set()
        for thread in threads:
            thread.join()
        # Whoever calls after it has gone finds nobody; nobody is told that a call was lost.
        for error in failures:
            self.assertIn("connect", error.details())

    def test_health_is_checked_and_watched(self):
        channel, _, _ = self.begin(answering("ok", 200))
        health = health_pb2_grpc.HealthStub(channel)
        serving = health_pb2.HealthCheckResponse.SERVING
        self.assertEqual(health.Check(health_pb2.HealthCheckRequest(), timeout=PATIENCE).status, serving)
        watch = health.Watch(health_pb2.HealthCheckRequest())
        self.assertEqual(next(watch).status, serving)
        watch.cancel()


if __name__ == "__main__":
    unittest.main()
