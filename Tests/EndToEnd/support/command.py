"""The client's commands of the real binary, run to their end: with pipes, or on a terminal of so many columns."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
import unicodedata
from dataclasses import dataclass

from .case import EndToEndTest
from .gateway import BINARY, PATIENCE
from .upstream import Exchange

OK, FAILED, UNREACHABLE, DEADLINE, NOT_SERVING, WRONG_COMMAND_LINE, INTERRUPTED = 0, 1, 2, 3, 4, 64, 130


@dataclass
class Ended:
    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    def json(self):
        return json.loads(self.out)

    def error(self) -> dict:
        """Of --json: one object on standard error, whose members are these."""
        error = json.loads(self.err)
        if list(error) != ["code", "reason", "message", "metadata"]:
            raise AssertionError(self.err)
        return error


class Terminal:
    """A command that sees a terminal wherever it looks."""

    def __init__(self, *arguments: str, columns: int = 80, interrupt=signal.SIG_DFL, **environment: str):
        self.output = ""
        pid, self._master = pty.fork()
        if pid == 0:
            # What a shell starts in the background ignores it, and so does what that starts.
            signal.signal(signal.SIGINT, interrupt)
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
            os.execve(BINARY, [BINARY, *arguments], environment_of(environment))
        self.pid = pid

    def wait_for(self, pattern: str) -> None:
        end = time.monotonic() + PATIENCE
        while not re.search(pattern, self.output):
            if not self._read(end):
                raise AssertionError(f"no {pattern} in {self.output!r}")

    def write(self, text: str) -> None:
        os.write(self._master, text.encode())

    def wait(self) -> int:
        """The exit code, once all has been read."""
        end = time.monotonic() + PATIENCE
        while self._read(end):
            pass
        os.close(self._master)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    @property
    def lines(self) -> list[str]:
        return self.output.replace("\r\n", "\n").splitlines()

    def _read(self, end: float) -> bool:
        if not select.select([self._master], [], [], max(end - time.monotonic(), 0))[0]:
            os.kill(self.pid, signal.SIGKILL)
            raise AssertionError(f"it does not end: {self.output!r}")
        try:
            read = os.read(self._master, 65536)
        except OSError:
            return False
        self.output += read.decode()
        return bool(read)


def environment_of(changes: dict[str, str]) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "COLUMNS")}
    return {**kept, "TERM": "xterm", **changes}


def width(text: str) -> int:
    """Columns of a terminal, as Unicode's own tables say."""
    columns = 0
    for character in text:
        if unicodedata.category(character) in ("Mn", "Me", "Cf"):
            continue
        columns += 2 if unicodedata.east_asian_width(character) in "WF" else 1
    return columns


def model(identifier: str, name: str, **more) -> dict:
    """One with all members that have to be there."""
    return {
        "id": identifier, "name": name, "version": "1", "type": "SPEED", "usage": "CODE_GENERATION", "cloud": False,
        "created": {"value": "2026-01-02T03:04:05.000Z"}, **more,
    }  # fmt: skip


class Pieces:
    """A script for an upstream: healthy, with these models, which can be deleted. Remembers what it was asked."""

    def __init__(self, *models: dict, **more):
        self.models = list(models)
        self.more = more
        self.requests = []
        self.refusal: tuple[int, str] | None = None
        self.health = "ok:1"

    def __call__(self, exchange: Exchange) -> None:
        request = exchange.request
        if request.target == "/.well-known/health":
            return exchange.answer(self.health)
        self.requests.append(request)
        if self.refusal:
            return exchange.answer(self.refusal[1], self.refusal[0])
        if request.target == "/models":
            return exchange.answer(json.dumps({"iterable": self.models, **self.more}))
        if request.target == "/models/create":
            return exchange.answer(json.dumps({**json.loads(request.body), "id": "made", "custom": True}))
        if request.target.endswith("/delete/cache"):
            return exchange.answer(json.dumps({"model": {"id": request.target.split("/")[2]}}))
        if request.target.endswith("/delete"):
            self.models = [model for model in self.models if model["id"] != request.target.split("/")[2]]
        exchange.answer(b"", 204)

    def targets(self) -> list[str]:
        return [request.target for request in self.requests]


class CommandTest(EndToEndTest):
    """Commands against a gateway in front of a scripted Pieces OS."""

    served = None

    def serve(self, *models: dict, options: tuple[str, ...] = (), **more) -> Pieces:
        self.pieces = Pieces(*models, **more)
        self.served = self.gateway(self.upstream(self.pieces), *options)
        return self.pieces

    def run_command(
        self, *arguments: str, stdin: str | None = None, stdout=None, user: int | None = None,
        wrapper: tuple[str, ...] = (), **environment: str,
    ) -> Ended:  # fmt: skip
        """Without a terminal; `--socket` is said for it unless it says it, or the environment does. `wrapper` is a command
        that ends by running the one that is appended to it."""
        result = subprocess.run(
            [*wrapper, BINARY, *self.with_socket(arguments, environment)],
            input=None if stdin is None else stdin.encode(),
            stdin=subprocess.DEVNULL if stdin is None else None,
            stdout=subprocess.PIPE if stdout is None else stdout,
            stderr=subprocess.PIPE,
            timeout=3 * PATIENCE,
            env=environment_of(environment),
            user=user,
            extra_groups=None if user is None else [],
        )
        return Ended(result.returncode, (result.stdout or b"").decode(), result.stderr.decode())

    def succeed(self, *arguments: str, **more) -> Ended:
        ended = self.run_command(*arguments, **more)
        self.assertEqual((ended.code, ended.err), (OK, ""), ended)
        return ended

    def expect(self, code: int, *arguments: str, **more) -> Ended:
        ended = self.run_command(*arguments, **more)
        self.assertEqual(ended.code, code, ended)
        self.assertNotIn("Fatal error", ended.err)
        return ended

    def terminal(self, *arguments: str, columns: int = 80, interrupt=signal.SIG_DFL, **environment: str) -> Terminal:
        return Terminal(*self.with_socket(arguments, environment), columns=columns, interrupt=interrupt, **environment)

    def with_socket(self, arguments: tuple[str, ...], environment: dict[str, str]) -> list[str]:
        is_named = any(argument.startswith("--socket") for argument in arguments)
        is_named = is_named or {"MODELS_GATEWAY_SOCKET", "XDG_RUNTIME_DIR"} & environment.keys()
        return [*arguments, *(["--socket", self.served.path] if self.served and not is_named else [])]
