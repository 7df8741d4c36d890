"""examples/mistakes.md: what each way to the gateway says of the likeliest mistakes is what the page says."""

import os
import re
import socket
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from support.command import Pieces, model
from support.discovery import NOBODY, DiscoveryTest, PiecesOS
from support.gateway import ROOT
from support.pages import blocks
from support.speakers import Speakers
from support.upstream import response

PAGE = ROOT / "examples/mistakes.md"
#: What the page has instead of what differs from run to run.
PLACES = (
    (r"/[^ :,\"]*/(gateway|read)\.sock", "/run/x/s"), (r"(localhost|127\.0\.0\.1):\d+", "localhost:39300"),
    (rf"\b{NOBODY}\b", "1001"), (r"(?<=user )0\b", "1000"),
)  # fmt: skip
#: What grpcio says around the reason why it cannot connect differs from version to version.
GRPC_CONNECT = re.compile(r"failed to connect to all addresses.*(?=error: )")


def page() -> dict[str, dict[str, str]]:
    """What is said, by the heading and by who says it."""
    said: dict[str, dict[str, str]] = {}
    for block in blocks(PAGE):
        speaker = ""
        for line in block.text.splitlines():
            label, _, words = line.partition("|")
            speaker = label.strip() or speaker
            there = said.setdefault(block.heading, {})
            there[speaker] = " ".join([*there.get(speaker, "").split(), *words.split()])
    return said


def plain(text: str) -> str:
    for pattern, place in PLACES:
        text = re.sub(pattern, place, text)
    return GRPC_CONNECT.sub("… ", " ".join(text.split()))


class MistakesTests(DiscoveryTest):
    @classmethod
    def setUpClass(cls):
        cls.page = page()
        directory = tempfile.TemporaryDirectory(prefix="gateway-")
        cls.addClassCleanup(directory.cleanup)
        cls.speakers = Speakers(Path(directory.name))

    def check(self, heading: str, path: str, call: str, *words: str, typed: str, user: int | None = None) -> None:
        """`typed` is what the command line is told."""
        self.assertEqual(self.page[heading], self.hear(path, call, *words, typed=typed, user=user))

    def hear(self, path: str, call: str, *words: str, typed: str, user: int | None) -> dict[str, str]:
        said = self.speakers.say(path, call, *words, user=user)
        said[typed.split()[0]] = self.speakers.command(path, *typed.split(), user=user)
        status = self.speakers.command(path, "status", user=user)
        if call == "list" and "Next: " in status:
            said["status"] = "\n".join(re.findall(r"^(?:Pieces OS|Next): .*$", status, re.MULTILINE))
        return {speaker: plain(text) for speaker, text in said.items()}

    def refusing(self, status: int, text: str) -> str:
        script = Pieces(model("a", "one"))
        script.refusal = (status, text)
        return self.gateway(self.upstream(script)).path

    def test_the_gateway_is_not_running(self):
        self.check("The gateway is not running", f"{self.directory()}/gateway.sock", "list", typed="list")

    @unittest.skipUnless(os.getuid() == 0, "needs root to be somebody else")
    def test_the_socket_is_another_users(self):
        path = self.gateway(self.upstream()).path
        Path(path).parent.chmod(0o755)
        self.check("The socket is another user's", path, "list", typed="list", user=NOBODY)

    def test_the_socket_is_stale(self):
        path = f"{self.directory()}/gateway.sock"
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
        self.check("The socket is stale", path, "list", typed="list")

    def test_pieces_os_is_absent(self):
        self.check("Pieces OS is not running", self.auto().path, "list", typed="list")

    def test_pieces_os_is_starting(self):
        upstream = self.upstream(PiecesOS("a", response(b"migrating")))
        self.write_port(str(upstream.port))
        self.check("Pieces OS is starting", self.auto().path, "list", typed="list")

    def test_nobody_is_signed_in(self):
        self.check("Nobody is signed in", self.refusing(401, "Nobody is signed in."), "list", typed="list")

    def test_pieces_os_is_outdated(self):
        self.check("Pieces OS is outdated", self.refusing(593, "An update is required."), "list", typed="list")

    def test_the_id_is_wrong(self):
        pieces = Pieces(model("a", "one"))

        def script(exchange):
            if exchange.request.target.endswith("/delete"):
                reason = "There is no model '5a3e'."
                return exchange.answer(f"Unable to delete the model, internal server error. (error: {reason})", 500)
            return pieces(exchange)

        path = self.gateway(self.upstream(script)).path
        self.check("The id is wrong", path, "delete", "5a3e", typed="rm 5a3e --yes")

    def test_the_socket_does_not_allow_it(self):
        path = f"{self.directory()}/read.sock"
        self.gateway(self.upstream(), "--listen", f"path={path},allow=read")
        self.check("The socket does not allow it", path, "unload", typed="unload")

    def test_grpcurl_shows_the_details(self):
        path = self.refusing(401, "Nobody is signed in.")
        said = self.speakers.grpcurl(path, "list")
        if said is None:
            self.skipTest("there is no grpcurl")
        # The page breaks the line of the details.
        shown = self.page["What grpcurl shows"]["grpcurl"]
        self.assertEqual(re.sub(r", (?=\")", ",", shown), plain(said))

    def test_protobuf_is_too_old(self):
        old = self.directory()
        for package in ("google", "google/protobuf"):
            (old / package).mkdir()
            (old / package / "__init__.py").touch()
        command = [sys.executable, "-c", "import models_gateway"]
        run = subprocess.run(command, env={"PYTHONPATH": str(old)}, capture_output=True, text=True, cwd="/", timeout=60)
        self.assertEqual(run.stderr.splitlines()[-1], self.page["protobuf is too old"]["Python"])

    def test_every_mistake_is_there(self):
        tests = [name for name in dir(self) if name.startswith("test_")]
        self.assertEqual(len(self.page), len(tests) - 1)
