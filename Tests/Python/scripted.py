"""What the tests of the Python package stand on: the real gateway, and one that does as a script says."""

import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests/EndToEnd"))

from support import wire  # noqa: E402
from support.case import EndToEndTest  # noqa: E402, F401
from support.envelope import CONTROL, MODELS  # noqa: E402, F401
from support.gateway import Gateway  # noqa: E402, F401
from support.upstream import Held, answering  # noqa: E402, F401

PATIENCE = 20.0

if not hasattr(os, "eventfd"):

    def Held(*_):  # noqa: F811
        raise unittest.SkipTest("an upstream that can be held needs Python 3.10")


class Request:
    """A request as a scripted gateway read it, and the connection that its answer takes."""

    def __init__(self, connection, stream_id, data):
        self.connection = connection
        self.stream_id = stream_id
        self.service = self.method = ""
        self.payload = b""
        self.timeout_nano = 0
        self.metadata = []
        for number, value in wire.fields(data):
            if number == 1:
                self.service = value.decode()
            elif number == 2:
                self.method = value.decode()
            elif number == 3:
                self.payload = value
            elif number == 4:
                self.timeout_nano = value
            elif number == 5:
                entry = dict(wire.fields(value))
                self.metadata.append((entry[1].decode(), entry[2].decode()))

    @property
    def cancelled_id(self):
        """Which call a Control/Cancel ends."""
        return dict(wire.fields(self.payload))[1]

    def send(self, type, flags, data=b""):
        self.connection.sendall(wire.frame(self.stream_id, type, flags, data))

    def answer(self, payload=b""):
        self.send(wire.RESPONSE, 0, wire.field(2, payload) if payload else b"")

    def fail(self, code, message="", reason="", metadata=None):
        self.send(wire.RESPONSE, 0, status(code, message, reason, metadata))

    def part(self, payload):
        self.send(wire.DATA, 0, payload)

    def end(self):
        self.send(wire.DATA, wire.REMOTE_CLOSED | wire.NO_DATA)


def status(code, message="", reason="", metadata=None):
    """The data of a response frame that is an error."""
    data = wire.field(1, code) + wire.field(2, message)
    if reason:
        info = wire.field(1, reason) + wire.field(2, "models-gateway")
        for entry in (metadata or {}).items():
            info += wire.field(3, wire.field(1, entry[0]) + wire.field(2, entry[1]))
        data += wire.field(3, wire.field(1, "type.googleapis.com/google.rpc.ErrorInfo") + wire.field(2, info))
    return wire.field(1, data)


class ScriptedGateway:
    """Listens, and hands every request to the script, in a thread of the connection. Cancels are only recorded."""

    def __init__(self, path, script):
        self.path = path
        self.script = script
        self.requests = []
        self.cancelled = []
        self.connections = []
        self._changed = threading.Condition()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(path)
        self._listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        """Ends it and every connection, as the death of a gateway would."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)
        self.hang_up()

    def hang_up(self):
        with self._changed:
            connections, self.connections = self.connections, []
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def wait_for(self, what):
        """Waits until `what`, a function of the gateway, is true."""
        with self._changed:
            if not self._changed.wait_for(lambda: what(self), PATIENCE):
                raise TimeoutError(f"{[one.method for one in self.requests]}, cancelled: {self.cancelled}")

    def wait_for_requests(self, count):
        self.wait_for(lambda gateway: len(gateway.requests) >= count)
        return self.requests[count - 1]

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._changed:
                self.connections.append(connection)
                self._changed.notify_all()
            threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection):
        with contextlib.suppress(OSError), connection.makefile("rb") as incoming:
            while header := incoming.read(wire.HEADER_LENGTH):
                length, stream_id, _, _ = wire.parse_header(header)
                request = Request(connection, stream_id, incoming.read(length))
                with self._changed:
                    if request.method == "Cancel":
                        self.cancelled.append(request.cancelled_id)
                    else:
                        self.requests.append(request)
                    self._changed.notify_all()
                if request.method == "Cancel":
                    request.answer()
                else:
                    self.script(request)


def answer_nothing(request):
    pass


def answer_at_once(request):
    """Every call gets an empty answer; a stream has one part."""
    if request.method == "StreamModelsSnapshot":
        request.part(b"")
        request.end()
    else:
        request.answer()


class PackageTest(unittest.TestCase):
    def directory(self):
        directory = tempfile.TemporaryDirectory(prefix="gateway-")
        self.addCleanup(directory.cleanup)
        return pathlib.Path(directory.name)

    def scripted(self, script=answer_at_once, path=None):
        gateway = ScriptedGateway(path or str(self.directory() / "gateway.sock"), script)
        self.addCleanup(gateway.close)
        return gateway

    def run_python(self, code, *arguments, **options):
        """What a program of its own prints. It has the package, and not the tests."""
        command = [sys.executable, "-c", code, *map(str, arguments)]
        result = subprocess.run(command, capture_output=True, text=True, timeout=60, **options)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout.strip()

    def assert_lasts(self, began, seconds):
        """A timeout may cost at most a second more."""
        lasted = time.monotonic() - began
        self.assertGreaterEqual(lasted, seconds)
        self.assertLess(lasted, seconds + 1)


@contextlib.contextmanager
def stopped(pid):
    """A process that takes no part in anything."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
