"""Section 2: grpcurl and buf, which know nothing of the contract, call all by reflection; curl reads the pages."""

import base64
import json
import re
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

from support import door
from support.case import EndToEndTest
from support.upstream import Held, answering

MODELS = "pieces.models.v1.ModelsService"
PATIENCE = 60
SNAPSHOT = '{"iterable":[{"id":"a","name":"one","version":"1","cloud":false}]}'
CODES = {
    "invalid_argument": 3,
    "deadline_exceeded": 4,
    "not_found": 5,
    "permission_denied": 7,
    "resource_exhausted": 8,
    "failed_precondition": 9,
    "unimplemented": 12,
    "internal": 13,
    "unavailable": 14,
    "unauthenticated": 16,
}
#: What goes wrong at Pieces OS, and what it comes to.
REFUSALS = (
    (400, "invalid_argument"),
    (401, "unauthenticated"),
    (403, "permission_denied"),
    (404, "not_found"),
    (418, "failed_precondition"),
    (429, "resource_exhausted"),
    (500, "internal"),
    (503, "unavailable"),
)
#: Each call, its request, and what Pieces OS is asked.
CALLS = (
    ("ModelsSnapshot", {}, "GET /models"),
    ("StreamModelsSnapshot", {}, "GET /models"),
    ("ModelsCreateNewModel", {"seeded_model": {"name": "new", "type": "MODEL_TYPE_SPEED"}}, "POST /models/create"),
    ("ModelsDeleteSpecificModel", {"model": "a/b"}, "POST /models/a%2Fb/delete"),
    (
        "ModelsDeleteSpecificModelCache",
        {"model": "a", "model_delete_cache_input": {}},
        "POST /models/a/delete/cache",
    ),
    ("UnloadModels", {}, "POST /models/unload"),
)


class ToolTest(EndToEndTest):
    tool = ""

    def setUp(self):
        beside = Path(sys.executable).with_name(self.tool)
        found = str(beside) if beside.exists() else shutil.which(self.tool)
        if found is None:
            self.skipTest(f"there is no {self.tool}")
        self.binary = found

    def run_tool(self, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [self.binary, *arguments], capture_output=True, text=True, timeout=PATIENCE, check=False
        )

    def output(self, *arguments: str) -> str:
        run = self.run_tool(*arguments)
        self.assertEqual(run.returncode, 0, run.stderr)
        return run.stdout


class CallingTool:
    """What each of the tools has to manage."""

    def call(self, path: str, method: str, request: dict, *options: str) -> subprocess.CompletedProcess:
        raise NotImplementedError

    def assert_failed(self, run: subprocess.CompletedProcess, name: str, *words: str) -> None:
        raise NotImplementedError

    def test_each_call(self):
        upstream = self.upstream(answering(SNAPSHOT))
        path = self.gateway(upstream).path
        for method, request, _ in CALLS:
            run = self.call(path, f"{MODELS}/{method}", request)
            self.assertEqual(run.returncode, 0, run.stderr)
            answer = json.loads(run.stdout)
            if method.endswith("Snapshot"):
                self.assertEqual(answer["iterable"][0]["name"], "one")
        asked = [f"{request.method} {request.target}" for request in upstream.requests]
        self.assertEqual(asked, [line for _, _, line in CALLS])
        self.assertEqual(json.loads(upstream.requests[2].body)["type"], "SPEED")

    def test_each_refusal_of_pieces_os(self):
        for status, code in REFUSALS:
            with self.subTest(status=status):
                path = self.gateway(self.upstream(answering("it says so", status))).path
                run = self.call(path, f"{MODELS}/UnloadModels", {})
                self.assert_failed(run, code, "it says so", "UPSTREAM_HTTP_STATUS", "UnloadModels", str(status))

    def test_each_refusal_of_the_gateway(self):
        upstream = self.upstream()
        path = str(self.directory() / "read")
        gateway = self.gateway(upstream, "--listen", f"path={path},allow=read", "--max-request", "1KiB")
        for socket, method, request, code, reason in (
            (gateway.path, f"{MODELS}/ModelsDeleteSpecificModel", {}, "invalid_argument", "BAD_REQUEST"),
            (path, f"{MODELS}/UnloadModels", {}, "permission_denied", "POLICY_DENIED"),
            (gateway.path, "pieces.gateway.v1.Control/Cancel", {}, "unimplemented", "UNKNOWN_METHOD"),
            (
                gateway.path,
                f"{MODELS}/ModelsDeleteSpecificModel",
                {"model": "x" * 2_000},
                "resource_exhausted",
                "FRAME_TOO_LARGE",
            ),
        ):
            with self.subTest(reason=reason):
                self.assert_failed(self.call(socket, method, request), code, reason)
        self.assertEqual(upstream.requests, [])

    def test_nobody_and_nothing_in_time(self):
        path = self.gateway(f"unix:{self.directory() / 'nobody'}").path
        run = self.call(path, f"{MODELS}/UnloadModels", {})
        self.assert_failed(run, "unavailable", "UPSTREAM_UNREACHABLE", "start Pieces OS")
        held = Held()
        path = self.gateway(self.upstream(held), "--deadline", "200ms").path
        run = self.call(path, f"{MODELS}/UnloadModels", {})
        self.assert_failed(run, "deadline_exceeded", "DEADLINE_EXCEEDED")
        path = self.gateway(self.upstream(answering("no JSON"))).path
        run = self.call(path, f"{MODELS}/ModelsSnapshot", {})
        self.assert_failed(run, "internal", "UPSTREAM_BAD_JSON")

    def test_services_of_the_gateway(self):
        path = self.gateway(self.upstream(answering("ok"))).path
        for method, word in (
            ("grpc.health.v1.Health/Check", "SERVING"),
            ("grpc.health.v1.Health/List", MODELS),
            ("pieces.gateway.v1.Control/Status", path),
        ):
            run = self.call(path, method, {})
            self.assertEqual(run.returncode, 0, run.stderr)
            self.assertIn(word, run.stdout)


class GrpcurlTests(CallingTool, ToolTest):
    tool = "grpcurl"

    def call(self, path, method, request, *options):
        return self.run_tool("-plaintext", "-unix", "-d", json.dumps(request), *options, path, method)

    def assert_failed(self, run, name, *words):
        # The exit code is the status's and 64.
        self.assertEqual(run.returncode, 64 + CODES[name], run.stderr)
        for word in words:
            self.assertIn(word, run.stderr)

    def ask(self, *question: str) -> str:
        return self.output("-plaintext", "-unix", self.served.path, *question)

    def test_it_lists_and_describes(self):
        self.served = self.gateway(self.upstream())
        services = self.ask("list").split()
        self.assertIn(MODELS, services)
        for service in services:
            methods = self.ask("list", service).split()
            self.assertGreater(len(methods), 0)
            for symbol in (service, *methods):
                self.assertIn(f"{symbol} is a ", self.ask("describe", symbol))
        self.assertIn('get:"/models"', self.ask("describe", f"{MODELS}.ModelsSnapshot"))
        for symbol in ("pieces.models.v1.Model", "pieces.models.v1.ModelType", "google.rpc.ErrorInfo"):
            self.assertIn(f"{symbol} is a", self.ask("describe", symbol))
        run = self.run_tool("-plaintext", "-unix", self.served.path, "describe", "no.Symbol")
        self.assertEqual(run.returncode, 1)
        self.assertIn("Symbol not found: no.Symbol", run.stderr)

    def test_the_command_that_the_socket_names_works(self):
        path = self.gateway(self.upstream()).path
        command = re.search(r"^  (grpcurl .*)$", door.ask(path, "/").text, re.MULTILINE)[1].split()
        self.assertIn(MODELS, self.output(*command[1:]))


class BufTests(CallingTool, ToolTest):
    tool = "buf"

    def curl(self, path: str, url: str, *options: str) -> subprocess.CompletedProcess:
        wire = ("--http2-prior-knowledge", "--unix-socket", path, "--protocol", "grpc")
        return self.run_tool("curl", *wire, *options, f"http://localhost{url}")

    def call(self, path, method, request, *options):
        return self.curl(path, f"/{method}", "-d", json.dumps(request), *options)

    def assert_failed(self, run, name, *words):
        self.assertEqual(run.returncode, 8 * CODES[name], run.stderr)
        error = json.loads(run.stderr)
        self.assertEqual(error["code"], name)
        # The details are the bytes of google.rpc.ErrorInfo.
        details = base64.b64decode(error["details"][0]["value"] + "==").decode(errors="replace")
        for word in words:
            self.assertIn(word, error["message"] + details)

    def test_it_lists(self):
        path = self.gateway(self.upstream()).path
        services = self.curl(path, "", "--list-services").stdout.split()
        self.assertIn(MODELS, services)
        methods = self.curl(path, "", "--list-methods").stdout.split()
        for method, _, _ in CALLS:
            self.assertIn(f"{MODELS}/{method}", methods)


class CurlTests(ToolTest):
    tool = "curl"

    def ask(self, target: str, *options: str) -> tuple[int, str]:
        output = self.output(
            "-s", "--http2-prior-knowledge", "--unix-socket", self.served.path, "-w", "%{http_version} %{http_code}",
            *options, f"http://localhost{target}",
        )
        body, _, line = output.rpartition("\n")
        version, code = line.split()
        self.assertEqual(version, "2")
        return int(code), body

    def test_the_pages_are_there_over_http2_too(self):
        self.served = self.gateway(self.upstream(answering("ok")))
        self.assertEqual(self.ask("/health"), (200, "SERVING: Pieces OS answers"))
        code, text = self.ask("/metrics?x=1")
        self.assertEqual(code, 200)
        self.assertIn("models_gateway_build_info", text)
        code, head = self.ask("/metrics", "-I")
        self.assertEqual(code, 200)
        self.assertIn("content-type: text/plain; version=0.0.4; charset=utf-8", head)
        for target in ("/health", "/metrics"):
            self.assertEqual(self.ask(target, "-H", "Origin: null")[0], 403)
        self.assertEqual(self.ask("/")[0], 405)

    def test_health_says_why_not_and_ends_with_the_gateway(self):
        held = Held(answering("ok"))
        upstream = self.upstream(held)
        self.served = self.gateway(upstream)
        command = ["-s", "--http2-prior-knowledge", "--unix-socket", self.served.path, "http://localhost/health"]
        with subprocess.Popen([self.binary, *command], stdout=subprocess.PIPE, text=True) as asking:
            upstream.wait_for_requests(1)
            self.served.signal()
            self.assertEqual(asking.communicate(timeout=PATIENCE)[0], "NOT_SERVING: the gateway is shutting down\n")
        self.assertEqual(self.served.wait(), 0)


if __name__ == "__main__":
    unittest.main()
