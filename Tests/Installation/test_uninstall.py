"""Installing again and elsewhere, taking away again, and what a wrong command line is told."""

import os
import pathlib
import tempfile
import unittest

from support import DEBIAN, INSTALL, files, must, run

# Stands for a user's systemd, which a test machine has none of.
SYSTEMCTL = """#!/bin/sh
echo "$@" >>"$CALLS"
if [ "$2" = show ]; then echo "$UNIT"; fi
"""


class ReplacedAndRemovedTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="removed-")
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)

    def test_a_second_installation_replaces_the_first_and_uninstalling_leaves_nothing(self):
        prefix = self.directory / "one/two"
        must(INSTALL, f"--prefix={prefix}")
        first = files(prefix)
        # A version that had one file more, in a directory of its own.
        manifest = prefix / "share/models-gateway/manifest"
        (prefix / "old").mkdir()
        (prefix / "old/file").touch()
        manifest.write_text(f"old/file\nold/\n{manifest.read_text()}")
        must(INSTALL, "--prefix", prefix)
        self.assertEqual(files(prefix), first)
        self.assertFalse((prefix / "old").exists())

        must(INSTALL, "--uninstall", "--prefix", prefix)
        self.assertEqual(list(self.directory.iterdir()), [])
        again = run(INSTALL, "--uninstall", "--prefix", prefix)
        self.assertEqual((again.returncode, again.stdout), (1, ""))
        self.assertIn(f"nothing is installed below {prefix}", again.stderr)

    def test_another_root_and_a_home_whose_directories_are_links(self):
        root, home = self.directory / "root", "/home/someone"
        (root / "home/someone/elsewhere").mkdir(parents=True)
        (root / "home/someone/.local").mkdir(mode=0o700)
        (root / "home/someone/.local/share").symlink_to("../elsewhere")
        before = sorted(root.rglob("*"))
        there = {**os.environ, "DESTDIR": str(root), "HOME": home}
        must(INSTALL, "--prefix", f"{home}/.local", env=there)
        service = root / "home/someone/elsewhere/systemd/user/models-gateway.service"
        self.assertIn(f"ExecStart={home}/.local/bin/models-gateway serve", service.read_text())
        found = root / "home/someone/.local/lib/pkgconfig/models-client.pc"
        self.assertIn(f"prefix={home}/.local\n", found.read_text())
        self.assertEqual((root / "home/someone/.local").stat().st_mode & 0o777, 0o700)
        # What somebody else has put into a directory that was made keeps it there.
        other = root / "home/someone/.local/bin/other"
        other.touch()
        must(INSTALL, "--uninstall", "--prefix", f"{home}/.local", env=there)
        self.assertEqual(sorted(root.rglob("*")), sorted([*before, other.parent, other]))

    def test_without_a_prefix_it_is_the_users_own_and_for_root_the_machines(self):
        self.directory.chmod(0o755)
        there = {**os.environ, "DESTDIR": str(self.directory), "HOME": "/home/someone"}
        for user in (0, 65534) if os.geteuid() == 0 else (os.geteuid(),):
            prefix = "/usr/local" if user == 0 else "/home/someone/.local"
            result = run(INSTALL, "--uninstall", env=there, user=user)
            self.assertEqual((result.returncode, result.stdout), (1, ""))
            self.assertIn(f"nothing is installed below {self.directory}{prefix}:", result.stderr)

    def uninstalled_with(self, unit):
        """What systemctl is asked for, if the unit that it knows is this one."""
        prefix, tools, calls = self.directory / "p", self.directory / "tools", self.directory / "calls"
        for directory in (prefix / "share/models-gateway", prefix / "lib/systemd/user", tools):
            directory.mkdir(parents=True, exist_ok=True)
        (prefix / "lib/systemd/user/models-gateway.socket").touch()
        (prefix / "share/models-gateway/manifest").write_text("lib/systemd/user/models-gateway.socket\n")
        (tools / "systemctl").write_text(SYSTEMCTL)
        (tools / "systemctl").chmod(0o755)
        calls.write_text("")
        environment = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "CALLS": str(calls), "UNIT": str(unit)}
        must(INSTALL, "--uninstall", "--prefix", prefix, env=environment)
        return calls.read_text().splitlines()[1:]

    def test_units_that_run_are_stopped_and_disabled(self):
        calls = self.uninstalled_with(self.directory / "p/lib/systemd/user/models-gateway.socket")
        self.assertEqual(
            calls, ["--user disable --now models-gateway.socket models-gateway.service", "--user daemon-reload"]
        )

    def test_units_of_another_installation_are_left_alone(self):
        self.assertEqual(self.uninstalled_with("/usr/lib/systemd/user/models-gateway.socket"), [])
        self.assertEqual(self.uninstalled_with(""), [])


class CommandLineTest(unittest.TestCase):
    def test_help(self):
        for script in (INSTALL, DEBIAN):
            result = run(script, "--help")
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            self.assertIn(f"usage: examples/{script.name}", result.stdout)

    def test_a_wrong_command_line_is_told_what_was_meant(self):
        for arguments, said in (
            (["--prefix"], "--prefix needs a directory"),
            (["--prefix="], "--prefix needs a directory"),
            (["--prefix", "--uninstall"], "one of that name is ./--uninstall"),
            (["--prefix", "/"], "another directory than /"),
            (["--prefix", "/x/../"], "another directory than /"),
            (["--prefix", "/a%b"], "takes no directory with"),
            (["--prefix", "/a\nb"], "takes no directory with"),
            (["--prefx", "/opt"], "--prefix DIR is meant"),
            (["uninstall"], "--uninstall is meant"),
            (["/opt"], "--prefix '/opt'"),
            (["--verbose"], "there are --prefix DIR, --uninstall and --help"),
        ):
            with self.subTest(arguments):
                result = run(INSTALL, *arguments)
                self.assertEqual((result.returncode, result.stdout), (64, ""))
                self.assertIn(said, result.stderr)
        result = run(DEBIAN, "--no-such-option")
        self.assertEqual((result.returncode, result.stdout), (64, ""))
        self.assertIn("'--no-such-option' is more than it takes", result.stderr)

    def test_a_prefix_that_cannot_be_used_is_refused_before_the_build(self):
        result = run(INSTALL, "--prefix", "/etc/passwd/below")
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertIn("/etc/passwd is not a directory", result.stderr)


if __name__ == "__main__":
    unittest.main()
