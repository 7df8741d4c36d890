"""What every test here needs: things that start, things that are closed again, and the shape of an error."""

from __future__ import annotations

import tempfile
import unittest
from pathlib import Path

from . import envelope
from .client import Client
from .envelope import Response
from .gateway import Gateway
from .upstream import Held, Script, ScriptedUpstream, answering

SAYS_WHETHER_SENT = {envelope.UNAVAILABLE, envelope.DEADLINE_EXCEEDED, envelope.CANCELLED}


class EndToEndTest(unittest.TestCase):
    """A test that runs the real binary between a client and an upstream of its own."""

    maxDiff = 4000
    client_type: type[Client] = Client

    def directory(self) -> Path:
        directory = tempfile.TemporaryDirectory(prefix="gateway-")
        self.addCleanup(directory.cleanup)
        return Path(directory.name)

    def upstream(self, script: Script = answering(), **options) -> ScriptedUpstream:
        upstream = ScriptedUpstream(script, **options)
        self.addCleanup(upstream.close)
        return upstream

    def gateway(self, upstream: ScriptedUpstream | str, *options: str, **more) -> Gateway:
        url = upstream if isinstance(upstream, str) else upstream.url
        path = str(self.directory() / "gateway.sock")
        gateway = Gateway("--socket", path, "--upstream", url, *options, **more)
        gateway.path = path
        self.addCleanup(gateway.stop)
        return gateway

    def client(self, gateway: Gateway) -> Client:
        client = self.client_type(gateway.path)
        self.addCleanup(client.close)
        return client

    def start(self, script: Script = answering(), *options: str) -> tuple[Client, ScriptedUpstream]:
        """The whole chain, for a test that needs one of each."""
        upstream = self.upstream(script)
        return self.client(self.gateway(upstream, *options)), upstream

    def open_connections(self, count: int, client: Client, upstream: ScriptedUpstream, held: Held) -> None:
        """Leaves so many connections of the gateway to its upstream idle, by calls that are the first and share nothing."""
        ids = [client.request("UnloadModels") for _ in range(count)]
        upstream.wait_for_requests(count)
        held.release(count)
        for stream_id in ids:
            self.assert_ok(client.response(stream_id))

    def assert_ok(self, response: Response) -> bytes:
        self.assertEqual(response.code, envelope.OK, response)
        return response.payload

    def assert_status(
        self,
        response: Response | None,
        code: int,
        reason: str,
        *,
        operation: str | None = None,
        http_status: int | None = None,
        request_sent: bool | None = None,
    ) -> None:
        """`request_sent` None: whether it was is not asked, but a code that has to say so does."""
        self.assertIsNotNone(response, "success where an error was due")
        self.assertEqual((response.code, response.reason), (code, reason), response)
        self.assertEqual(response.domain, "models-gateway")
        self.assertNotEqual(response.message, "")
        self.assertEqual(response.payload, b"")
        if operation is not None:
            self.assertEqual(response.metadata.get("operation"), operation, response)
        if http_status is not None:
            self.assertEqual(response.metadata.get("http_status"), str(http_status), response)
        if code in SAYS_WHETHER_SENT:
            self.assertIn(response.metadata.get("request_sent"), ("true", "false"), response)
        if request_sent is not None:
            self.assertEqual(response.metadata.get("request_sent"), str(request_sent).lower(), response)

    def give_up(self, client: Client, stream_id: int, **expectations) -> None:
        """Cancels a call that is in flight. Over gRPC nothing is answered to it any more."""
        response = client.give_up(stream_id)
        if response is not None:
            self.assert_status(response, envelope.CANCELLED, "CANCELLED", **expectations)

    def assert_bad_request(self, response: Response | None, *words: str) -> None:
        """INVALID_ARGUMENT that says which part was bad."""
        self.assert_status(response, envelope.INVALID_ARGUMENT, "BAD_REQUEST")
        for word in words:
            self.assertIn(word.lower(), response.message.lower())
