"""The bridge out of a sandbox, as examples/sandbox and examples/systemd show it."""

import re
import socket
import subprocess
import sys
from pathlib import Path

from support import envelope, wire
from support.case import EndToEndTest
from support.envelope import MODELS, PERMISSION_DENIED
from support.gateway import BINARY, ROOT, SIMULATOR, Gateway
from support.service_manager import activation, close_all

SCRIPT = ROOT / "examples/sandbox/run.sh"
UNITS = ROOT / "examples/systemd"

# Says what there is in the directory, and then what comes of a frame that is sent to the socket.
PROGRAM = """
import os, socket, sys
print(*sorted(os.path.join(at, name) for at, _, names in os.walk("/bridge") for name in names))
with socket.socket(socket.AF_UNIX) as client:
    client.settimeout(20)
    client.connect(sys.argv[1])
    client.sendall(bytes.fromhex(sys.argv[2]))
    head = client.recv(10, socket.MSG_WAITALL)
    print((head + client.recv(int.from_bytes(head[:4], "big"), socket.MSG_WAITALL)).hex())
"""


class SandboxTest(EndToEndTest):
    def setUp(self):
        try:
            trial = subprocess.run(
                ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "true"], capture_output=True, text=True
            )
        except FileNotFoundError:
            self.skipTest("bubblewrap is not installed")
        if trial.returncode != 0:
            self.skipTest(f"no sandbox can be made here: {trial.stderr.strip()}")


class SandboxTests(SandboxTest):
    def test_the_socket_is_the_only_way_out_and_leads_to_reading_only(self):
        programs = self.directory()
        (programs / "models-gateway").symlink_to(Path(BINARY).resolve())
        (programs / "pieces-os-simulator").symlink_to(SIMULATOR)
        result = subprocess.run([SCRIPT, "--programs", programs], capture_output=True, text=True, timeout=120)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertNotIn("ended with exit code", result.stderr)

    def test_a_wrong_command_line_is_refused(self):
        for arguments in (["--nonsense"], ["--programs"], ["a", "b"]):
            with self.subTest(arguments):
                result = subprocess.run([SCRIPT, *arguments], capture_output=True, text=True, timeout=20)
                self.assertEqual(result.returncode, 64, result)


class ServiceSandboxTests(SandboxTest):
    """The units, their sockets passed on as the service manager would, in a runtime directory of the test's."""

    def setUp(self):
        super().setUp()
        self.runtime = self.directory()
        self.scripted = self.upstream()

    def settings(self, unit: str, name: str) -> list[str]:
        lines = re.findall(rf"^{name}=(.*)$", (UNITS / unit).read_text(), re.MULTILINE)
        return [line.replace("%t", str(self.runtime)) for line in lines]

    def serve(self) -> tuple[Gateway, list[Path]]:
        paths = [Path(path) for path in self.settings("models-gateway.socket", "ListenStream")]
        listeners = []
        for path in paths:
            path.parent.mkdir(mode=0o700, exist_ok=True)
            listeners.append(listener := socket.socket(socket.AF_UNIX))
            self.addCleanup(listener.close)
            listener.bind(str(path))
            listener.listen()
        [command] = self.settings("models-gateway.service", "ExecStart")
        manager = activation(listeners)
        self.addCleanup(close_all, manager["passed"])
        gateway = Gateway(*command.split()[2:], "--upstream", self.scripted.url, **manager)
        self.addCleanup(gateway.stop)
        return gateway, paths

    def call_from_sandbox(self, directory: Path, name: str, method: str, payload: bytes = b""):
        """The files that a sandbox sees of the directory, and what a call over a socket in there is answered."""
        data = wire.frame(1, wire.REQUEST, wire.REMOTE_CLOSED, envelope.request(MODELS, method, payload))
        command = ["bwrap", "--unshare-all", "--die-with-parent", "--clearenv", "--cap-drop", "ALL"]
        for place in ("/usr", "/lib", "/lib64", sys.base_prefix):
            command += ["--ro-bind-try", place, place]
        command += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--ro-bind", str(directory), "/bridge"]
        command += [str(Path(sys.executable).resolve()), "-I", "-c", PROGRAM, f"/bridge/{name}", data.hex()]
        result = subprocess.run(command, capture_output=True, text=True, timeout=60)
        self.assertEqual(result.returncode, 0, result.stderr)
        files, answer = result.stdout.splitlines()
        answer = bytes.fromhex(answer)
        _, stream_id, type, flags = wire.parse_header(answer[: wire.HEADER_LENGTH])
        frame = wire.Frame(stream_id, type, flags, answer[wire.HEADER_LENGTH :])
        return files.split(), envelope.parse_response(frame)

    def test_the_directory_of_the_socket_for_sandboxes_leads_to_reading_only(self):
        gateway, paths = self.serve()
        [read] = [path for path in paths if "read" in path.name]
        [everything] = [path for path in paths if path != read]
        for method, payload in (("ModelsDeleteSpecificModel", wire.field(1, "m")), ("UnloadModels", b"")):
            files, response = self.call_from_sandbox(read.parent, read.name, method, payload)
            self.assertEqual(files, [f"/bridge/{read.name}"])
            self.assert_status(response, PERMISSION_DENIED, "POLICY_DENIED", operation=method)
        self.assertEqual(self.scripted.requests, [])
        _, response = self.call_from_sandbox(read.parent, read.name, "ModelsSnapshot")
        self.assert_ok(response)
        # It is the policy that refused: over the other socket the same sandbox would be served.
        _, response = self.call_from_sandbox(everything.parent, everything.name, "UnloadModels")
        self.assert_ok(response)
        gateway.stop()
        self.assertEqual([line for line in gateway.log if " warning " in line], [])
