"""What the tests of the installation share."""

import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
INSTALL = ROOT / "examples/install.sh"
DEBIAN = ROOT / "examples/debian.sh"


def run(*command, **options):
    """What a build or a download takes: the time is there so that nothing hangs for ever."""
    options = {"capture_output": True, "text": True, "timeout": 1800, "cwd": "/", **options}
    return subprocess.run([str(part) for part in command], **options)


def must(*command, **options):
    result = run(*command, **options)
    if result.returncode != 0:
        said = result.stdout[-2000:] + result.stderr[-2000:]
        raise AssertionError(f"{command} ended with {result.returncode}:\n{said}")
    return result.stdout


def files(directory):
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*") if not path.is_dir())
