"""One connection to the gateway, for many threads: who waits for an answer reads for all, and hands reading on.

A KeyboardInterrupt can come between any two instructions, so what must not be lost is done by a single one that is
written in C: `list.extend(map(recv, …))` puts what was read where it belongs before Python looks for signals. The lock
can be taken again by the thread that has it, as a signal handler or the end of a forgotten stream may need it.
"""

import itertools
import math
import select
import struct
from _socket import AF_UNIX, MSG_DONTWAIT, MSG_NOSIGNAL, SHUT_RDWR, SO_RCVTIMEO, SOL_SOCKET
from _thread import RLock, allocate_lock, get_ident
from collections import deque
from time import monotonic

from . import _methods, _wire
from ._errors import expired
from ._reaching import lost
from ._wire import HEADER, HEADER_SIZE, REMOTE_CLOSED, REQUEST

# How long the kernel waits in a read. Waiting longer is for poll, which unlike it keeps its time when signals come.
SLICE = struct.pack("ll", 0, 20000)
# A Unix socket takes so much whole or not at all.
WHOLE = 32768
READ_SIZE = 65536
LARGEST_READ = 1 << 20
# A thread that has to send can be left without one that reads; it looks for that so often.
PUSH_INTERVAL = 0.05
# What the gateway gets beyond a deadline, to say itself that it is over and whether Pieces OS saw the call.
GRACE = 0.5
LONGEST_POLL = 3600.0

pack_header, unpack_header = HEADER.pack, HEADER.unpack_from
SEND_FLAGS = MSG_DONTWAIT | MSG_NOSIGNAL


class NothingSent(Exception):
    """The connection cannot be used for a call, of which nothing went out."""


class ConnectionLost(Exception):
    """The connection ended before the answer came."""


class Call:
    """A call in flight, and the frames that have come for it: (type, flags, data).

    What is seldom needed is set late, as a small call spends much of its time in here.
    """

    connection = None
    first_read = (READ_SIZE,)
    frames = ()
    seconds = 0.0
    stream_id = 0
    wake = None
    _deadline = None

    def deadline(self):
        """A time of `monotonic`, counted from the first look at it, which is when waiting has begun."""
        if self._deadline is None:
            self._deadline = monotonic() + self.seconds + GRACE
        return self._deadline

    def remaining(self):
        """Seconds, at most an hour; waiting is done again."""
        return min(LONGEST_POLL, max(0.0, self.deadline() - monotonic()))

    def check_time(self):
        if monotonic() >= self.deadline():
            raise expired(None)


class Outgoing:
    """A frame that the socket did not take at once. `counts` are those of its bytes that it has taken by now."""

    __slots__ = ("call", "counts", "frame")

    def __init__(self, call, frame, count=0):
        self.call = call
        self.frame = memoryview(frame)
        self.counts = [count] if count else []


class Connection:
    def __init__(self, sock):
        sock.settimeout(None)
        sock.setsockopt(SOL_SOCKET, SO_RCVTIMEO, SLICE)
        self.lock = RLock()
        # Why no call can be begun, and why none will be answered any more.
        self.stale = None
        self.lost = None
        self._socket = sock
        self._send = sock.send
        self._receive = sock.recv
        self._whole = WHOLE if sock.family == AF_UNIX else 0
        self._ids = itertools.count(1, 2)
        self._calls = {}
        self._reader = None
        self._reading_thread = 0
        self._waiting = deque()
        self._unsent = deque()
        self._received = deque()
        self._needed = HEADER_SIZE
        self._is_sharing_out = False

    def exchange(self, call, data):
        """Sends a request, waits for the answer's first frame, and forgets the call.

        A call that finds the connection at rest, and whose answer is there in a moment and in one piece, as most are,
        goes no further than here. Until it does, it is the reader, and nobody else has to know of it.
        """
        with self.lock:
            is_alone = self._reader is None and not self._unsent and len(data) < self._whole
            if is_alone:
                call.stream_id = stream_id = next(self._ids)
                self._reading_thread = get_ident()
                self._reader = call
                try:
                    frame = pack_header(len(data), stream_id, REQUEST, REMOTE_CLOSED) + data
                    count = self._send(frame, SEND_FLAGS)
                    if count != len(frame):
                        self._unsent.append(Outgoing(call, frame, count))
                except OSError as error:
                    self._not_sent(call, frame, error)
                except struct.error:
                    raise self._without_ids() from None
        received = self._received
        if is_alone and not received:
            try:
                received.extend(map(self._receive, call.first_read))
                chunk = received[0]
                if len(chunk) >= HEADER_SIZE:
                    length, answered, kind, flags = unpack_header(chunk)
                    if answered == stream_id and len(chunk) == HEADER_SIZE + length:
                        received.clear()
                        self._reader = None
                        if self._waiting:
                            self._pass_on()
                        return kind, flags, chunk[HEADER_SIZE:]
            except OSError:
                pass  # It takes longer, or it is an end that will be met again.
        if is_alone:
            call.connection = self
            self._calls[stream_id] = call
        else:
            self.begin(call, data)
        frame = self.receive(call)
        self.finish(call)
        return frame

    def open(self, call, data):
        """Sends a request and waits for the first frame of a stream."""
        self.begin(call, data)
        return self.receive(call)

    def begin(self, call, data):
        """Sends a request. The calling thread is the one that reads from here on if there is no other."""
        with self.lock:
            if self.stale is not None:
                raise NothingSent
            if self._reader is not None and self._reading_thread == get_ident():
                # A signal handler has interrupted this thread in the middle of reading.
                raise NothingSent
            call.connection = self
            call.stream_id = stream_id = next(self._ids)
            self._calls[stream_id] = call
            if self._reader is None:
                self._reading_thread = get_ident()
                self._reader = call
            try:
                frame = pack_header(len(data), stream_id, REQUEST, REMOTE_CLOSED) + data
            except struct.error:
                raise self._without_ids() from None
            self._put(call, frame)

    def _without_ids(self):
        """What to raise when no number is left for a stream: then a new connection is made."""
        self.stale = "no stream ids are left"
        return NothingSent()

    def _put(self, call, frame):
        """Sends a frame, or what of it the socket takes. The lock is held."""
        if self._unsent or len(frame) > self._whole:
            return self._put_behind(call, frame)
        try:
            count = self._send(frame, SEND_FLAGS)
            if count != len(frame):
                self._unsent.append(Outgoing(call, frame, count))
        except OSError as error:
            self._not_sent(call, frame, error)
        return None

    def _not_sent(self, call, frame, error):
        if not isinstance(error, BlockingIOError):
            self.stale = error.strerror or str(error)
            raise NothingSent from None
        self._unsent.append(Outgoing(call, frame))

    def _put_behind(self, call, frame):
        outgoing = Outgoing(call, frame)
        self._unsent.append(outgoing)
        self._flush()
        if self.stale is not None and not outgoing.counts:
            raise NothingSent

    def _flush(self):
        """Sends what the socket takes of what waits. The lock is held."""
        while self._unsent and self.stale is None:
            first = self._unsent[0]
            rest = first.frame[sum(first.counts) :]
            try:
                first.counts.extend(map(self._send, (rest,), (SEND_FLAGS,)))
            except BlockingIOError:
                return
            except OSError as error:
                self.stale = error.strerror or str(error)
                return
            if sum(first.counts) == len(first.frame):
                self._unsent.popleft()

    # Receiving

    def receive(self, call):
        """The next frame of a call, of type, flags and data."""
        while True:
            if self._reader is call:
                frame = self._read(call)
                self._reader = None
                if self._waiting:
                    self._pass_on()
                if frame is not None:
                    return frame
            with self.lock:
                if call.frames:
                    return call.frames.pop(0)
                if self.lost is not None:
                    raise ConnectionLost
                if self._reader is None:
                    self._reading_thread = get_ident()
                    self._reader = call
                    continue
                has_to_push = self._has_unsent(call)
                if not has_to_push:
                    call.wake = wake = allocate_lock()
                    wake.acquire()
                    self._waiting.append(call)
                    if self._reader is None:
                        continue  # Who read has left without the lock, and may not have seen that this call waits.
            if has_to_push:
                self._push(call)
            else:
                wake.acquire(timeout=call.remaining())
                call.wake = None
            if not call.frames:
                call.check_time()

    def _read(self, call):
        """Reads until there is a frame of this call, or None if the connection is lost."""
        received = self._received
        size = (READ_SIZE,)
        if received:
            self._share_out()
        while not call.frames and self.lost is None:
            if self._unsent and not self._wait(call):
                continue
            try:
                received.extend(map(self._receive, size))
            except BlockingIOError:
                self._wait(call)
                continue
            except OSError as error:
                self.end(error.strerror or str(error))
                return None
            chunk = received[-1]
            if not chunk:
                self.end("it closed the connection")
                return None
            missing = self._needed - sum(map(len, received))
            if missing <= 0:
                self._share_out()
                missing = self._needed - sum(map(len, received))
            size = (min(LARGEST_READ, max(READ_SIZE, missing)),)
            if not call.frames:
                call.check_time()
        return call.frames.pop(0) if call.frames else None

    def _share_out(self):
        """Gives the frames that are whole to the calls that they belong to."""
        self._needed = 0
        data = b"".join(self._received)
        frames, at = [], 0
        while len(data) - at >= HEADER_SIZE:
            length, stream_id, kind, flags = unpack_header(data, at)
            if length > _wire.LARGEST_DATA or stream_id % 2 == 0:
                return self.end(f"it sent a frame of {length} bytes for stream {stream_id}, which is not ttrpc")
            end = at + HEADER_SIZE + length
            if end > len(data):
                break
            frames.append((stream_id, (kind, flags, data[at + HEADER_SIZE : end])))
            at = end
        with self.lock:
            self._is_sharing_out = True
            for stream_id, frame in frames:
                call = self._calls.get(stream_id)
                if call is not None:
                    call.frames = [*call.frames, frame]
                    self._wake(call)
            self._received.clear()
            if at < len(data):
                self._received.append(data[at:])
            self._is_sharing_out = False
        self._needed = HEADER_SIZE
        if len(data) - at >= HEADER_SIZE:
            self._needed += length
        return None

    def _wait(self, call):
        """Waits until there is something to read, and sends meanwhile what waits for that; says whether there is."""
        events = select.POLLIN | (select.POLLOUT if self._unsent else 0)
        events = self._poll(events, min(call.remaining(), PUSH_INTERVAL) if self._unsent else call.remaining())
        if not events:
            call.check_time()
        elif events & select.POLLOUT:
            with self.lock:
                self._flush()
        return events & ~select.POLLOUT

    def _push(self, call):
        """Waits until more of what has to be sent can be."""
        self._poll(select.POLLOUT, min(call.remaining(), PUSH_INTERVAL))
        with self.lock:
            self._flush()

    def _poll(self, events, seconds):
        poll = select.poll()
        try:
            poll.register(self._socket, events)
        except ValueError:
            return select.POLLHUP  # Another thread has closed it.
        ready = poll.poll(math.ceil(seconds * 1000))
        return ready[0][1] if ready else 0

    # Handing on

    def _pass_on(self):
        """Follows `self._reader = None`. Who begins to wait at that moment looks for a reader once more."""
        with self.lock:
            if self._reader is None:
                self._hand_on()

    def _hand_on(self):
        """Wakes one that waits, so that it reads from here on. The lock is held."""
        while self._waiting:
            call = self._waiting.popleft()
            if call.wake is not None:
                return self._wake(call)
        return None

    def _wake(self, call):
        wake, call.wake = call.wake, None
        if wake is not None:
            wake.release()

    # Ending

    def finish(self, call):
        """Forgets a call that is answered."""
        self._calls.pop(call.stream_id, None)

    def abandon(self, call):
        """Forgets a call and cancels it; says whether any of its request may have gone out. It can be called twice."""
        with self.lock:
            was_reading = self._reader is call
            if was_reading:
                self._reader = None
                if self._is_sharing_out:
                    self.end("its client was interrupted while it read")
            call.wake = None
            was_sent = True
            if self._calls.pop(call.stream_id, None) is not None or was_reading:
                was_sent = not self._take_back(call)
                if was_sent and self.stale is None:
                    self._cancel(call.stream_id)
            if self._reader is None:
                self._hand_on()
        return was_sent

    def _take_back(self, call):
        """Whether nothing of the request has gone out; then nothing ever will."""
        for outgoing in list(self._unsent):
            if outgoing.call is call and not outgoing.counts:
                self._unsent.remove(outgoing)
                return True
        return False

    def _cancel(self, stream_id):
        frame = _wire.frame(next(self._ids), _methods.cancel_request(stream_id))
        try:
            self._put_behind(None, frame)
        except NothingSent:
            pass  # A lost connection cancels everything.

    def _has_unsent(self, call):
        return any(outgoing.call is call for outgoing in list(self._unsent))

    def was_sent(self, call):
        """Whether the whole of a request went out, without which nothing can have come of it."""
        return not self._has_unsent(call)

    def loss(self, call):
        """The error for a call that a lost connection leaves without an answer."""
        if isinstance(self.lost, Exception):
            return self.lost
        return lost(self.lost, self.was_sent(call))

    def end(self, problem):
        """Ends the connection; every call in flight fails with that."""
        with self.lock:
            if self.lost is None:
                self.lost = problem
            if self.stale is None:
                self.stale = self.lost
            for call in list(self._calls.values()):
                self._wake(call)
            try:
                self._socket.shutdown(SHUT_RDWR)
            except OSError:
                pass
            self._socket.close()

    def __del__(self):
        self._socket.close()

    def leave_to_parent(self):
        """In the child of a fork: the connection is the parent's, which must notice nothing."""
        self.lock = RLock()
        self.lost = self.stale = "it belongs to the process that this one was forked from"
        self._reader = None
        self._socket.close()


