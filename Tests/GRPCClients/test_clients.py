"""gRPC's clients for C++ and Go, compiled from the contract, call the gateway: in front of the simulator of Pieces OS,
and of an upstream that does as a test says."""

import re
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "EndToEnd"))

from support.case import EndToEndTest  # noqa: E402
from support.gateway import PATIENCE, ROOT, SIMULATOR  # noqa: E402
from support.upstream import Held, answering  # noqa: E402

COUNT = 300
MODEL = '{"id":"%d","name":"é","description":"' + "d" * 1_000 + '"}'
MANY = '{"id":"a/b","name":"é","iterable":[%s]}' % ",".join(MODEL % number for number in range(COUNT))
REFUSED = (
    "UnloadModels: 16 s'il vous plaît … | UPSTREAM_HTTP_STATUS models-gateway"
    " hint=sign in to Pieces OS http_status=401 operation=UnloadModels"
)


def calls(count: int) -> list[str]:
    """What is told of the calls if there are so many models."""
    return [
        f"ModelsSnapshot: 0 | {count} models",
        f"StreamModelsSnapshot: 0 | {count} models",
        "ModelsCreateNewModel: 0 | é",
        "ModelsDeleteSpecificModelCache: 0",
        "ModelsDeleteSpecificModel: 0",
        "Check: 0 | SERVING",
        "UnloadModels: 0",
    ]


class Tests:
    """What each client has to manage."""

    program: str
    #: Without these files it cannot be built.
    needed: tuple[str, ...]

    @classmethod
    def setUpClass(cls):
        missing = [file for file in cls.needed if not (shutil.which(file) or Path(file).exists())]
        if missing:
            raise unittest.SkipTest(f"there is no {' and no '.join(missing)}")
        subprocess.run(["make", "--silent", "-j2", "-C", str(HERE), cls.program], check=True, timeout=600)

    def process(self, command: list) -> subprocess.Popen:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.__exit__, None, None, None)
        self.addCleanup(process.terminate)
        return process

    def begin(self, path: str, wanted: str) -> subprocess.Popen:
        return self.process([ROOT / ".build/grpc-clients" / self.program, path, wanted])

    def told(self, running: subprocess.Popen, said: str = "") -> list[str]:
        """What the client tells when this has been said to it, and has printed for whoever watches."""
        output, _ = running.communicate(said, timeout=2 * PATIENCE)
        self.assertEqual(running.returncode, 0)
        for line in output.splitlines():
            print(f"{self.program}: {line}")
        return output.splitlines()

    def run_client(self, path: str, wanted: str) -> list[str]:
        return self.told(self.begin(path, wanted))

    @unittest.skipUnless(SIMULATOR.exists(), "the simulator is not built")
    def test_each_call_at_the_simulator(self):
        command = [SIMULATOR, "--port", "0", "--models", "200", "--seed", "1"]
        simulator = self.process(command)
        url = re.search(r"http://\S+", simulator.stdout.readline())[0]
        self.assertEqual(self.run_client(self.gateway(url).path, "calls"), calls(200))

    def test_each_call_and_what_goes_out(self):
        upstream = self.upstream(answering(MANY))
        self.assertEqual(self.run_client(self.gateway(upstream).path, "calls")[:5], calls(COUNT)[:5])
        asked = [f"{request.method} {request.target}" for request in upstream.requests]
        changes = ["POST /models/create", "POST /models/a%2Fb/delete/cache", "POST /models/a%2Fb/delete"]
        self.assertEqual(
            asked, ["GET /models", "GET /models", *changes, "GET /.well-known/health", "POST /models/unload"]
        )

    def test_an_error_comes_with_its_details(self):
        path = self.gateway(self.upstream(answering("s'il vous plaît …", 401))).path
        self.assertEqual(self.run_client(path, "error"), [REFUSED])

    def test_a_deadline_gives_up_what_pieces_os_was_asked(self):
        held = Held()
        path = self.gateway(self.upstream(held)).path
        [line] = self.run_client(path, "deadline")
        self.assertTrue(line.startswith("UnloadModels: 4 "), line)
        held.wait_until_given_up()

    def test_a_cancelled_call_gives_up_what_pieces_os_was_asked(self):
        held = Held()
        upstream = self.upstream(held)
        running = self.begin(self.gateway(upstream).path, "cancel")
        upstream.wait_for_requests(1)
        [line] = self.told(running, "\n")
        self.assertTrue(line.startswith("UnloadModels: 1 "), line)
        held.wait_until_given_up()


class CPPTests(Tests, EndToEndTest):
    program = "client-cpp"
    needed = ("grpc_cpp_plugin", "/usr/include/grpcpp/grpcpp.h")


class GoTests(Tests, EndToEndTest):
    """Not installed for the tests alone: with what it needs it is 570 MB."""

    program = "client-go"
    needed = ("go", "protoc-gen-go", "/usr/share/gocode/src/google.golang.org/grpc")


if __name__ == "__main__":
    unittest.main()
