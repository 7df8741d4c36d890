"""README.md, pasted block by block by someone who has a clone, and a gateway that runs."""

import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from support.command import CommandTest, model
from support.gateway import BINARY, ROOT
from support.pages import blocks

README = ROOT / "README.md"
LONGEST = 150
PATIENCE = 300
#: Blocks that build for release, change the machine or do not end: their commands have to be there and to know what they
#: are told.
NOT_RUN = ("Try it", "Install it")
#: What must have been pasted, by heading.
BLOCKS = {
    "Try it": ["sh"],
    "Install it": ["sh", "sh"],
    "From a shell": ["sh"],
    "From Python": ["sh", "python"],
    "From C": ["c", "sh"],
    "With gRPC": ["sh", "python"],
}


class ReadmeTests(CommandTest):
    def setUp(self):
        self.serve(model("a1", "One", provider="OPENAI"), model("b2", "Two", provider="GOOGLE"))
        self.clone = self.make_clone()
        self.home = self.directory()
        programs = self.directory()
        (programs / "models-gateway").symlink_to(Path(BINARY).resolve())
        virtual_environment = Path(sys.executable).parent
        self.environment = {
            "HOME": str(self.home),
            "LC_ALL": "C.UTF-8",
            "MODELS_GATEWAY_SOCKET": self.served.path,
            "PATH": f"{programs}:{virtual_environment}:/usr/bin:/bin",
        }

    def make_clone(self) -> Path:
        """What is in the tree, so that what is made beside it goes away again."""
        clone = self.directory()
        for entry in ("Sources", "Protos", "examples"):
            (clone / entry).symlink_to(ROOT / entry)
        return clone

    def run_pasted(self, *command: str, text: str, **environment: str) -> str:
        result = subprocess.run(
            command,
            input=text,
            cwd=self.clone,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        self.assertEqual((result.returncode, result.stderr), (0, ""), f"{text}\n{result.stdout}")
        return result.stdout

    def paste(self, heading: str, language: str, **environment: str) -> str:
        """Pastes the only block of that language below that heading, and says what came of it."""
        (block,) = [one for one in blocks(README) if (one.heading, one.language) == (heading, language)]
        if language == "sh":
            return self.run_pasted("bash", "-e", "-s", text=block.text, **environment)
        if language == "python":
            return self.run_pasted("python3", "-", text=block.text, **environment)
        (self.clone / "names.c").write_text(block.text)
        return ""

    def test_every_block_is_pasted_here(self):
        found: dict[str, list[str]] = {}
        for block in blocks(README):
            found.setdefault(block.heading, []).append(block.language)
        self.assertEqual(found, BLOCKS)

    def test_commands_that_build_or_serve_are_there(self):
        for block in blocks(README):
            for line in block.text.splitlines() if block.heading in NOT_RUN else ():
                with self.subTest(line):
                    self.assert_known(shlex.split(line, comments=True))
        for script in re.findall(r"`(examples/[a-z]+\.sh)`", README.read_text()):
            with self.subTest(script):
                self.assert_known([script])

    def assert_known(self, words: list[str]) -> None:
        if words[0] == "swift":
            self.assertIn(f'.executableTarget(\n            name: "{words[-1]}"', (ROOT / "Package.swift").read_text())
            return
        if words[0] == "systemctl":
            self.assertTrue(words[-1] == "daemon-reload" or (ROOT / "examples/systemd" / words[-1]).exists())
            return
        program = BINARY if words[0].endswith("/models-gateway") else str(ROOT / words[0])
        asked = subprocess.run([program, *words[1:], "--help"], capture_output=True, text=True, timeout=60)
        self.assertEqual((asked.returncode, asked.stderr), (0, ""))

    def test_the_shell(self):
        printed = self.paste("From a shell", "sh")
        for text in ("Pieces OS: serving", "One", '{"iterable":[{"id":"a1"', "StreamModelsSnapshot"):
            self.assertIn(text, printed)

    def test_python(self):
        # Without a network: what the package needs, and what builds it, is that of these tests.
        installed = Path(sysconfig.get_paths()["purelib"])
        offline = {"PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        self.paste("From Python", "sh", PYTHONPATH=str(installed), **offline)
        needed = self.directory()
        (needed / "google").symlink_to(installed / "google")
        own = {"PATH": f"{self.home}/models/bin:/usr/bin:/bin", "PYTHONPATH": str(needed)}
        self.assertEqual(self.paste("From Python", "python", **own), "One OPENAI\nTwo GOOGLE\n")
        where = "import models_gateway; print(models_gateway.__file__)"
        self.assertTrue(self.run_pasted("python3", "-", text=where, **own).startswith(str(self.home)))

    def test_c(self):
        self.paste("From C", "c")
        self.assertRegex(self.paste("From C", "sh"), r"(?m)^One\nTwo$")

    def test_grpcurl(self):
        if shutil.which("grpcurl", path=self.environment["PATH"]) is None:
            self.skipTest("there is no grpcurl")
        printed = self.paste("With gRPC", "sh")
        self.assertIn("pieces.models.v1.ModelsService\n", printed)
        self.assertIn('"name": "Two"', printed)
        # Without the variable it is where the gateway listens by itself.
        runtime = self.directory()
        (runtime / "models-gateway").mkdir()
        (runtime / "models-gateway/gateway.sock").symlink_to(self.served.path)
        del self.environment["MODELS_GATEWAY_SOCKET"]
        self.assertEqual(self.paste("With gRPC", "sh", XDG_RUNTIME_DIR=str(runtime)), printed)

    def test_python_with_grpc(self):
        self.assertIn("and `PYTHONPATH=Protos`", README.read_text())
        printed = self.paste("With gRPC", "python", PYTHONPATH="Protos")
        self.assertEqual(printed, "One OPENAI\nTwo GOOGLE\n")


class ShapeTests(CommandTest):
    def test_it_is_short(self):
        self.assertLessEqual(len(README.read_text().splitlines()), LONGEST)

    def test_it_begins_with_what_it_is_and_why(self):
        beginning = " ".join(README.read_text().splitlines()[:15])
        for reason in ("http://localhost:1000", "sandbox", "read", "kernel", "port", "lost", "Errors"):
            self.assertIn(reason, beginning)
