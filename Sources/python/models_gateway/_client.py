"""The client for programs with threads, or without."""

import os
import weakref
from _thread import RLock
from time import monotonic, sleep

from . import _arguments, _methods, _reaching
from ._arguments import DEFAULT
from ._connection import GRACE, Call, Connection, ConnectionLost, NothingSent
from ._errors import Cancelled, DeadlineExceeded, expired
from ._methods import SNAPSHOT, UNLOAD

# How long a snapshot whose connection was lost waits for a gateway that starts again.
PATIENCE = 2.0
# Who ends may still take a connection for a moment, and never answer: so a snapshot is asked three times, with a pause.
ASKS = 3
PAUSE = 0.05


class Settings:
    """What a client was made with, and what its calls make of that."""

    def __init__(self, path, sock, timeout, metadata):
        if path is not None and sock is not None:
            raise TypeError("a client has either a path or a sock")
        self.sock = None if sock is None else _reaching.handed_over(sock)
        self.path = None if sock is not None else _arguments.path(path)
        self._timeout = _arguments.timeout(timeout)
        self._metadata = _arguments.metadata(metadata)
        self._metadata_fields = b"".join(self._metadata.values())
        # Requests that say nothing of their own.
        self.plain = {}

    def close_sock(self):
        """Closes what was handed over, if no connection has it yet."""
        sock, self.sock = self.sock, None
        if sock is not None:
            sock.close()

    def request(self, method, payload, timeout, metadata):
        """The data of a request frame, and the seconds that the call has."""
        seconds, timeout_field = self._timeout if timeout is DEFAULT else _arguments.timeout(timeout)
        fields = self._metadata_fields
        if metadata is not None:
            fields = b"".join({**self._metadata, **_arguments.metadata(metadata)}.values())
        data = method.request(payload, timeout_field, fields)
        if seconds <= 0:
            raise expired(False)
        if timeout is DEFAULT and metadata is None and not payload:
            self.plain[method] = data, seconds
        return data, seconds


class Client:
    """A connection to the gateway, made at the first call, for as many threads as there are.

    `timeout` is for each call, in seconds; `metadata` goes out with each. Both can be given to a call too.
    """

    def __init__(self, path=None, *, sock=None, timeout=30.0, metadata=None):
        self._settings = Settings(path, sock, timeout, metadata)
        self._is_closed = False
        self._connection = None
        self._connecting = RLock()
        _clients.add(self)

    def models_snapshot(self, *, timeout=DEFAULT, metadata=None):
        """All models."""
        return self._call(SNAPSHOT, b"", timeout, metadata)

    def stream_models_snapshot(self, *, timeout=DEFAULT, metadata=None):
        """All models in parts, however many there are."""
        return Stream(self, _methods.STREAM, b"", timeout, metadata)

    def models_create_new_model(self, seeded_model=None, *, timeout=DEFAULT, metadata=None):
        """Makes a model."""
        return self._call(_methods.CREATE, _methods.create_payload(seeded_model), timeout, metadata)

    def models_delete_specific_model(self, model_id, *, timeout=DEFAULT, metadata=None):
        """Deletes a model that was made with models_create_new_model."""
        return self._call(_methods.DELETE, _methods.delete_payload(model_id), timeout, metadata)

    def models_delete_specific_model_cache(
        self, model_id, model_delete_cache_input=None, *, timeout=DEFAULT, metadata=None
    ):
        """Deletes what was downloaded of a model."""
        payload = _methods.delete_cache_payload(model_id, model_delete_cache_input)
        return self._call(_methods.DELETE_CACHE, payload, timeout, metadata)

    def unload_models(self, *, timeout=DEFAULT, metadata=None):
        """Takes all models out of memory."""
        return self._call(UNLOAD, b"", timeout, metadata)

    def status(self, *, timeout=DEFAULT, metadata=None):
        """What the gateway is, and how it is doing."""
        return self._call(_methods.STATUS, b"", timeout, metadata)

    def close(self):
        """Ends the connection and what is in flight on it. It can be called twice."""
        self._is_closed = True
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.end(Cancelled("the client was closed during the call"))
        else:
            self._settings.close_sock()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _call(self, method, payload, timeout, metadata):
        call = Call()
        settings = self._settings
        if timeout is DEFAULT and metadata is None and not payload and method in settings.plain:
            data, call.seconds = settings.plain[method]
        else:
            data, call.seconds = settings.request(method, payload, timeout, metadata)
        call.first_read = method.first_read
        connection = self._connection
        if connection is None:
            kind, _, answer = self._ask(Connection.exchange, method, call, data)
        else:
            # Most calls succeed at once; what becomes of the others is said in one place.
            try:
                kind, _, answer = connection.exchange(call, data)
            except BaseException as error:
                kind, _, answer = self._ask(Connection.exchange, method, call, data, connection, error)
        return method.answer(kind, answer)

    def _ask(self, exchange, method, call, data, connection=None, failure=None):
        """Sends a request and waits for what comes first.

        It is sent again, once, if none of it went out; and if it only asks, as often as one gateway can end and another
        begin: not for ever, as one may hang up on everybody.
        """
        may_send_again = True
        asks_left = ASKS - 1 if method.asks_only else 0
        patience = 0.0
        while True:
            try:
                if failure is not None:
                    first, failure = failure, None
                    raise first
                connection = self._connection
                if connection is None or connection.stale is not None:
                    connection = self._connect(call, patience)
                return exchange(connection, call, data)
            except NothingSent:
                connection.abandon(call)
                self._leave(connection)
                if not may_send_again:
                    raise _reaching.lost(connection.stale or "the connection is in use", False) from None
                may_send_again = False
            except ConnectionLost:
                connection.finish(call)
                self._leave(connection)
                if isinstance(connection.lost, Exception) or asks_left == 0:
                    raise connection.loss(call) from None
                asks_left -= 1
                patience = PATIENCE
                sleep(PAUSE)
            except BaseException as error:
                was_sent = connection is None or connection.abandon(call)
                if isinstance(error, DeadlineExceeded) and not was_sent:
                    raise expired(False) from None
                raise

    def _connect(self, call, patience):
        until = monotonic() + patience
        while True:
            with self._connecting:
                if self._is_closed:
                    raise ValueError("the client is closed")
                connection = self._connection
                if connection is not None and connection.stale is None:
                    return connection
                sock = self._socket(monotonic() < until)
                if sock is not None:
                    self._connection = connection = Connection(sock)
                    return connection
            if monotonic() >= call.deadline() - GRACE:
                raise expired(False)
            sleep(_reaching.RETRY_INTERVAL)

    def _socket(self, is_patient):
        """A connected socket, or None to try it again later."""
        settings = self._settings
        if settings.path is None:
            sock, settings.sock = settings.sock, None
            if sock is None:
                raise _reaching.no_second_connection()
            return sock
        try:
            return _reaching.try_to_connect(settings.path)
        except _reaching.Unreachable:
            if is_patient:
                return None
            raise

    def _leave(self, connection):
        """Has the next call connect again."""
        with self._connecting:
            if self._connection is connection:
                self._connection = None

    def _leave_to_parent(self):
        connection, self._connection = self._connection, None
        self._connecting = RLock()
        if connection is not None:
            connection.leave_to_parent()
        self._settings.close_sock()


class Stream:
    """The parts of an answer, as they come. One that is left early is cancelled."""

    def __init__(self, client, method, payload, timeout, metadata):
        self._call = None
        self._has_ended = False
        self._client = client
        self._method = method
        self._data, self._seconds = client._settings.request(method, payload, timeout, metadata)

    def __iter__(self):
        return self

    def __next__(self):
        if self._has_ended:
            raise StopIteration
        try:
            part = self._method.part(*self._frame())
        except BaseException:
            self.close()
            raise
        if part is None:
            self._has_ended = True
            self._call.connection.finish(self._call)
            raise StopIteration
        return part

    def _frame(self):
        call = self._call
        if call is None:
            self._call = call = Call()
            call.seconds = self._seconds
            return self._client._ask(Connection.open, self._method, call, self._data)
        try:
            return call.connection.receive(call)
        except ConnectionLost:
            raise call.connection.loss(call) from None

    def close(self):
        """Cancels what is left."""
        has_ended, self._has_ended = self._has_ended, True
        if not has_ended and self._call is not None and self._call.connection is not None:
            self._call.connection.abandon(self._call)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __del__(self):
        if hasattr(self, "_seconds"):
            self.close()


_clients = weakref.WeakSet()


def _after_fork_in_child():
    for client in list(_clients):
        client._leave_to_parent()


os.register_at_fork(after_in_child=_after_fork_in_child)
