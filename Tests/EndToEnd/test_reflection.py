"""Section 6: server reflection over gRPC, with the stock client of Python."""

import queue
import signal
import socket
import struct
import unittest

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.rpc import error_details_pb2
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from grpc_status import rpc_status
from models_gateway import Models
from support.case import EndToEndTest
from support.envelope import UNIMPLEMENTED
from support.upstream import Held, answering

MODELS = "pieces.models.v1.ModelsService"
MODELS_PROTO = "pieces/models/v1/models.proto"
VERSIONS = ("v1", "v1alpha")
EXTENSIONS = {
    "google.api.http": "google/api/annotations.proto",
    "pieces.gateway.v1.always_allowed": "pieces/gateway/v1/options.proto",
    "pieces.gateway.v1.nullable_required": "pieces/gateway/v1/options.proto",
}
SERVICES = {
    MODELS,
    "pieces.gateway.v1.Control",
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
}
PATIENCE = 20.0


def ask(**question) -> reflection_pb2.ServerReflectionRequest:
    return reflection_pb2.ServerReflectionRequest(**question)


def ask_extension(message: str, number: int) -> reflection_pb2.ExtensionRequest:
    return reflection_pb2.ExtensionRequest(containing_type=message, extension_number=number)


def files(response: reflection_pb2.ServerReflectionResponse) -> list[descriptor_pb2.FileDescriptorProto]:
    return [
        descriptor_pb2.FileDescriptorProto.FromString(file)
        for file in response.file_descriptor_response.file_descriptor_proto
    ]


class Stream:
    """A stream of questions that is asked one at a time."""

    def __init__(self, channel: grpc.Channel, version: str = "v1", **options):
        self._questions = queue.SimpleQueue()
        method = f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo"
        self.call = channel.stream_stream(
            method,
            reflection_pb2.ServerReflectionRequest.SerializeToString,
            reflection_pb2.ServerReflectionResponse.FromString,
        )(iter(self._questions.get, None), **options)

    def send(self, **question) -> None:
        self._questions.put(ask(**question))

    def ask(self, **question) -> reflection_pb2.ServerReflectionResponse:
        self.send(**question)
        return next(self.call)

    def end(self) -> None:
        self._questions.put(None)


class ReflectionTest(EndToEndTest):
    def begin(self, script=answering(), *options: str):
        gateway = self.gateway(self.upstream(script), *options)
        return self.channel(gateway.path), gateway

    def channel(self, path: str) -> grpc.Channel:
        channel = grpc.insecure_channel(f"unix:{path}")
        self.addCleanup(channel.close)
        return channel

    def stream(self, channel: grpc.Channel, version: str = "v1", **options) -> Stream:
        stream = Stream(channel, version, **options)
        self.addCleanup(stream.end)
        return stream

    def assert_ends(self, stream: Stream, code: grpc.StatusCode, reason: str) -> error_details_pb2.ErrorInfo:
        with self.assertRaises(grpc.RpcError) as raised:
            next(stream.call)
        info = error_details_pb2.ErrorInfo()
        rpc_status.from_call(raised.exception).details[0].Unpack(info)
        self.assertEqual((raised.exception.code(), info.reason), (code, reason), raised.exception)
        return info


class DatabaseTests(ReflectionTest):
    def setUp(self):
        self.connection, _ = self.begin(answering('{"iterable":[{"id":"a","name":"one"}]}'))
        self.database = ProtoReflectionDescriptorDatabase(self.connection)
        self.pool = descriptor_pool.DescriptorPool(self.database)

    def test_all_services_and_all_their_messages_are_found(self):
        self.assertEqual(set(self.database.get_services()), SERVICES)
        for name in SERVICES:
            service = self.pool.FindServiceByName(name)
            self.assertGreater(len(service.methods), 0)
            for method in service.methods:
                self.assertIsNotNone(self.pool.FindMessageTypeByName(method.input_type.full_name))
        self.assertTrue(self.pool.FindMethodByName(f"{MODELS}.StreamModelsSnapshot").server_streaming)

    def test_what_errors_hold_is_found(self):
        for name in ("google.rpc.Status", "google.rpc.ErrorInfo", "google.protobuf.Any"):
            self.assertEqual(self.pool.FindMessageTypeByName(name).full_name, name)

    def test_a_call_is_made_from_what_is_found(self):
        answer = message_factory.GetMessageClass(self.pool.FindMethodByName(f"{MODELS}.ModelsSnapshot").output_type)
        call = self.connection.unary_unary(f"/{MODELS}/ModelsSnapshot", lambda _: b"", answer.FromString)
        self.assertEqual(call(None, timeout=PATIENCE).iterable[0].name, "one")

    def test_what_is_unknown_is_not_found(self):
        for find in (self.pool.FindFileByName, self.pool.FindMessageTypeByName, self.pool.FindServiceByName):
            with self.assertRaises(KeyError):
                find("no.Thing")
        self.assertEqual(list(self.database.FindAllExtensionNumbers("google.protobuf.FileOptions")), [])

    def test_extensions_are_found(self):
        options = "google.protobuf.MethodOptions"
        self.assertEqual(set(self.database.FindAllExtensionNumbers(options)), {50001, 72295728})
        for name, file in EXTENSIONS.items():
            self.assertEqual(self.pool.FindExtensionByName(name).file.name, file)


class StreamTests(ReflectionTest):
    def test_both_versions_answer_alike(self):
        channel, _ = self.begin()
        answers = []
        for version in VERSIONS:
            stream = self.stream(channel, version)
            answers.append([
                stream.ask(list_services="", host="h"),
                stream.ask(file_by_filename=MODELS_PROTO),
                stream.ask(file_containing_symbol="google.rpc.Status"),
                stream.ask(all_extension_numbers_of_type="google.protobuf.FieldOptions"),
                stream.ask(file_containing_symbol="google.api.http"),
                stream.ask(file_containing_extension=ask_extension("google.protobuf.FieldOptions", 50001)),
                stream.ask(file_containing_extension=ask_extension("google.protobuf.FieldOptions", 50002)),
            ])
        self.assertEqual(answers[0], answers[1])
        self.assertEqual({service.name for service in answers[0][0].list_services_response.service}, SERVICES)
        self.assertEqual(answers[0][3].all_extension_numbers_response.extension_number, [50001])
        self.assertEqual(files(answers[0][4])[0].name, "google/api/annotations.proto")
        self.assertEqual(files(answers[0][5])[0].name, "pieces/gateway/v1/options.proto")
        self.assertEqual(answers[0][6].error_response.error_code, grpc.StatusCode.NOT_FOUND.value[0])
        self.assertEqual(answers[0][0].valid_host, "h")
        self.assertEqual(answers[0][0].original_request, ask(list_services="", host="h"))

    def test_a_stream_gets_each_file_once_and_what_it_asks_for_always(self):
        channel, _ = self.begin()
        stream = self.stream(channel)
        first = files(stream.ask(file_containing_symbol=f"{MODELS}.UnloadModels"))
        names = [file.name for file in first]
        self.assertEqual((names[0], len(names)), (MODELS_PROTO, len(set(names))))
        for file in first:
            self.assertLessEqual(set(file.dependency), set(names))
        second = [file.name for file in files(stream.ask(file_by_filename="pieces/gateway/v1/control.proto"))]
        self.assertEqual(second[0], "pieces/gateway/v1/control.proto")
        self.assertTrue(set(second).isdisjoint(names))
        again = [file.name for file in files(stream.ask(file_containing_symbol="pieces.models.v1.MODEL_TYPE_SPEED"))]
        self.assertEqual(again, [MODELS_PROTO])
        other = self.stream(channel)
        self.assertEqual([file.name for file in files(other.ask(file_by_filename=MODELS_PROTO))], names)

    def test_what_is_unknown_costs_its_question_alone(self):
        for version in VERSIONS:
            with self.subTest(version=version):
                self.check_what_is_unknown(version)

    def check_what_is_unknown(self, version: str) -> None:
        channel, _ = self.begin()
        stream = self.stream(channel, version)
        extension = ask_extension("google.protobuf.MethodOptions", 72295729)
        for question in (
            {"file_by_filename": "no.proto"},
            {"file_containing_symbol": "no.Symbol"},
            {"file_containing_extension": extension},
            {"all_extension_numbers_of_type": "no.Message"},
        ):
            answer = stream.ask(**question)
            self.assertEqual((answer.error_response.error_code, answer.original_request), (5, ask(**question)))
        stream.send(list_services="")
        stream.end()
        self.assertEqual(len(next(stream.call).list_services_response.service), len(SERVICES))
        self.assertEqual(list(stream.call), [])
        self.assertEqual(stream.call.code(), grpc.StatusCode.OK)

    def test_the_policy_read_allows_it_and_one_of_names_does_not(self):
        paths = [str(self.directory() / name) for name in ("read", "names")]
        options = ("--listen", f"path={paths[0]},allow=read", "--listen", f"path={paths[1]},allow=UnloadModels")
        self.gateway(self.upstream(), *options)
        for version in VERSIONS:
            allowed = self.stream(self.channel(paths[0]), version).ask(list_services="")
            self.assertEqual(len(allowed.list_services_response.service), len(SERVICES))
            refused = self.stream(self.channel(paths[1]), version)
            info = self.assert_ends(refused, grpc.StatusCode.PERMISSION_DENIED, "POLICY_DENIED")
            self.assertEqual(info.metadata["operation"], "ServerReflectionInfo")

    def test_it_has_the_deadline_of_its_client_and_no_other(self):
        channel, _ = self.begin(answering(), "--deadline", "100ms")
        stream = self.stream(channel)
        bounded = self.stream(channel, timeout=0.5)
        with self.assertRaises(grpc.RpcError) as raised:
            next(bounded.call)
        self.assertEqual(raised.exception.code(), grpc.StatusCode.DEADLINE_EXCEEDED)
        self.assertEqual(len(stream.ask(list_services="").list_services_response.service), len(SERVICES))

    def test_over_ttrpc_there_is_no_such_method(self):
        client, _ = self.start()
        for version in VERSIONS:
            answer = client.call("ServerReflectionInfo", service=f"grpc.reflection.{version}.ServerReflection")
            self.assert_status(answer, UNIMPLEMENTED, "UNKNOWN_METHOD", operation="ServerReflectionInfo")

    def test_sigterm_ends_it(self):
        held = Held()
        upstream = self.upstream(held)
        gateway = self.gateway(upstream)
        channel = self.channel(gateway.path)
        stream = self.stream(channel)
        stream.ask(list_services="")
        # A call that is in flight keeps the connection, so that what ends the stream is not its end.
        call = channel.unary_unary(f"/{MODELS}/UnloadModels", lambda _: b"").future(None, timeout=PATIENCE)
        upstream.wait_for_requests(1)
        gateway.signal(signal.SIGTERM)
        self.assert_ends(stream, grpc.StatusCode.UNAVAILABLE, "SHUTTING_DOWN")
        held.release(1)
        call.result()
        self.assertEqual(gateway.wait(), 0)

    def test_a_request_over_the_limit_ends_it(self):
        channel, _ = self.begin(answering(), "--max-request", "1KiB")
        stream = self.stream(channel)
        stream.ask(list_services="")
        stream.send(file_by_filename="x" * 2_000)
        self.assert_ends(stream, grpc.StatusCode.RESOURCE_EXHAUSTED, "FRAME_TOO_LARGE")

    def test_streams_count_as_calls(self):
        channel, gateway = self.begin()
        streams = [self.stream(channel) for _ in range(5)]
        for stream in streams:
            stream.ask(list_services="")
        status = channel.unary_unary("/pieces.gateway.v1.Control/Status", lambda _: b"")(None, timeout=PATIENCE)
        # StatusResponse { 8 calls_in_flight }
        self.assertIn(bytes([8 << 3, 5]), status)
        for stream in streams:
            stream.end()
            self.assertEqual(list(stream.call), [])

    def test_who_asks_for_much_and_reads_nothing_is_not_worked_for(self):
        count = 10_000
        question = ask(file_by_filename=MODELS_PROTO).SerializeToString()
        channel, gateway = self.begin(answering('{"iterable":[{"id":"a"}]}'))
        stream = self.stream(channel)
        stream.ask(file_by_filename=MODELS_PROTO)
        size = stream.ask(file_by_filename=MODELS_PROTO).ByteSize()
        snapshot = channel.unary_unary(f"/{MODELS}/ModelsSnapshot", lambda _: b"", Models.FromString)
        for window in (10_000, 1 << 30):
            with self.subTest(window=window), RawStream(gateway.path, window) as raw:
                before = gateway.memory("VmHWM")
                raw.send([question] * count)
                for _ in range(20):
                    self.assertEqual(snapshot(None, timeout=PATIENCE).iterable[0].id, "a")
                # All answers together would take more than ten times that.
                self.assertGreater(count * size, 60 << 20)
                self.assertLess(gateway.memory("VmHWM") - before, 6 << 20)
                raw.open_windows()
                raw.read(3 << 20)


class RawStream:
    """A stream of questions that come all at once, from a client that reads when it is told to."""

    PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    DATA, HEADERS, SETTINGS, WINDOW_UPDATE = 0, 1, 4, 8
    ACKNOWLEDGEMENT, END_HEADERS = 1, 4

    def __init__(self, path: str, window: int):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(PATIENCE)
        self._socket.connect(path)
        self._socket.sendall(self.PREFACE + self._frame(self.SETTINGS, 0, 0, struct.pack(">HI", 4, window)))
        # The gateway's windows are those that it has announced once its settings are acknowledged.
        self.read(1)
        fields = {
            ":method": "POST",
            ":scheme": "http",
            ":path": "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
            "content-type": "application/grpc",
            "te": "trailers",
        }
        # Literals that nobody remembers (RFC 7541, section 6.2.2).
        block = b"".join(
            b"\0" + b"".join(bytes([len(text)]) + text.encode() for text in field) for field in fields.items()
        )
        acknowledgement = self._frame(self.SETTINGS, self.ACKNOWLEDGEMENT, 0)
        self._socket.sendall(acknowledgement + self._frame(self.HEADERS, self.END_HEADERS, 1, block))

    def __enter__(self) -> "RawStream":
        return self

    def __exit__(self, *_) -> None:
        self._socket.close()

    @staticmethod
    def _frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
        return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload

    def send(self, messages: list[bytes]) -> None:
        data = b"".join(b"\0" + struct.pack(">I", len(message)) + message for message in messages)
        parts = (data[at : at + 16_384] for at in range(0, len(data), 16_384))
        self._socket.sendall(b"".join(self._frame(self.DATA, 0, 1, part) for part in parts))

    def open_windows(self) -> None:
        for stream in (0, 1):
            self._socket.sendall(self._frame(self.WINDOW_UPDATE, 0, stream, struct.pack(">I", 1 << 29)))

    def read(self, count: int) -> None:
        while count > 0:
            received = self._socket.recv(1 << 20)
            if not received:
                raise ConnectionError("the gateway has closed the connection")
            count -= len(received)


if __name__ == "__main__":
    unittest.main()
