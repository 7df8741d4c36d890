"""The bytes that examples/own-client.md shows are those that the gateway takes and answers."""

import re
import socket
import subprocess
import sys

from support.case import EndToEndTest
from support.gateway import ROOT
from support.upstream import answering

MODELS = '{"iterable":[{"id":"a","name":"One\\u001b[2J"},{"id":"b","name":"Two"}]}'
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



class GRPCTests(EndToEndTest):
    def run_python(self, *arguments, cwd="/"):
        result = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, cwd=cwd, timeout=60)
        return result.returncode, result.stdout, result.stderr

    def test_the_five_lines_work_as_they_stand(self):
        gateway = self.gateway(self.upstream(answering(MODELS)))
        lines = re.search(r"\n((?:    .*\n)+)\nAn error", PAGE.read_text())[1].replace("unix:PATH", f"unix:{gateway.path}")
        program = re.sub(r"^    ", "", lines, flags=re.MULTILINE)
        code, printed, problem = self.run_python("-c", program, cwd=ROOT)
        self.assertEqual((code, problem), (0, ""))
        self.assertEqual(re.findall(r'name: "(\w+)', printed), ["One", "Two"])

    def test_the_program_prints_the_models(self):
        gateway = self.gateway(self.upstream(answering(MODELS)))
        code, printed, _ = self.run_python(ROOT / "examples/grpc/list_models.py", gateway.path)
        self.assertEqual(code, 0)
        self.assertRegex(printed, r"^'One\\x1b\[2J' +'a'\n'Two' +'b'\n2 models\n$")

    def test_an_error_of_the_program_is_one_line(self):
        code, printed, problem = self.run_python(ROOT / "examples/grpc/list_models.py", "/nowhere/gateway.sock")
        self.assertEqual((code, printed, problem.count("\n")), (1, "", 1))
        self.assertTrue(problem.startswith("UNAVAILABLE: "), problem)
