"""HTTP/2 frame by frame (RFC 9113): a connection that can send anything."""

from __future__ import annotations

import contextlib
import select
import socket
from collections import deque
from functools import cache
from typing import Iterable

from hpack import Decoder, Encoder, NeverIndexedHeaderTuple
from hyperframe.frame import (
    DataFrame,
    Frame,
    GoAwayFrame,
    HeadersFrame,
    PingFrame,
    RstStreamFrame,
    SettingsFrame,
    WindowUpdateFrame,
)

from .connection import PATIENCE, Connection, ConnectionClosed

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
FRAME_HEADER = 9
LARGEST_FRAME = 16_384
LARGEST_WINDOW = 2**31 - 1
DEFAULT_WINDOW = 65_535

PROTOCOL_ERROR, FLOW_CONTROL_ERROR, STREAM_CLOSED, FRAME_SIZE_ERROR = 1, 3, 5, 6
REFUSED_STREAM, CANCEL, COMPRESSION_ERROR, ENHANCE_YOUR_CALM = 7, 8, 9, 11

Fields = Iterable[tuple[str | bytes, str | bytes]]


class StreamReset(Exception):
    """A stream was reset while an answer was waited for."""

    def __init__(self, stream_id: int, code: int):
        super().__init__(f"stream {stream_id} was reset with {code}")
        self.code = code


class HTTP2Connection(Connection):
    """One connection that speaks HTTP/2. Its settings and answers to a PING are its own; all else is a test's."""

    def __init__(self, path: str, *, window: int = LARGEST_WINDOW, connection_window: int = LARGEST_WINDOW):
        """The windows are what the gateway may send, on each stream and altogether."""
        super().__init__(path)
        self.next_id = 1
        self.gateways_settings: dict[int, int] = {}
        self.goaways: list[GoAwayFrame] = []
        self.answers_pings = True
        self._decoder = Decoder()
        self._frames: dict[int, deque[Frame]] = {}
        self._windows: dict[int, int] = {0: DEFAULT_WINDOW}
        # Acknowledgements that wait for the end of a flood.
        self._held_back: bytearray | None = None
        greeting = PREFACE + settings({SettingsFrame.INITIAL_WINDOW_SIZE: window})
        if connection_window > DEFAULT_WINDOW:
            greeting += window_update(0, connection_window - DEFAULT_WINDOW)
        # Who is turned away may be so before the greeting: whoever waits for an answer then finds it closed.
        with contextlib.suppress(BrokenPipeError):
            self.send(greeting)

    def use_id(self) -> int:
        self.next_id += 2
        return self.next_id - 2

    # Sending

    def head(self, stream_id: int, fields: Fields, *, is_end: bool = False) -> bytes:
        """In as many frames as it takes."""
        return head(stream_id, block(fields), is_end=is_end)

    def send_data(self, stream_id: int, data: bytes, *, is_end: bool = True) -> None:
        """Sends it in as many frames as it takes, as the gateway's windows let it go."""
        if not data:
            return self.send(frame(DataFrame(stream_id), is_end=is_end))
        while data:
            most = min(LARGEST_FRAME, self._window(0), self._window(stream_id))
            if most <= 0:
                self._keep(self.receive())
                continue
            part, data = data[:most], data[most:]
            self.send(frame(DataFrame(stream_id, part), is_end=is_end and not data))
            for window in (0, stream_id):
                self._windows[window] = self._window(window) - len(part)

    def _window(self, stream_id: int) -> int:
        initial = self.gateways_settings.get(SettingsFrame.INITIAL_WINDOW_SIZE, DEFAULT_WINDOW)
        return self._windows.setdefault(stream_id, initial)

    def flood(self, data: bytes) -> None:
        """Sends, and reads meanwhile what is answered, until all has been sent or the gateway has closed the connection."""
        unsent = memoryview(data)
        self._held_back = bytearray()
        while unsent:
            readable, writable, _ = select.select([self.socket], [self.socket], [], PATIENCE)
            if not readable and not writable:
                raise TimeoutError("the gateway neither reads nor writes")
            try:
                if readable:
                    self._keep(self.receive())
                elif writable:
                    unsent = unsent[self.socket.send(unsent, socket.MSG_DONTWAIT) :]
            except (ConnectionClosed, BrokenPipeError):
                break
        held_back, self._held_back = self._held_back, None
        self._acknowledge(held_back)

    def reset(self, stream_id: int, code: int = CANCEL) -> None:
        self.send(reset(stream_id, code))

    # Receiving

    def receive(self) -> Frame:
        """The next frame on the wire, whichever stream it belongs to."""
        received, length = Frame.parse_frame_header(memoryview(self._take(FRAME_HEADER)))
        if length > LARGEST_FRAME:
            raise ValueError(f"a frame of {length} bytes")
        received.parse_body(memoryview(self._take(length)))
        self._take_notice(received)
        return received

    def _take_notice(self, received: Frame) -> None:
        is_acknowledgement = "ACK" in received.flags
        if isinstance(received, SettingsFrame) and not is_acknowledgement:
            self.gateways_settings |= received.settings
            self._acknowledge(frame(SettingsFrame(flags=["ACK"])))
        elif isinstance(received, PingFrame) and not is_acknowledgement and self.answers_pings:
            self._acknowledge(ping(received.opaque_data, is_answer=True))
        elif isinstance(received, WindowUpdateFrame):
            window = self._window(received.stream_id)
            self._windows[received.stream_id] = window + received.window_increment
        elif isinstance(received, GoAwayFrame):
            self.goaways.append(received)
        elif isinstance(received, HeadersFrame):
            if "END_HEADERS" not in received.flags:
                raise ValueError("a head of more than one frame")
            received.fields = self._decoder.decode(received.data)

    def _acknowledge(self, data: bytes) -> None:
        """What the gateway has said before it closed can still be read."""
        # A flood may have been sent up to the middle of a frame.
        if self._held_back is not None:
            self._held_back += data
            return
        with contextlib.suppress(BrokenPipeError):
            self.send(data)

    def _keep(self, received: Frame) -> None:
        """Keeps what a stream has been answered. What is the connection's has been taken notice of."""
        if isinstance(received, (HeadersFrame, DataFrame, RstStreamFrame)):
            self._frames.setdefault(received.stream_id, deque()).append(received)

    def frame(self, stream_id: int) -> Frame:
        """The next frame of a stream's answer; frames of others are kept."""
        while not self._frames.get(stream_id):
            self._keep(self.receive())
        return self._frames[stream_id].popleft()

    def text(self, stream_id: int) -> tuple[dict[str, str], bytes]:
        """The head and the body of an answer that is none of gRPC's."""
        received = self.frame(stream_id)
        fields, body = dict(received.fields), b""
        while "END_STREAM" not in received.flags:
            received = self.frame(stream_id)
            body += received.data
        return fields, body

    def wait_until_reset(self, stream_id: int) -> int:
        """The code of the next frame of the stream, which has to be RST_STREAM."""
        received = self.frame(stream_id)
        if not isinstance(received, RstStreamFrame):
            raise ValueError(f"{received!r}, and no RST_STREAM")
        return received.error_code

    def wait_for_ping(self, data: bytes = b"together") -> None:
        """Sends a PING and waits for its answer: all that came before has been looked at, and been answered."""
        self.send(ping(data))
        self.wait_for_ping_answer(data)

    def wait_for_ping_answer(self, data: bytes) -> None:
        while True:
            received = self.receive()
            self._keep(received)
            if isinstance(received, PingFrame) and "ACK" in received.flags and received.opaque_data == data:
                return

    def wait_until_closed(self) -> list[Frame]:
        """Every frame of an answer until the gateway closes the connection."""
        while True:
            try:
                self._keep(self.receive())
            except ConnectionClosed:
                if self._bytes:
                    raise ValueError("closed in the middle of a frame") from None
                return self._kept()

    def _kept(self) -> list[Frame]:
        kept = [received for frames in self._frames.values() for received in frames]
        self._frames.clear()
        return kept


def frame(made: Frame, *, is_end: bool = False) -> bytes:
    if is_end:
        made.flags.add("END_STREAM")
    return made.serialize()


def block(fields: Fields) -> bytes:
    """A header list in HPACK. Nothing goes into the table, so that it means the same anywhere."""
    return _block(tuple(fields))


@cache
def _block(fields: tuple) -> bytes:
    return Encoder().encode([NeverIndexedHeaderTuple(*field) for field in fields])


def raw(length: int, type: int, flags: int, stream_id: int, payload: bytes = b"") -> bytes:
    """A frame whose header says what a test wants."""
    return length.to_bytes(3, "big") + bytes([type, flags]) + stream_id.to_bytes(4, "big") + payload


def head(stream_id: int, block: bytes, *, is_end: bool = False) -> bytes:
    """HEADERS, and CONTINUATION for what does not fit."""
    parts = [block[at : at + LARGEST_FRAME] for at in range(0, len(block), LARGEST_FRAME)] or [b""]
    return head_in_parts(stream_id, parts, is_end=is_end)


def head_in_parts(stream_id: int, parts: list[bytes], *, is_end: bool = False, is_whole: bool = True) -> bytes:
    out = b""
    for index, part in enumerate(parts):
        ends = 4 if is_whole and index == len(parts) - 1 else 0
        flags = ends | (1 if is_end and index == 0 else 0)
        out += raw(len(part), 9 if index else 1, flags, stream_id, part)
    return out


def settings(values: dict[int, int]) -> bytes:
    return SettingsFrame(settings=values).serialize()


def ping(data: bytes = bytes(8), *, is_answer: bool = False) -> bytes:
    return PingFrame(opaque_data=data, flags=["ACK"] if is_answer else []).serialize()


def window_update(stream_id: int, increment: int) -> bytes:
    return raw(4, 8, 0, stream_id, increment.to_bytes(4, "big"))


def reset(stream_id: int, code: int = CANCEL) -> bytes:
    return RstStreamFrame(stream_id, error_code=code).serialize()
