"""A ttrpc client that can send anything."""

from __future__ import annotations

from collections import deque
from typing import Iterable

from . import envelope, wire
from .connection import Connection, ConnectionClosed
from .envelope import MODELS, Response
from .wire import Frame


class Client(Connection):
    """One connection that speaks ttrpc."""

    def __init__(self, path: str):
        super().__init__(path)
        self.next_id = 1
        self._frames: dict[int, deque[Frame]] = {}

    # Sending

    def request(
        self,
        method: str,
        message=None,
        *,
        service: str = MODELS,
        timeout_nano: int = 0,
        metadata: Iterable[tuple[str | bytes, str | bytes]] = (),
        flags: int = wire.REMOTE_CLOSED,
    ) -> int:
        """Sends a request, its payload a message or bytes, and says the stream's id."""
        payload = message.SerializeToString() if hasattr(message, "SerializeToString") else message or b""
        stream_id = self.use_id()
        data = envelope.request(service, method, payload, timeout_nano, metadata)
        self.send(wire.frame(stream_id, wire.REQUEST, flags, data))
        return stream_id

    def use_id(self) -> int:
        self.next_id += 2
        return self.next_id - 2

    def cancel(self, stream_id: int) -> Response:
        return self.call("Cancel", wire.field(1, stream_id), service=envelope.CONTROL)

    def give_up(self, stream_id: int) -> Response:
        """Cancels a call that is in flight, and reads what is answered to it."""
        if self.cancel(stream_id).code != envelope.OK:
            raise ValueError("the cancel was refused")
        return self.response(stream_id)

    # Receiving

    def receive(self) -> Frame:
        """The next frame on the wire, whichever stream it belongs to."""
        length, stream_id, type, flags = wire.parse_header(self._take(wire.HEADER_LENGTH))
        if length > wire.MAX_DATA:
            raise ValueError(f"a frame of {length} bytes")
        return Frame(stream_id, type, flags, self._take(length))

    def frame(self, stream_id: int) -> Frame:
        """The next frame of a stream; frames of others are kept."""
        while not self._frames.get(stream_id):
            self.next_answered()
        return self._frames[stream_id].popleft()

    def response(self, stream_id: int) -> Response:
        received = self.frame(stream_id)
        if received.type != wire.RESPONSE or received.flags != 0:
            raise ValueError(f"not a response frame: type {received.type}, flags {received.flags}")
        return envelope.parse_response(received)

    def call(self, method: str, message=None, **options) -> Response:
        return self.response(self.request(method, message, **options))

    def stream(self, message=None, **options) -> tuple[list[bytes], Response | None]:
        """Asks for a stream: its messages, and the response that ended it if that was an error."""
        return self.stream_answer(self.request("StreamModelsSnapshot", message, **options))

    def stream_answer(self, stream_id: int) -> tuple[list[bytes], Response | None]:
        messages = []
        while True:
            received = self.frame(stream_id)
            if received.type == wire.RESPONSE:
                return messages, envelope.parse_response(received)
            if received.type != wire.DATA:
                raise ValueError(f"a frame of type {received.type} in a stream")
            if received.flags == wire.REMOTE_CLOSED | wire.NO_DATA:
                if received.data:
                    raise ValueError("'no data' with data")
                return messages, None
            if received.flags != 0:
                raise ValueError(f"flags {received.flags} on a message")
            messages.append(received.data)

    def next_message(self, stream_id: int) -> bytes:
        received = self.frame(stream_id)
        if (received.type, received.flags) != (wire.DATA, 0):
            raise ValueError(f"no message: {received}")
        return received.data

    def next_answered(self) -> int:
        """The stream that something is answered to next."""
        received = self.receive()
        self._frames.setdefault(received.stream_id, deque()).append(received)
        return received.stream_id

    def other_frames(self) -> list[Frame]:
        """Every frame that came unasked so far. Answers come in order: those before that of one more call are here."""
        self.response(self.request("NoSuchMethod"))
        kept = [frame for frames in self._frames.values() for frame in frames]
        self._frames.clear()
        return kept

    def wait_until_closed(self) -> list[Frame]:
        """Every frame until the gateway closes the connection."""
        frames = []
        while True:
            try:
                frames.append(self.receive())
            except ConnectionClosed:
                if self._bytes:
                    raise ValueError("closed in the middle of a frame") from None
                return frames
