"""The units of examples/systemd, judged by systemd itself."""

import re
import shutil
import subprocess
import unittest

from support.gateway import ROOT

UNITS = ROOT / "examples/systemd"
MOST_EXPOSURE = 1.5


@unittest.skipUnless(shutil.which("systemd-analyze"), "systemd-analyze is not installed")
class SystemdUnitTests(unittest.TestCase):
    def analyze(self, *arguments: str) -> str:
        # A user manager wants a runtime directory, though it looks at nothing there.
        environment = {"LC_ALL": "C", "XDG_RUNTIME_DIR": "/tmp"}
        command = ["systemd-analyze", "--no-pager", *arguments]
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
