"""The real binary as a child process."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
import time
from pathlib import Path
from resource import RLIMIT_NOFILE, setrlimit

ROOT = Path(__file__).resolve().parents[3]
BINARY = os.environ.get("GATEWAY", str(ROOT / ".build/debug/models-gateway"))
SIMULATOR = Path(BINARY).with_name("pieces-os-simulator")
SANITIZED = "SANITIZED" in os.environ
PATIENCE = 20.0


class Gateway:
    """`models-gateway serve`, started with the options given; ready when the constructor returns."""

    def __init__(
        self,
        *options: str,
        environment: dict[str, str] | None = None,
        umask: int = -1,
        wrapper: tuple[str, ...] = (),
        passed: tuple[int, ...] = (),
        user: int | None = None,
        descriptors: int | None = None,
    ):
        """`wrapper` is a command that ends by running the one that is appended to it."""
        self.process = subprocess.Popen(
            [*wrapper, BINARY, "serve", *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            umask=umask,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            preexec_fn=None if descriptors is None else lambda: setrlimit(RLIMIT_NOFILE, (descriptors, descriptors)),
            pass_fds=passed,
        )
        self.log: list[str] = []
        self._changed = threading.Condition()
        self._ended = False
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()
        self.ready_line = self.wait_for_log(r"\bready\b")

    @property
    def pid(self) -> int:
        return self.process.pid

    def wait_for_log(self, pattern: str) -> str:
        """The first line of the log that the pattern is found in, whatever its case."""
        with self._changed:
            self._changed.wait_for(lambda: self._line_with(pattern) or self._ended, PATIENCE)
            line = self._line_with(pattern)
        if line is None:
            self.process.kill()
            raise AssertionError(f"no log line has '{pattern}':\n" + "\n".join(self.log))
        return line

    def signal(self, number: int = signal.SIGTERM) -> None:
        self.process.send_signal(number)

    def wait(self) -> int:
        """The exit code."""
        try:
            code = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError("the gateway does not end:\n" + "\n".join(self.log)) from None
        self._reader.join(PATIENCE)
        self.process.stdout.close()
        self.process.stderr.close()
        return code

    def stop(self) -> None:
        """Ends it with SIGTERM unless it has ended already; it has to say 0."""
        if self.process.returncode is None:
            self.signal()
            self.wait()
        if self.process.returncode != 0:
            raise AssertionError(f"exit code {self.process.returncode}:\n" + "\n".join(self.log))

    def descriptors(self) -> int:
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def wait_for_descriptors(self, count: int) -> None:
        """Waits until the gateway has no more descriptors open than that."""
        end = time.monotonic() + PATIENCE
        while self.descriptors() > count:
            if time.monotonic() > end:
                raise AssertionError(f"{self.descriptors()} descriptors, not {count}")
            time.sleep(0.005)

    def memory(self, name: str) -> int:
        """`VmRSS` or `VmHWM`, in bytes. Always 0 where a sanitizer's own memory would be measured."""
        if SANITIZED:
            return 0
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1]) * 1024
        raise AssertionError(f"no {name} in /proc")

    def _line_with(self, pattern: str) -> str | None:
        return next((line for line in self.log if re.search(pattern, line, re.IGNORECASE)), None)

    def _read_log(self) -> None:
        for line in self.process.stderr:
            with self._changed:
                self.log.append(line.decode(errors="backslashreplace").rstrip("\n"))
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()
