"""The units of examples/systemd, judged by systemd itself."""

import re
import shutil
import subprocess
import unittest
from pathlib import Path

from support.case import EndToEndTest
from support.gateway import BINARY, ROOT

UNITS = ROOT / "examples/systemd"
MOST_EXPOSURE = 1.5


@unittest.skipUnless(shutil.which("systemd-analyze"), "systemd-analyze is not installed")
class SystemdUnitTests(EndToEndTest):
    def analyze(self, *arguments: str) -> str:
        # Where the service looks for the gateway; a user manager wants a runtime directory too.
        home = self.directory()
        (home / ".local/bin").mkdir(parents=True)
        (home / ".local/bin/models-gateway").symlink_to(Path(BINARY).resolve())
        environment = {"LC_ALL": "C", "HOME": str(home), "XDG_RUNTIME_DIR": str(home)}
        command = ["systemd-analyze", "--no-pager", "--man=no", *arguments]
        result = subprocess.run(command, capture_output=True, text=True, timeout=20, env=environment)
        self.assertEqual(result.returncode, 0, result)
        # What it cannot parse it only complains of.
        self.assertEqual(result.stderr, "")
        return result.stdout

    def test_the_service_is_exposed_no_more_than_it_promises(self):
        for manager in ("--system", "--user"):
            with self.subTest(manager):
                said = self.analyze(manager, "security", "--offline=true", str(UNITS / "models-gateway.service"))
                exposure = re.search(r"Overall exposure level for models-gateway\.service: ([0-9.]+)", said)
                self.assertIsNotNone(exposure, said)
                self.assertLessEqual(float(exposure[1]), MOST_EXPOSURE)

    def test_a_user_manager_can_load_both(self):
        units = [str(UNITS / f"models-gateway.{kind}") for kind in ("socket", "service")]
        self.assertEqual(self.analyze("--user", "verify", *units), "")
