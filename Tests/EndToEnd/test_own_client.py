"""The bytes that examples/own-client.md shows are those that the gateway takes and answers."""

import re
import socket

from support.case import EndToEndTest
from support.gateway import ROOT

PAGE = ROOT / "examples/own-client.md"


def dumps():
    """The dumps of the page, as (kind, bytes), in their order."""
    kind, data = None, b""
    for line in PAGE.read_text().splitlines() + [""]:
        if mark := re.fullmatch(r"<!-- (request|response) -->", line):
            kind, data = mark[1], b""
        elif kind and (bytes_of_line := re.match(r"    ((?:[0-9a-f]{2} ?)+)(?:  |$)", line)):
            data += bytes.fromhex(bytes_of_line[1])
        elif kind:
            yield kind, data
            kind = None


class OwnClientTests(EndToEndTest):
    def test_the_dumps_are_true_to_the_last_byte(self):
        gateway = self.gateway(self.upstream())
        pairs = list(dumps())
        self.assertEqual([kind for kind, _ in pairs], ["request", "response"] * 2)
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(20)
            client.connect(gateway.path)
            for (_, request), (_, response) in zip(pairs[::2], pairs[1::2]):
                self.assertEqual(len(request), 10 + int.from_bytes(request[:4], "big"))
                client.sendall(request)
                self.assertEqual(client.recv(len(response), socket.MSG_WAITALL), response)
            client.shutdown(socket.SHUT_WR)
            self.assertEqual(client.recv(1), b"")

