"""A client of the Models Gateway: six calls over a Unix socket, and nothing but the protobuf package.

    with ModelsGateway("/run/user/1000/models-gateway/gateway.sock", timeout=5) as gateway:
        for model in gateway.models_snapshot().iterable:
            print(model.name)

The socket speaks ttrpc 1.2. A frame is a header of ten bytes and then data:

    0        4            8       9        10
    | length | stream id  | type  | flags  | data, `length` bytes (at most 4 MiB)
"""

import contextlib
import enum
import socket
import struct

from google.protobuf import empty_pb2
from google.protobuf.message import DecodeError

# `generated` is used as a package, not as a place on sys.path: its google and pieces could hide, or be hidden by,
# installed packages of these names.
from generated.pieces.models.v1 import models_pb2

try:
    # Of googleapis-common-protos. Where it is installed it has to be used: a process can define google.rpc only once.
    from google.rpc import error_details_pb2, status_pb2
except ImportError:
    from generated.google.rpc import error_details_pb2, status_pb2

HEADER = struct.Struct(">IIBB")
LARGEST_DATA = 4 << 20
REQUEST, RESPONSE, DATA = 1, 2, 3
REMOTE_CLOSED, NO_DATA = 1, 4

SERVICE = b"pieces.models.v1.ModelsService"


class Code(enum.IntEnum):
    """How a call ended, as in gRPC."""

    CANCELLED = 1
    UNKNOWN = 2
    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    ABORTED = 10
    OUT_OF_RANGE = 11
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14
    DATA_LOSS = 15
    UNAUTHENTICATED = 16

    @classmethod
    def _missing_(cls, value):
        return cls.UNKNOWN


class GatewayError(Exception):
    """The gateway's answer is an error: a Code, a message for people, a reason and metadata for programs."""

    def __init__(self, code, message, reason="", metadata=None):
        super().__init__(code, message, reason, metadata or {})
        self.code = code
        self.message = message
        self.reason = reason
        self.metadata = metadata or {}

    @classmethod
    def from_status(cls, status):
        info = error_details_pb2.ErrorInfo()
        for detail in status.details:
            if detail.Is(info.DESCRIPTOR):
                with contextlib.suppress(DecodeError):
                    detail.Unpack(info)
        return cls(Code(status.code), status.message, info.reason, dict(info.metadata))

    def __str__(self):
        reason = f" ({self.reason})" if self.reason else ""
        return f"{self.code.name}{reason}: {self.message or 'no message'}"


class ProtocolError(Exception):
    """What came back is not ttrpc; the connection is closed."""


class ModelsGateway:
    """One connection to the gateway, for one call at a time.

    `timeout`, in seconds, goes out with every call; without one the gateway's own deadline counts. An answer that is an
    error is a GatewayError, and the connection lives on; a ProtocolError or an OSError is the end of the connection.
    """

    def __init__(self, path, timeout=None):
        self.timeout = timeout
        self._next_stream_id = 1
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.connect(path)
        except BaseException:
            self.close()
            raise

    def models_snapshot(self):
        return self._call(b"ModelsSnapshot", models_pb2.ModelsSnapshotRequest(), models_pb2.Models)

    def stream_models_snapshot(self):
        """Yields the models in parts, however many there are. Leaving early closes the connection."""
        with self._closing_on_failure():
            stream_id = self._send(b"StreamModelsSnapshot", models_pb2.StreamModelsSnapshotRequest())
            flags = 0
            while not flags & REMOTE_CLOSED:
                kind, flags, data = self._receive(stream_id)
                if kind != DATA:
                    open_response(data)
                    raise ProtocolError("a response frame without an error inside a stream")
                if not flags & NO_DATA:
                    yield models_pb2.Models.FromString(data)
                elif data:
                    raise ProtocolError("data in a frame that says it has none")

    def models_create_new_model(self, seeded_model=None):
        request = models_pb2.ModelsCreateNewModelRequest(seeded_model=seeded_model)
        return self._call(b"ModelsCreateNewModel", request, models_pb2.Model)

    def models_delete_specific_model(self, model):
        request = models_pb2.ModelsDeleteSpecificModelRequest(model=model)
        self._call(b"ModelsDeleteSpecificModel", request, empty_pb2.Empty)

    def models_delete_specific_model_cache(self, model, model_delete_cache_input=None):
        request = models_pb2.ModelsDeleteSpecificModelCacheRequest(
            model=model, model_delete_cache_input=model_delete_cache_input
        )
        return self._call(b"ModelsDeleteSpecificModelCache", request, models_pb2.ModelDeleteCacheOutput)

    def unload_models(self):
        self._call(b"UnloadModels", models_pb2.UnloadModelsRequest(), empty_pb2.Empty)

    def close(self):
        self._socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _call(self, method, request, answer):
        with self._closing_on_failure():
            stream_id = self._send(method, request)
            kind, _, data = self._receive(stream_id)
            if kind != RESPONSE:
                raise ProtocolError("a data frame in answer to a call that is no stream")
            return answer.FromString(open_response(data))

    @contextlib.contextmanager
    def _closing_on_failure(self):
        # After anything but an orderly answer nobody can say which frame comes next.
        try:
            yield
        except GatewayError:
            raise
        except DecodeError as error:
            self.close()
            raise ProtocolError("an answer that is not the protobuf it should be") from error
        except BaseException:
            self.close()
            raise

    def _send(self, method, request):
        data = request_data(method, request.SerializeToString(), self.timeout)
        stream_id = self._next_stream_id
        self._next_stream_id += 2
        self._socket.sendall(HEADER.pack(len(data), stream_id, REQUEST, REMOTE_CLOSED) + data)
        return stream_id

    def _receive(self, expected_id):
        length, stream_id, kind, flags = HEADER.unpack(self._receive_exactly(HEADER.size))
        if length > LARGEST_DATA:
            raise ProtocolError(f"a frame of {length} bytes, {LARGEST_DATA} are allowed")
        if stream_id != expected_id:
            raise ProtocolError(f"a frame for stream {stream_id}, expected {expected_id}")
        if kind not in (RESPONSE, DATA):
            raise ProtocolError(f"a frame of type {kind}")
        return kind, flags, self._receive_exactly(length)

    def _receive_exactly(self, count):
        data = self._socket.recv(count, socket.MSG_WAITALL)
        while len(data) < count:
            more = self._socket.recv(count - len(data), socket.MSG_WAITALL)
            if not more:
                raise ConnectionError("the gateway closed the connection in the middle of a call")
            data += more
        return data


def request_data(method, payload, timeout):
    """ttrpc.Request {string service = 1; string method = 2; bytes payload = 3; int64 timeout_nano = 4}"""
    data = b"\x0a%c%b\x12%c%b\x1a%b%b" % (len(SERVICE), SERVICE, len(method), method, varint(len(payload)), payload)
    if timeout is not None:
        # 0 would mean none at all; what is less than a nanosecond has expired, and negative says so.
        nanoseconds = int(timeout * 1e9) or -1
        data += b"\x20" + varint(nanoseconds & 0xFFFF_FFFF_FFFF_FFFF)
    return data


def open_response(data):
    """The payload of ttrpc.Response {google.rpc.Status status = 1; bytes payload = 2}, if it is not an error.

    Read by hand, as the generated class would copy the payload twice more.
    """
    payload, position = b"", 0
    while position < len(data):
        tag = data[position]
        start, length = read_varint(data, position + 1)
        position = start + length
        if tag not in (0x0A, 0x12) or position > len(data):
            raise ProtocolError("a response frame that holds no ttrpc.Response")
        if tag == 0x12:
            payload = data[start:position]
            continue
        status = status_pb2.Status.FromString(data[start:position])
        if status.code:
            raise GatewayError.from_status(status)
    return payload


def varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def read_varint(data, position):
    """Where the varint ends, and its value."""
    value = shift = 0
    while position < len(data) and shift < 64:
        byte = data[position]
        value |= (byte & 0x7F) << shift
        position += 1
        shift += 7
        if byte < 0x80:
            return position, value
    raise ProtocolError("a response frame that ends too early")
