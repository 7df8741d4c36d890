"""What is installed: its names, its types, what it imports, and whom it gets along with."""

import importlib.metadata
import os
import pathlib
import subprocess
import sys
import unittest

import models_gateway
from scripted import ROOT, PackageTest

PROGRAM = """
from pathlib import Path
from uuid import uuid4

import models_gateway
from models_gateway import AsyncClient, Client, Code, SeededModel, Unavailable

with Client(Path("/x"), timeout=5, metadata={"application": "a"}) as gateway:
    for model in gateway.models_snapshot(timeout=None).iterable:
        print(model.name.upper(), model.created.value.ToDatetime())
    for part in gateway.stream_models_snapshot(metadata=[("a", "b")]):
        print(len(part.iterable))
    gateway.models_delete_specific_model(uuid4())
    seed = SeededModel(name="x", type=models_gateway.MODEL_TYPE_SPEED)
    print(gateway.models_create_new_model(seed).id + "x", gateway.status().upstream.location + "x")
    try:
        gateway.unload_models(timeout=1)
    except Unavailable as error:
        sent: bool | None = error.request_sent
        code: Code = error.code


async def main() -> None:
    async with AsyncClient() as gateway:
        print((await gateway.models_snapshot()).iterable[0].name + "x")
        async for part in gateway.stream_models_snapshot():
            print(part.iterable[0].max_tokens.total + 1.0)
"""

# What the stubs say on purpose otherwise than the modules: names for types alone, and what protoc writes.
ALLOWED = r"""
models_gateway\.__all__
models_gateway\.[A-Z_]+
models_gateway\.(Model(Type|Usage)|SemanticVersion|UpstreamState)
models_gateway\._arguments\.(Metadata|ModelID|Path|Timeout)
models_gateway\._connection\.Frame
models_gateway\._generated\..*
"""


class InstalledTests(PackageTest):
    def test_it_brings_protobuf_and_nothing_else(self):
        distribution = importlib.metadata.distribution("models-gateway")
        required = [line for line in distribution.requires if "extra" not in line]
        self.assertEqual([line.replace(" ", "").strip("()") for line in required], ["protobuf>=3.20.2"])
        [types] = [line for line in distribution.requires if "extra" in line]
        self.assertRegex(types, "^types-protobuf; extra == .types.$")
        self.assertEqual(distribution.metadata["Requires-Python"], ">=3.9")
        self.assertEqual(distribution.version, models_gateway.__version__)

    def test_its_only_name_at_the_top_is_models_gateway(self):
        files = importlib.metadata.files("models-gateway")
        tops = {file.parts[0] for file in files if not file.parts[0].endswith(".dist-info")}
        self.assertEqual(tops, {"models_gateway"})
        self.assertEqual({file.suffix for file in files if file.parts[0] in tops} - {".pyc"}, {".py", ".pyi", ".typed"})

    def test_every_module_has_its_stub(self):
        modules = {file.with_suffix("") for file in self.package().rglob("*.py")}
        stubs = {file.with_suffix("") for file in self.package().rglob("*.pyi")}
        self.assertEqual(modules - stubs, {self.package() / "_generated/__init__"})
        self.assertTrue((self.package() / "py.typed").exists())

    def package(self):
        return pathlib.Path(models_gateway.__file__).parent

    def test_the_names_that_are_promised(self):
        errors = "ModelsError NotFound Unavailable DeadlineExceeded Unauthenticated Cancelled InvalidArgument"
        messages = "Models Model SeededModel ModelDeleteCacheInput ModelDeleteCacheOutput StatusResponse"
        names = ["Client", "AsyncClient", "Code", "MODEL_TYPE_SPEED", *errors.split(), *messages.split()]
        self.assertEqual([name for name in names if not hasattr(models_gateway, name)], [])
        self.assertEqual([name for name in names if name not in models_gateway.__all__], [])
        self.assertEqual([name for name in names if name not in dir(models_gateway)], [])
        with self.assertRaisesRegex(AttributeError, "models_gateway.*NoSuchName"):
            models_gateway.NoSuchName
        namespace = {}
        exec("from models_gateway import *", namespace)
        self.assertEqual([name for name in names if name not in namespace], [])


class ImportTests(PackageTest):
    def test_without_its_protobuf_it_says_what_to_install(self):
        old = self.directory()
        for package in ("google", "google/protobuf", "google/protobuf/internal"):
            (old / package).mkdir()
            (old / package / "__init__.py").touch()
        code = "try: import models_gateway\nexcept ImportError as error: print(error)"
        printed = self.run_python(code, env={**os.environ, "PYTHONPATH": str(old)})
        self.assertRegex(printed, r"^models_gateway needs protobuf 3\.20\.2 or later: pip install .*protobuf$")

    def test_asyncio_ssl_and_logging_are_not_imported_until_used(self):
        gateway = self.scripted()
        code = """
import sys, models_gateway
client = models_gateway.Client(sys.argv[1])
client.unload_models()
list(client.stream_models_snapshot())
for name in ("asyncio", "ssl", "logging", "google.rpc", "uvloop"):
    if name in sys.modules:
        print(name)
models_gateway.AsyncClient
print("asyncio" in sys.modules)
"""
        self.assertEqual(self.run_python(code, gateway.path), "True")

    def test_it_gets_along_with_others_definitions_in_any_order(self):
        """Of google.rpc, of this very contract, and of a file with the same name."""
        made = self.directory()
        subprocess.run(
            ["protoc", f"-I{ROOT / 'Protos'}", f"--python_out={made}", "pieces/models/v1/models.proto",
             "pieces/gateway/v1/control.proto", "pieces/gateway/v1/options.proto"],
            check=True,
        )  # fmt: skip
        for name in ("models", "control"):
            (made / f"{name}.proto").write_text('syntax = "proto3"; package other; message M%s {}' % name)
            subprocess.run(["protoc", f"-I{made}", f"--python_out={made}", f"{name}.proto"], check=True)
        others = [
            "from google.rpc import status_pb2, error_details_pb2",
            "from pieces.models.v1 import models_pb2; from pieces.gateway.v1 import control_pb2",
            "import models_pb2, control_pb2",
        ]
        ours = "import models_gateway; models_gateway.StatusResponse, models_gateway.AsyncClient"
        check = """
import sys
gateway = models_gateway.Client(sys.argv[1])
try:
    gateway.unload_models()
except models_gateway.NotFound as error:
    print(error)
"""
        gateway = self.scripted(lambda request: request.fail(5, "text", "REASON"))
        environment = {**os.environ, "PYTHONPATH": str(made)}
        for order in ([ours, *others], [*others, ours], [others[0], ours, *others[1:]]):
            with self.subTest(order):
                printed = self.run_python("\n".join([*order, check]), gateway.path, env=environment)
                self.assertEqual(printed, "NOT_FOUND (REASON): text")


@unittest.skipIf(not importlib.util.find_spec("mypy"), "mypy is not installed")
class TypeTests(PackageTest):
    def mypy(self, module, *arguments):
        command = [sys.executable, "-m", module, *arguments]
        return subprocess.run(command, capture_output=True, text=True, cwd=self.directory(), timeout=300)

    def strict(self, text):
        program = self.directory() / "program.py"
        program.write_text(text)
        result = self.mypy("mypy", "--strict", "--cache-dir", str(ROOT / ".build/mypy"), str(program))
        return result.returncode, result.stdout

    def test_mypy_accepts_what_is_right(self):
        self.assertEqual(self.strict(PROGRAM)[0], 0, self.strict(PROGRAM)[1])

    def test_mypy_finds_what_is_misspelt(self):
        wrong = {
            "Client().models_snapshot().iterable[0].naem": 'has no attribute "naem"',
            "Client().models_snapshot().iterabel": 'has no attribute "iterabel"',
            "SeededModel(naem='x')": '"naem"',
            "Client().status().upstraem": 'has no attribute "upstraem"',
            "Client().unload_modles()": 'has no attribute "unload_modles"',
            "Client(timeout='5')": "incompatible type",
            "Client().models_delete_specific_model(5)": "incompatible type",
        }
        lines = [f"{line}\n" for line in wrong]
        code, printed = self.strict("from models_gateway import Client, SeededModel\n" + "".join(lines))
        self.assertEqual(code, 1)
        for number, (line, problem) in enumerate(wrong.items(), 2):
            self.assertRegex(printed, f"program.py:{number}: error: .*{problem}", line)

    def test_the_stubs_are_those_of_the_modules(self):
        allowed = self.directory() / "allowed"
        allowed.write_text(ALLOWED)
        result = self.mypy(
            "mypy.stubtest", "models_gateway", "--allowlist", str(allowed), "--ignore-unused-allowlist", "--concise"
        )
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)


if __name__ == "__main__":
    unittest.main()
