"""The client for programs with asyncio, or with uvloop."""

import asyncio
import math
import os
import select
import socket
import weakref
from collections import deque
from time import monotonic

from . import _methods, _reaching, _wire
from ._arguments import DEFAULT
from ._client import ASKS, PATIENCE, PAUSE, Settings
from ._connection import GRACE, ConnectionLost, NothingSent
from ._errors import Cancelled, expired
from ._reaching import lost
from ._wire import HEADER, HEADER_SIZE, REMOTE_CLOSED, REQUEST

READ_SIZE = 65536
# Stands where the next bytes go, to notice bytes that came without a word of how many they are.
MARK = b"\xa5nothing"
# An answer that is there already beats a timer, for so long.
ANSWER_INTERVAL = 0.005
ANSWER_PATIENCE = 0.4


class Call:
    """A call in flight: the frames that have come for it, and the future of who waits for the next."""

    __slots__ = ("connection", "deadline", "frames", "future", "stream_id", "timer")

    def __init__(self, seconds):
        self.deadline = None if seconds == math.inf else monotonic() + seconds + GRACE
        self.connection = None
        self.stream_id = 0
        self.frames = deque()
        self.future = None
        self.timer = None

    def wake(self, error=None):
        future = self.future
        if future is not None and not future.done():
            if error is None:
                future.set_result(None)
            else:
                future.set_exception(error)

    def stop_timer(self):
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None


class Connection(asyncio.BufferedProtocol):
    """One connection to the gateway, for the tasks of one loop."""

    def __init__(self, loop, sock):
        self.loop = loop
        self.lost = None
        self._socket = sock
        self._transport = None
        self._next_id = 1
        self._calls = {}
        self._buffer = bytearray(READ_SIZE)
        self._view = memoryview(self._buffer)
        self._filled = 0
        self._is_reading = False

    def connection_made(self, transport):
        self._transport = transport

    def get_buffer(self, _):
        filled = self._filled
        if self._is_reading and self._buffer[filled : filled + len(MARK)] != MARK:
            # An interruption came between reading and saying how much was read.
            self.end("its client was interrupted while it read")
        self._is_reading = True
        self._view[filled : filled + len(MARK)] = MARK
        return self._view[filled:]

    def buffer_updated(self, count):
        self._is_reading = False
        filled = self._filled + count
        buffer, at, needed = self._buffer, 0, HEADER_SIZE
        while self.lost is None and filled - at >= HEADER_SIZE:
            length, stream_id, kind, flags = HEADER.unpack_from(buffer, at)
            if length > _wire.LARGEST_DATA or stream_id % 2 == 0:
                return self.end(f"it sent a frame of {length} bytes for stream {stream_id}, which is not ttrpc")
            end = at + HEADER_SIZE + length
            if end > filled:
                needed = HEADER_SIZE + length
                break
            call = self._calls.get(stream_id)
            if call is not None:
                call.frames.append((kind, flags, bytes(self._view[at + HEADER_SIZE : end])))
                call.wake()
            at = end
        self._keep(at, filled, needed)
        return None

    def _keep(self, start, end, needed):
        """Moves what is left of the buffer to the front of one that has room for the whole frame."""
        size = max(READ_SIZE, needed + len(MARK))
        if size != len(self._buffer):
            rest = bytes(self._view[start:end])
            self._buffer = bytearray(size)
            self._view = memoryview(self._buffer)
            self._view[: len(rest)] = rest
        elif start:
            self._view[: end - start] = bytes(self._view[start:end])
        self._filled = end - start

    def eof_received(self):
        self.end("it closed the connection")

    def connection_lost(self, exc):
        self.end(getattr(exc, "strerror", None) or "it closed the connection")

    def end(self, problem):
        """Ends the connection; every call in flight fails with that."""
        if self.lost is None:
            self.lost = problem
        if self._transport is not None:
            self._transport.abort()
        for call in list(self._calls.values()):
            call.wake()

    def end_elsewhere(self, problem):
        """The same, for a connection of another loop."""
        if self.lost is None:
            self.lost = problem
        try:
            self.loop.call_soon_threadsafe(self.end, problem)
        except RuntimeError:
            # Its loop is closed. The connection is not, as nobody told the transport.
            self._socket.close()

    def begin(self, call, data):
        if self.lost is not None or self._transport.is_closing() or self._next_id > _wire.LAST_ID:
            raise NothingSent
        if self._has_hung_up():
            self.end("it closed the connection")
            raise NothingSent
        call.connection = self
        call.stream_id = self._next_id
        self._next_id += 2
        self._calls[call.stream_id] = call
        if call.deadline is not None:
            call.timer = self.loop.call_later(call.deadline - monotonic(), self._expire, call, None)
        self._transport.write(HEADER.pack(len(data), call.stream_id, REQUEST, REMOTE_CLOSED) + data)

    async def receive(self, call):
        """The next frame of a call: type, flags and data."""
        while not call.frames:
            if self.lost is not None:
                raise ConnectionLost
            call.future = self.loop.create_future()
            await call.future
        return call.frames.popleft()

    def _expire(self, call, until):
        """A timer can come before an answer that is there already: then that is read first."""
        until = until or monotonic() + ANSWER_PATIENCE
        if self._has_bytes() and monotonic() < until:
            call.timer = self.loop.call_later(ANSWER_INTERVAL, self._expire, call, until)
            return
        self.abandon(call)
        call.wake(expired(None))

    def _has_bytes(self):
        return self._events() & select.POLLIN

    def _has_hung_up(self):
        return self._events() & select.POLLHUP

    def _events(self):
        if self._socket.fileno() < 0:
            return select.POLLHUP
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        ready = poll.poll(0)
        return ready[0][1] if ready else 0

    def finish(self, call):
        """Forgets a call that is answered."""
        self._calls.pop(call.stream_id, None)
        call.stop_timer()

    def abandon(self, call):
        """Forgets a call and cancels it. It can be called twice."""
        call.stop_timer()
        if self._calls.pop(call.stream_id, None) is not None and self.lost is None:
            self._transport.write(_wire.frame(self._next_id, _methods.cancel_request(call.stream_id)))
            self._next_id += 2

    def abandon_elsewhere(self, call):
        """The same, from whatever thread and loop."""
        if asyncio._get_running_loop() is self.loop:
            self.abandon(call)
        else:
            try:
                self.loop.call_soon_threadsafe(self.abandon, call)
            except RuntimeError:
                pass  # The loop is closed, and who closes it has closed the connection or will.

    def leave_to_parent(self):
        """In the child of a fork: the connection is the parent's, which must notice nothing. Its loop, and what that
        waits with, are the parent's too, so nobody is told: the descriptor's number stays taken, by nothing."""
        self.lost = "it belongs to the process that this one was forked from"
        if self._socket.fileno() >= 0:
            nothing = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
            os.dup2(nothing, self._socket.fileno(), inheritable=False)
            os.close(nothing)

    def loss(self, call):
        """The error for a call that a lost connection leaves without an answer."""
        return self.lost if isinstance(self.lost, Exception) else lost(self.lost, True)


class AsyncClient:
    """A connection to the gateway, made at the first call, for the tasks of a loop; in another loop it is made again.

    `timeout` is for each call, in seconds; `metadata` goes out with each. Both can be given to a call too.
    """

    def __init__(self, path=None, *, sock=None, timeout=30.0, metadata=None):
        self._settings = Settings(path, sock, timeout, metadata)
        self._is_closed = False
        self._connection = None
        self._connecting = None
        _clients.add(self)

    async def models_snapshot(self, *, timeout=DEFAULT, metadata=None):
        """All models."""
        return await self._call(_methods.SNAPSHOT, b"", timeout, metadata)

    def stream_models_snapshot(self, *, timeout=DEFAULT, metadata=None):
        """All models in parts, however many there are."""
        return AsyncStream(self, _methods.STREAM, b"", timeout, metadata)

    async def models_create_new_model(self, seeded_model=None, *, timeout=DEFAULT, metadata=None):
        """Makes a model."""
        return await self._call(_methods.CREATE, _methods.create_payload(seeded_model), timeout, metadata)

    async def models_delete_specific_model(self, model_id, *, timeout=DEFAULT, metadata=None):
        """Deletes a model that was made with models_create_new_model."""
        return await self._call(_methods.DELETE, _methods.delete_payload(model_id), timeout, metadata)

    async def models_delete_specific_model_cache(
        self, model_id, model_delete_cache_input=None, *, timeout=DEFAULT, metadata=None
    ):
        """Deletes what was downloaded of a model."""
        payload = _methods.delete_cache_payload(model_id, model_delete_cache_input)
        return await self._call(_methods.DELETE_CACHE, payload, timeout, metadata)

    async def unload_models(self, *, timeout=DEFAULT, metadata=None):
        """Takes all models out of memory."""
        return await self._call(_methods.UNLOAD, b"", timeout, metadata)

    async def status(self, *, timeout=DEFAULT, metadata=None):
        """What the gateway is, and how it is doing."""
        return await self._call(_methods.STATUS, b"", timeout, metadata)

    async def close(self):
        """Ends the connection and what is in flight on it. It can be called twice."""
        self._is_closed = True
        connection, self._connection = self._connection, None
        if connection is not None:
            problem = Cancelled("the client was closed during the call")
            if connection.loop is asyncio.get_running_loop():
                connection.end(problem)
            else:
                connection.end_elsewhere(problem)
        else:
            self._settings.close_sock()

    aclose = close

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        await self.close()

    async def _call(self, method, payload, timeout, metadata):
        data, seconds = self._settings.request(method, payload, timeout, metadata)
        call = Call(seconds)
        kind, _, answer = await self._first_frame(method, call, data)
        call.connection.finish(call)
        return method.answer(kind, answer)

    async def _first_frame(self, method, call, data):
        """Sends a request and waits for what comes first.

        It is sent again, once, if none of it went out; and if it only asks, as often as one gateway can end and another
        begin: not for ever, as one may hang up on everybody.
        """
        may_send_again = True
        asks_left = ASKS - 1 if method.asks_only else 0
        patience = 0.0
        while True:
            connection = self._connection
            if connection is None or connection.lost is not None or connection.loop is not asyncio.get_running_loop():
                connection = await self._connect(call, patience)
            try:
                connection.begin(call, data)
                return await connection.receive(call)
            except NothingSent:
                self._leave(connection)
                if not may_send_again:
                    raise lost(connection.lost or "it closed the connection", False) from None
                may_send_again = False
            except ConnectionLost:
                connection.finish(call)
                self._leave(connection)
                if isinstance(connection.lost, Exception) or asks_left == 0:
                    raise connection.loss(call) from None
                asks_left -= 1
                patience = PATIENCE
                await asyncio.sleep(PAUSE)
            except BaseException:
                connection.abandon(call)
                raise

    async def _connect(self, call, patience):
        loop = asyncio.get_running_loop()
        if self._connecting is None or self._connecting[0] is not loop:
            self._connecting = loop, asyncio.Lock()
        until = monotonic() + patience
        while True:
            async with self._connecting[1]:
                if self._is_closed:
                    raise ValueError("the client is closed")
                connection = self._connection
                if connection is not None and connection.loop is not loop:
                    self._connection = None
                    connection.end_elsewhere("its client is used from another loop now")
                elif connection is not None and connection.lost is None:
                    return connection
                sock = self._socket(monotonic() < until)
                if sock is not None:
                    self._connection = connection = await self._wrap(loop, sock)
                    return connection
            if call.deadline is not None and monotonic() >= call.deadline - GRACE:
                raise expired(False)
            await asyncio.sleep(_reaching.RETRY_INTERVAL)

    def _socket(self, is_patient):
        """A connected socket, or None to try it again later."""
        settings = self._settings
        if settings.path is None:
            sock, settings.sock = settings.sock, None
            if sock is None:
                raise _reaching.no_second_connection()
            sock.setblocking(False)
            return sock
        try:
            return _reaching.try_to_connect(settings.path, socket.socket)
        except _reaching.Unreachable:
            if is_patient:
                return None
            raise

    async def _wrap(self, loop, sock):
        connection = Connection(loop, sock)
        make = loop.create_unix_connection if sock.family == socket.AF_UNIX else loop.create_connection
        await make(lambda: connection, sock=sock)
        return connection

    def _leave(self, connection):
        """Has the next call connect again."""
        if self._connection is connection:
            self._connection = None

    def _leave_to_parent(self):
        connection, self._connection = self._connection, None
        self._connecting = None
        if connection is not None:
            connection.leave_to_parent()
        self._settings.close_sock()


class AsyncStream:
    """The parts of an answer, as they come. One that is left early is cancelled."""

    def __init__(self, client, method, payload, timeout, metadata):
        self._call = None
        self._has_ended = False
        self._client = client
        self._method = method
        self._data, self._seconds = client._settings.request(method, payload, timeout, metadata)

    def __aiter__(self):
        return self

    async def __anext__(self):
        if self._has_ended:
            raise StopAsyncIteration
        try:
            part = self._method.part(*await self._frame())
        except BaseException:
            self._end()
            raise
        if part is None:
            self._has_ended = True
            self._call.connection.finish(self._call)
            raise StopAsyncIteration
        return part

    async def _frame(self):
        call = self._call
        if call is None:
            self._call = call = Call(self._seconds)
            return await self._client._first_frame(self._method, call, self._data)
        if call.timer is None and call.deadline is not None and not call.frames and call.connection.lost is None:
            raise expired(None)
        try:
            return await call.connection.receive(call)
        except ConnectionLost:
            raise call.connection.loss(call) from None

    async def aclose(self):
        """Cancels what is left."""
        self._end()

    def _end(self):
        has_ended, self._has_ended = self._has_ended, True
        if not has_ended and self._call is not None and self._call.connection is not None:
            self._call.connection.abandon_elsewhere(self._call)

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        self._end()

    def __del__(self):
        if hasattr(self, "_seconds"):
            self._end()


_clients = weakref.WeakSet()


def _after_fork_in_child():
    for client in list(_clients):
        client._leave_to_parent()


os.register_at_fork(after_in_child=_after_fork_in_child)
