"""What examples/install.sh puts below a prefix, what each of it is good for there, and that nothing of it stays."""

import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from support import INSTALL, ROOT, files, must, run

FILES = """\
bin/models-gateway
include/models_client.h
include/pieces/models/v1/models.pb-c.h
lib/libmodels-client.a
lib/libmodels-client.so
lib/libmodels-client.so.0
lib/pkgconfig/models-client.pc
lib/systemd/user/models-gateway.service
lib/systemd/user/models-gateway.socket
share/bash-completion/completions/models-gateway
share/fish/vendor_completions.d/models-gateway.fish
share/man/man1/models-gateway.1
share/models-gateway/manifest
share/models-gateway/models_gateway-VERSION-py3-none-any.whl
share/zsh/site-functions/_models-gateway
"""
PROGRAM = """
#include <models_client.h>
#include <stdio.h>
int main(void) {
    puts(models_client_version());
    models_client *client = models_client_new(NULL, NULL);
    models_client_free(client);
    return client == NULL;
}
"""
# As bash calls it for 'models-gateway sta' and the key.
COMPLETE = """
. "$0"
COMP_WORDS=(models-gateway sta) COMP_CWORD=1 COMP_LINE="models-gateway sta" COMP_POINT=18
_models-gateway models-gateway sta models-gateway
echo "${COMPREPLY[@]}"
"""


@contextlib.contextmanager
def started(*command):
    """The line in which a program says that it is ready, until the end of the block."""
    process = subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield next(line for line in process.stdout if "ready" in line)
    finally:
        process.terminate()
        process.communicate(timeout=60)


class InstalledTest(unittest.TestCase):
    """Everything is installed once, below a directory that is not there and has a blank in its name."""

    @classmethod
    def setUpClass(cls):
        directory = tempfile.TemporaryDirectory(prefix="installed-")
        cls.addClassCleanup(directory.cleanup)
        cls.directory = pathlib.Path(directory.name)
        cls.prefix = cls.directory / "not there" / "a prefix"
        cls.said = must(INSTALL, "--prefix", cls.prefix)
        cls.program = cls.prefix / "bin/models-gateway"

    def scratch(self):
        return pathlib.Path(tempfile.mkdtemp(dir=self.directory))

    def test_these_files_and_no_others(self):
        version = must(self.program, "--version").split()[0]
        self.assertEqual(files(self.prefix), FILES.replace("VERSION", version).splitlines())
        manifest = (self.prefix / "share/models-gateway/manifest").read_text().splitlines()
        self.assertEqual(files(self.prefix), sorted(line for line in manifest if not line.endswith("/")))

    def test_it_says_what_to_do_next(self):
        self.assertIn("models-gateway status", self.said)
        self.assertIn(f'export PATH="{self.prefix}/bin:$PATH"', self.said)
        self.assertIn(f'systemctl --user link "{self.prefix}/lib/systemd/user/models-gateway.socket"', self.said)

    def test_the_program_runs_without_an_environment_and_is_stripped(self):
        result = run(self.program, "--version", env={})
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        sections = must("readelf", "--sections", "--wide", self.program)
        self.assertIn(".dynsym", sections)
        self.assertNotIn(".symtab", sections)
        self.assertNotIn("swift", must("ldd", self.program))

    def test_it_serves_and_says_status_and_list(self):
        socket = self.scratch() / "socket"
        here = {**os.environ, "MODELS_GATEWAY_SOCKET": str(socket)}
        nobody = run(self.program, "status", env=here)
        self.assertEqual((nobody.returncode, nobody.stdout), (2, ""))
        with started(ROOT / ".build/debug/pieces-os-simulator", "--port", "0", "--models", "3") as ready:
            upstream = re.search(r"http://[0-9.:]+", ready)[0]
            with started(self.program, "serve", "--socket", socket, "--upstream", upstream):
                self.assertIn("Pieces OS: serving", must(self.program, "status", env=here))
                self.assertEqual(len(must(self.program, "list", "-q", env=here).split()), 3)

    def test_the_units_start_what_was_installed(self):
        units = self.prefix / "lib/systemd/user"
        service = (units / "models-gateway.service").read_text()
        self.assertIn(f'ExecStart="{self.program}" serve --listen', service)
        self.assertNotIn("by hand", service)
        if not shutil.which("systemd-analyze"):
            self.skipTest("systemd-analyze is not installed")
        home = self.scratch()
        result = run(
            "systemd-analyze", "--no-pager", "--man=no", "--user", "verify", *sorted(units.iterdir()),
            env={"LC_ALL": "C", "HOME": str(home), "XDG_RUNTIME_DIR": str(home)},
        )  # fmt: skip
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "", ""))

    def test_bash_completes(self):
        script = self.prefix / "share/bash-completion/completions/models-gateway"
        self.assertEqual(must("bash", "-c", COMPLETE, script), "status\n")

    @unittest.skipUnless(shutil.which("fish"), "fish is not installed")
    def test_fish_completes(self):
        script = self.prefix / "share/fish/vendor_completions.d/models-gateway.fish"
        home = {**os.environ, "HOME": str(self.scratch())}
        said = must("fish", "--no-config", "-c", 'source $argv[1]; complete -C "models-gateway sta"', script, env=home)
        self.assertIn("status", said.split())

    @unittest.skipUnless(shutil.which("zsh"), "zsh is not installed")
    def test_zsh_finds_its_completion(self):
        directory = self.prefix / "share/zsh/site-functions"
        must("zsh", "-n", directory / "_models-gateway")
        code = 'fpath=($1 $fpath); autoload -U compinit; compinit -D -u; echo $_comps[models-gateway]'
        self.assertEqual(must("zsh", "-f", "-c", code, "zsh", directory), "_models-gateway\n")

    @unittest.skipUnless(shutil.which("man"), "man is not installed")
    def test_the_manual_page_has_what_the_parser_knows_and_what_it_does_not(self):
        page = self.prefix / "share/man/man1/models-gateway.1"
        result = run("man", "--warnings", page, env={**os.environ, "LC_ALL": "C", "MANPAGER": "cat", "MANWIDTH": "100"})
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        for heading in ("NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS", "ENVIRONMENT", "FILES"):
            self.assertEqual(result.stdout.splitlines().count(heading), 1, heading)
        for wanted in ("serve", "clear-cache", "--max-unread", "130", "MODELS_GATEWAY_SOCKET", "gateway.sock"):
            self.assertIn(wanted, result.stdout)

    def test_a_program_in_c_is_built_with_what_pkg_config_says(self):
        scratch = self.scratch()
        (scratch / "program.c").write_text(PROGRAM)
        found = {**os.environ, "PKG_CONFIG_PATH": str(self.prefix / "lib/pkgconfig")}
        command = 'eval "cc -o program program.c $(pkg-config --cflags --libs models-client)"'
        must("sh", "-c", command, cwd=scratch, env=found)
        said = must(scratch / "program", env={"LD_LIBRARY_PATH": str(self.prefix / "lib")})
        self.assertEqual(said, must("pkg-config", "--modversion", "models-client", env=found))

    def test_pip_installs_the_wheel(self):
        wheel = next(self.prefix.glob("share/models-gateway/*.whl"))
        there = self.scratch()
        must(sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--target", there, wheel)
        code = "import models_gateway as m; print(m.__file__, m.Model(name='n').name)"
        said = must(sys.executable, "-c", code, env={"PYTHONPATH": str(there)})
        self.assertEqual(said, f"{there}/models_gateway/__init__.py n\n")


if __name__ == "__main__":
    unittest.main()
