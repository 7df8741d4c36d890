"""Section 5: whose listener it is, on a machine with many sockets and on one that does not tell."""

import os
import resource
import socket
import subprocess
import time
import unittest

from support.discovery import NOBODY, DiscoveryTest
from support.envelope import UNAVAILABLE
from support.upstream import Exchange, response

MANY = 15_000


def closing(exchange: Exchange) -> None:
    body = b"ok:x" if exchange.request.target.endswith("health") else b"{}"
    exchange.send(response(body, headers=("Connection: close",)))
    exchange.connection.close()


@unittest.skipUnless(os.getuid() == 0, "needs root to be somebody else")
class ManySocketsTests(DiscoveryTest):
    def listen(self, count: int, first_port: int) -> None:
        """Many listeners of another user."""
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (count + 1_000, max(count + 1_000, limit[1])))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, limit)
        os.seteuid(NOBODY)
        self.addCleanup(os.seteuid, 0)
        for port in range(first_port, first_port + count):
            listener = socket.socket()
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.addCleanup(listener.close)
            try:
                listener.bind(("127.0.0.1", port))
            except OSError as error:
                raise unittest.SkipTest(f"port {port}: {error}") from error
            listener.listen(1)
        os.seteuid(0)

    def cpu_time(self, gateway) -> float:
        with open(f"/proc/{gateway.pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def test_a_call_stays_cheap_and_holds_up_nobody(self):
        self.listen(MANY, 10_000)
        upstream = self.upstream(closing, port=39331)
        gateway = self.auto()
        client = self.client(gateway)
        self.assert_ok(client.call("UnloadModels"))
        before = self.cpu_time(gateway)
        calls = 5
        for _ in range(calls):
            self.assert_ok(client.call("UnloadModels"))
        self.assertEqual(len(upstream.connections), 2 * (calls + 1))
        self.assertLess(self.cpu_time(gateway) - before, calls * 1.0)

    def test_strangers_at_every_place_cost_one_look(self):
        self.listen(34, 39300)
        upstream = self.pieces_os()
        self.write_port(str(upstream.port))
        self.assert_answers(self.client(self.auto()), "a")


class HiddenTablesTests(DiscoveryTest):
    def test_the_error_says_what_is_missing(self):
        # What ProcSubset=pid of a systemd unit does.
        command = ("unshare", "-m", "sh", "-c", 'mount -t proc -o subset=pid proc /proc && exec "$@"', "sh")
        trial = subprocess.run([*command, "true"], capture_output=True, text=True)
        if trial.returncode != 0:
            self.skipTest(f"nothing can be hidden of /proc here: {trial.stderr.strip()}")
        upstream = self.pieces_os()
        self.write_port(str(upstream.port))
        found = self.client(self.auto(wrapper=command)).call("ModelsSnapshot")
        self.assert_status(found, UNAVAILABLE, "UPSTREAM_UNREACHABLE", request_sent=False)
        self.assertIn("cannot tell who listens: /proc/net/tcp is not readable", found.message)
        self.assertIn("name Pieces OS with --upstream", found.message)
        self.assertEqual(upstream.connections, [])
