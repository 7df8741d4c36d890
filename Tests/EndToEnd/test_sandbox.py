"""The bridge out of a sandbox, as examples/sandbox shows it."""

import subprocess
from pathlib import Path

from support.case import EndToEndTest
from support.gateway import BINARY, ROOT, SIMULATOR

SCRIPT = ROOT / "examples/sandbox/run.sh"


class SandboxTests(EndToEndTest):
    def setUp(self):
        try:
            trial = subprocess.run(
                ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "true"], capture_output=True, text=True
            )
        except FileNotFoundError:
            self.skipTest("bubblewrap is not installed")
        if trial.returncode != 0:
            self.skipTest(f"no sandbox can be made here: {trial.stderr.strip()}")

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
