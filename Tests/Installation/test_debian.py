"""The packages that examples/debian.sh makes, in a root that has nothing but the smallest Debian there is."""

import os
import pathlib
import platform
import shutil
import tempfile
import unittest
import urllib.request

from support import DEBIAN, ROOT, must, run

MADE = ROOT / ".build/debian"
NAMES = ["libmodels-client-dev", "libmodels-client0", "models-gateway", "python3-models-gateway"]


def sources():
    """The release of this machine, and where apt has its Debian from, if it can be reached."""
    described = "deb $(SITE) $(RELEASE) $(COMPONENT)"
    listed = must("apt-get", "indextargets", "--format", described, "Created-By: Packages", "Origin: Debian").splitlines()
    site, release = listed[0].split()[1:3]
    urllib.request.urlopen(f"{site}/dists/{release}/Release", timeout=20).close()
    return platform.freedesktop_os_release()["VERSION_CODENAME"], listed


class PackagesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not shutil.which("dpkg"):
            raise unittest.SkipTest("packages for Debian are made on Debian")
        must(DEBIAN)
        cls.packages = sorted(MADE.iterdir())

    def field(self, package, name):
        return must("dpkg-deb", "--field", package, name).strip()

    def test_these_four_and_nothing_else(self):
        architecture = must("dpkg", "--print-architecture").strip()
        version = self.field(self.packages[0], "Version")
        kinds = [architecture] * 3 + ["all"]
        expected = [f"{name}_{version}_{kind}.deb" for name, kind in zip(NAMES, kinds)]
        self.assertEqual([package.name for package in self.packages], expected)

    def test_they_say_what_they_need(self):
        dev, library, gateway, python = (self.field(package, "Depends") for package in self.packages)
        for needed in ("libc6", "libuv1", "libnghttp2-14", "libprotobuf-c1", "libsimdjson", "zlib1g"):
            self.assertIn(needed, gateway)
        self.assertIn("libprotobuf-c1", library)
        self.assertIn("libmodels-client0 (=", dev)
        self.assertIn("python3-protobuf (>= 3.20.2)", python)

    @unittest.skipUnless(os.geteuid() == 0, "only root can make a root")
    @unittest.skipUnless(shutil.which("mmdebstrap"), "mmdebstrap is not installed")
    def test_they_are_installed_run_and_purged_in_a_bare_root(self):
        try:
            release, lines = sources()
        except OSError as error:
            self.skipTest(f"there is no mirror of Debian: {error}")
        with tempfile.TemporaryDirectory(prefix="root-") as directory:
            root = pathlib.Path(directory)
            must("mmdebstrap", "--variant=minbase", release, root, *lines)
            for package in self.packages:
                shutil.copy(package, root / "tmp")

            here = [f"/tmp/{package.name}" for package in self.packages]
            self.inside(root, "apt-get", "update")
            self.inside(root, "apt-get", "install", "--no-install-recommends", *here)
            self.assertEqual(self.inside(root, "models-gateway", "--version"), "0.1.0\n")
            status = run("chroot", root, "models-gateway", "status")
            self.assertEqual((status.returncode, status.stdout), (2, ""))
            code = "import models_gateway as m; print(m.Model(name='n').name); m.Client(timeout=1).unload_models()"
            python = run("chroot", root, "python3", "-c", code)
            self.assertEqual(python.stdout, "n\n")
            self.assertIn("UNAVAILABLE: cannot connect", python.stderr)
            self.assertIn("libmodels-client.so.0 ", self.inside(root, "ldconfig", "-p"))
            service = (root / "usr/lib/systemd/user/models-gateway.service").read_text()
            self.assertIn("ExecStart=/usr/bin/models-gateway serve", service)

            self.assertNotEqual(self.ours(root), [])
            self.inside(root, "apt-get", "purge", "--autoremove", *NAMES)
            self.assertEqual(self.ours(root), [])

    def inside(self, root, *command):
        if command[0] == "apt-get":
            command = (command[0], "--yes", *command[1:])
        return must("chroot", root, *command, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"})

    def ours(self, root):
        """All that carries one of our names; what dpkg writes down of a package goes when it is purged."""
        names = ("models-gateway", "models-client", "models_gateway", "models_client", "pieces")
        found = (path for path in root.rglob("*") if path.relative_to(root).parts[0] not in ("proc", "sys", "dev"))
        return [path for path in found if path.parent != root / "tmp" and any(name in path.name for name in names)]


if __name__ == "__main__":
    unittest.main()
