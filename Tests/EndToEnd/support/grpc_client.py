"""A gRPC client that can send anything, with the methods of the ttrpc client: what a test says is said over either wire."""

from __future__ import annotations

import base64
import struct
from typing import Iterable
from urllib.parse import unquote_to_bytes

from hyperframe.frame import DataFrame, Frame, HeadersFrame, RstStreamFrame

from . import envelope
from .envelope import MODELS, Response
from .http2 import CANCEL, HTTP2Connection, StreamReset

LARGEST_LIST = 7_680
_PREFIX = struct.Struct(">BI")
_UNITS = (("n", 1), ("u", 10**3), ("m", 10**6), ("S", 10**9), ("M", 60 * 10**9), ("H", 3600 * 10**9))


def message(payload: bytes, flag: int = 0) -> bytes:
    return _PREFIX.pack(flag, len(payload)) + payload


def timeout(nanoseconds: int) -> str:
    """As exact as eight digits can say it, and never shorter. What has expired is 0."""
    for unit, length in _UNITS:
        count = -(-max(0, nanoseconds) // length)
        if count < 10**8:
            return f"{count}{unit}"
    raise ValueError(f"{nanoseconds} nanoseconds")


def request_head(path: str, timeout_nano: int = 0, metadata: Iterable[tuple] = ()) -> list[tuple]:
    fields = [(":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "localhost")]
    fields += [("te", "trailers"), ("content-type", "application/grpc")]
    if timeout_nano:
        fields.append(("grpc-timeout", timeout(timeout_nano)))
    return fields + [(key.lower(), value) for key, value in metadata]


class GRPCClient(HTTP2Connection):
    """One connection that speaks gRPC."""

    def __init__(self, path: str, **windows: int):
        super().__init__(path, **windows)
        self._data: dict[int, bytearray] = {}

    # Sending

    def request(
        self,
        method: str,
        payload=None,
        *,
        service: str = MODELS,
        timeout_nano: int = 0,
        metadata: Iterable[tuple[str, str | bytes]] = (),
    ) -> int:
        """Sends a request, its payload a message or bytes, and says the stream's id."""
        data = payload.SerializeToString() if hasattr(payload, "SerializeToString") else payload or b""
        stream_id = self.use_id()
        self.send(self.head(stream_id, request_head(f"/{service}/{method}", timeout_nano, metadata)))
        self.send_data(stream_id, message(data))
        return stream_id

    def give_up(self, stream_id: int) -> None:
        """Cancels a call and waits until that has been heard. Nothing is answered to it any more."""
        self.reset(stream_id, CANCEL)
        self.wait_for_ping()
        self._frames.pop(stream_id, None)

    # Receiving

    def response(self, stream_id: int) -> Response:
        messages, error = self.stream_answer(stream_id)
        if error is not None:
            if messages:
                raise ValueError("a message before the error of a unary call")
            return error
        if len(messages) != 1:
            raise ValueError(f"{len(messages)} messages answer a unary call")
        return Response(stream_id, payload=messages[0])

    def call(self, method: str, payload=None, **options) -> Response:
        return self.response(self.request(method, payload, **options))

    def stream(self, payload=None, **options) -> tuple[list[bytes], Response | None]:
        """Asks for a stream: its messages, and the response that ended it if that was an error."""
        return self.stream_answer(self.request("StreamModelsSnapshot", payload, **options))

    def stream_answer(self, stream_id: int) -> tuple[list[bytes], Response | None]:
        """The rest of a stream's messages, and the error that ended it."""
        messages = []
        while True:
            found = self._message_or_end(stream_id)
            if isinstance(found, Response):
                return messages, None if found.code == envelope.OK else found
            messages.append(found)

    def next_message(self, stream_id: int) -> bytes:
        found = self._message_or_end(stream_id)
        if isinstance(found, Response):
            raise ValueError(f"no message: {found}")
        return found

    def next_answered(self) -> int:
        """The stream that something is answered to next."""
        while True:
            received = self.receive()
            self._keep(received)
            if isinstance(received, (HeadersFrame, DataFrame, RstStreamFrame)):
                return received.stream_id

    def other_frames(self) -> list[Frame]:
        """Every frame that came unasked so far. Answers come in order: those before that of one more call are here."""
        self.response(self.request("NoSuchMethod"))
        return self._kept()

    def _message_or_end(self, stream_id: int) -> bytes | Response:
        data = self._data.setdefault(stream_id, bytearray())
        while True:
            if len(data) >= _PREFIX.size:
                flag, length = _PREFIX.unpack_from(data)
                if flag != 0:
                    raise ValueError(f"a message with the flag {flag}")
                if len(data) >= _PREFIX.size + length:
                    payload = bytes(data[_PREFIX.size : _PREFIX.size + length])
                    del data[: _PREFIX.size + length]
                    return payload
            received = self.frame(stream_id)
            if isinstance(received, RstStreamFrame):
                raise StreamReset(stream_id, received.error_code)
            if isinstance(received, DataFrame):
                data += received.data
            elif (end := self._end(received)) is not None:
                if self._data.pop(stream_id):
                    raise ValueError("the answer ends in the middle of a message")
                return end

    def _end(self, received: HeadersFrame) -> Response | None:
        """What a header list says that ends a stream; None for one that begins an answer."""
        fields = dict(received.fields)
        if len(fields) != len(received.fields):
            raise ValueError(f"a field twice: {received.fields}")
        if ":status" in fields and (fields[":status"], fields["content-type"]) != ("200", "application/grpc"):
            raise ValueError(f"no gRPC answer: {fields}")
        is_end = "END_STREAM" in received.flags
        if is_end != ("grpc-status" in fields) or not (is_end or ":status" in fields):
            raise ValueError(f"neither a head nor trailers: {fields}")
        if sum(len(name) + len(value) + 32 for name, value in fields.items()) >= LARGEST_LIST:
            raise ValueError("a header list that C-core may lose")
        return parse_trailers(received.stream_id, fields) if is_end else None


def parse_trailers(stream_id: int, fields: dict[str, str]) -> Response:
    """The status in three fields, which have to say the same."""
    code = int(fields["grpc-status"])
    response = Response(stream_id)
    if code == envelope.OK:
        return response
    details = fields["grpc-status-details-bin"]
    if "=" in details:
        raise ValueError("base64 with padding")
    envelope.parse_status(base64.b64decode(details + "=" * (-len(details) % 4), validate=True), response)
    text = unquote_to_bytes(fields.get("grpc-message", "")).decode()
    if (code, text) != (response.code, response.message):
        raise ValueError(f"{code} {text!r} is not {response}")
    return response
