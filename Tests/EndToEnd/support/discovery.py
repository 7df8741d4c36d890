"""What a test needs that has the gateway find Pieces OS by itself."""

import fcntl
import os
import socket
import tempfile
import unittest
from pathlib import Path

from .case import EndToEndTest
from .envelope import UNAVAILABLE
from .gateway import Gateway
from .upstream import Exchange, ScriptedUpstream, response

FIXED_PORTS = [1000, 5323, *range(39300, 39334)]
HEALTH = "/.well-known/health"
NOBODY = 65534


class PiecesOS:
    """A script: healthy or not, and models that say who answered."""

    def __init__(self, name: str, health: bytes = response(b"ok:3fa85f64-5717-4562-b3fc-2c963f66afa6")):
        self.name = name
        self.health = health

    def __call__(self, exchange: Exchange) -> None:
        if exchange.request.target == HEALTH:
            exchange.send(self.health)
        else:
            exchange.answer('{"iterable":[{"id":"%s"}]}' % self.name)


class DiscoveryTest(EndToEndTest):
    def setUp(self):
        # The places where Pieces OS is looked for are the same for every run of these tests on this machine.
        lock = open(Path(tempfile.gettempdir()) / "models-gateway-discovery-tests.lock", "w")
        self.addCleanup(lock.close)
        fcntl.flock(lock, fcntl.LOCK_EX)
        for port in FIXED_PORTS:
            if self.is_served(port):
                self.skipTest(f"somebody listens on port {port}")
        self.home = self.directory()

    def is_served(self, port: int) -> bool:
        """The ports are among those that the system connects from, so that one where nobody listens can meet itself."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0 and probe.getsockname() != probe.getpeername()

    def pieces_os(self, name: str = "a", port: int = 0, host: str = "127.0.0.1", **options) -> ScriptedUpstream:
        try:
            return self.upstream(PiecesOS(name, **options), port=port, host=host)
        except OSError as error:
            raise unittest.SkipTest(f"port {port}: {error}") from error

    def stranger(self, port: int = 0, host: str = "127.0.0.1") -> ScriptedUpstream:
        """A listener that is healthy and belongs to another user; only root can make one."""
        os.seteuid(NOBODY)
        try:
            return self.pieces_os("stranger", port, host=host)
        finally:
            os.seteuid(0)

    def write_port(self, text: str, directory: str = "Documents") -> Path:
        file = self.home / directory / "com.pieces.os/production/Config/.port.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def auto(self, *options: str, wrapper: tuple[str, ...] = (), **variables: str) -> Gateway:
        environment = {key: value for key, value in os.environ.items() if key != "XDG_DATA_HOME"}
        environment |= {"HOME": str(self.home)} | variables
        return self.gateway("auto", *options, environment=environment, wrapper=wrapper)

    def assert_answers(self, client, name: str, attempts: int = 3):
        """Several attempts, because a machine with much to do cannot always say within 300 ms that it is healthy."""
        for _ in range(attempts):
            found = client.call("ModelsSnapshot")
            if found.code == 0:
                break
        self.assertIn(name.encode(), self.assert_ok(found))

    def assert_unreachable(self, client):
        found = client.call("ModelsSnapshot")
        expectations = {"operation": "ModelsSnapshot", "request_sent": False}
        self.assert_status(found, UNAVAILABLE, "UPSTREAM_UNREACHABLE", **expectations)
