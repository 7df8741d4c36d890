"""What a process may find itself in: closed descriptors, no /proc, no room for the log, few descriptors."""

import os
import re
import signal
import socket
import subprocess
import unittest
from pathlib import Path
from resource import RLIMIT_FSIZE, RLIMIT_NOFILE, setrlimit

from test_command_line import REFUSED, WRONG_COMMAND_LINE, CommandLineTest

from support.client import Client
from support.gateway import BINARY, PATIENCE, SANITIZED, Gateway
from support.service_manager import NotificationSocket, activation, close_all
from support.upstream import Held

UPSTREAM = "http://127.0.0.1:9"
NOT_UTF8 = "\udcff\udc80"


class SurroundingsTest(CommandLineTest):
    CLOSED = {"<&-": [0], ">&-": [1], "2>&-": [2], "<&- >&-": [0, 1], "<&- >&- 2>&-": [0, 1, 2]}

    def closing(self, redirections: str) -> tuple[str, ...]:
        return ("sh", "-c", f'exec "$@" {redirections}', "sh")

    def hiding(self, directory: str) -> tuple[str, ...]:
        """A wrapper for a command that is to see an empty directory there."""
        command = f'mount -t tmpfs none {directory} && exec "$@"'
        wrapper = ("unshare", "--mount", "--map-root-user", "sh", "-c", command, "sh")
        trial = subprocess.run([*wrapper, "true"], capture_output=True, text=True)
        if trial.returncode != 0:
            self.skipTest(f"{directory} cannot be hidden here: {trial.stderr.strip()}")
        return wrapper

    def start(self, wrapper: tuple[str, ...], **more) -> tuple[subprocess.Popen, str]:
        """A gateway that may be unable to log that it is ready, when it is ready all the same; and its socket."""
        directory = self.directory()
        manager = NotificationSocket(str(directory / "notify"))
        self.addCleanup(manager.close)
        path = str(directory / "gateway.sock")
        process = subprocess.Popen(
            [*wrapper, BINARY, "serve", "--socket", path, "--upstream", UPSTREAM],
            env=dict(os.environ, NOTIFY_SOCKET=manager.address),
            **more,
        )
        self.addCleanup(self.kill, process)
        self.assertEqual(manager.receive(), "READY=1")
        return process, path

    def kill(self, process: subprocess.Popen) -> None:
        process.kill()
        process.wait()

    def assert_serves(self, path: str | Path) -> None:
        client = Client(str(path))
        self.addCleanup(client.close)
        self.assertEqual(client.call("ModelsSnapshot").reason, "UPSTREAM_UNREACHABLE")

    def assert_ends(self, process: subprocess.Popen) -> None:
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(PATIENCE), 0)


class StandardDescriptorTests(SurroundingsTest):
    def test_those_that_are_closed_lead_nowhere_and_the_gateway_serves_and_ends(self):
        for redirections, closed in self.CLOSED.items():
            with self.subTest(redirections):
                process, path = self.start(self.closing(redirections), stderr=subprocess.DEVNULL)
                for descriptor in closed:
                    self.assertEqual(os.readlink(f"/proc/{process.pid}/fd/{descriptor}"), "/dev/null")
                self.assert_serves(path)
                self.assert_ends(process)

    def test_there_need_be_no_dev_null(self):
        wrapper = self.hiding("/dev")
        process, path = self.start((*wrapper, *self.closing("<&- >&- 2>&-")), stderr=subprocess.DEVNULL)
        self.assert_serves(path)
        self.assert_ends(process)

    def test_a_wrong_command_line_is_one_with_all_of_them_closed(self):
        for redirections in self.CLOSED:
            result = subprocess.run([*self.closing(redirections), BINARY, "serve", "--nonsense"], capture_output=True)
            self.assertEqual(result.returncode, WRONG_COMMAND_LINE, redirections)

    def test_sockets_that_are_passed_on_keep_their_numbers(self):
        with self.listener() as passed:
            manager = activation([passed])
            self.addCleanup(close_all, manager["passed"])
            manager["wrapper"] += self.closing("<&- >&-")
            gateway = Gateway("--upstream", UPSTREAM, **manager)
            self.addCleanup(gateway.stop)
            self.assert_serves(passed.getsockname())

    def listener(self) -> socket.socket:
        sock = socket.socket(socket.AF_UNIX)
        sock.bind(str(self.directory() / "passed.sock"))
        sock.listen()
        return sock


@unittest.skipIf(SANITIZED, "the sanitizer reads /proc itself")
class WithoutProcTests(SurroundingsTest):
    def setUp(self):
        self.wrapper = self.hiding("/proc")

    def test_it_serves_with_the_options_that_were_given(self):
        path = str(self.directory() / "gateway.sock")
        gateway = Gateway("--socket", path, "--upstream", UPSTREAM, wrapper=self.wrapper)
        self.addCleanup(gateway.stop)
        self.assertIn(f"socket={path} upstream={UPSTREAM}", gateway.ready_line)
        self.assert_serves(path)

    def test_a_wrong_command_line_is_refused(self):
        for arguments in (["serve", "--nonsense"], ["nonsense"], ["--nonsense"]):
            result = subprocess.run([*self.wrapper, BINARY, *arguments], capture_output=True, text=True)
            self.assertEqual(result.returncode, WRONG_COMMAND_LINE, result)
            self.assertIn("nonsense", result.stderr)


class TextTests(SurroundingsTest):
    def test_an_argument_that_is_not_utf_8_is_refused_and_named(self):
        directory = self.directory()
        path = f"{directory}/{NOT_UTF8}"
        for arguments in (
            ("--socket", path), (f"--socket={path}",), ("--listen", f"path={path}"), ("--upstream", f"unix:{path}"),
            ("--log-level", NOT_UTF8), ("--deadline", NOT_UTF8),
        ):  # fmt: skip
            with self.subTest(arguments):
                result = self.run_gateway("serve", *arguments)
                self.assertEqual(result.returncode, WRONG_COMMAND_LINE, result)
                self.assertIn(arguments[0].split("=")[0], result.stderr)
                self.assertIn("\\xFF\\x80", result.stderr)
                self.assertEqual(os.listdir(directory), [])
        self.assertEqual(self.run_gateway(NOT_UTF8).returncode, WRONG_COMMAND_LINE)

    def test_a_runtime_directory_that_is_not_utf_8_is_refused_and_named(self):
        runtime = self.directory() / NOT_UTF8
        runtime.mkdir()
        result = self.run_gateway("serve", XDG_RUNTIME_DIR=str(runtime))
        self.assertEqual(result.returncode, WRONG_COMMAND_LINE, result)
        self.assertIn("XDG_RUNTIME_DIR", result.stderr)
        self.assertIn("\\xFF\\x80", result.stderr)
        self.assertEqual(os.listdir(runtime), [])

    def test_text_beyond_ascii_is_used_as_it_is(self):
        path = self.directory() / "möbel 家具.sock"
        gateway = Gateway("--socket", str(path), "--upstream", UPSTREAM)
        self.addCleanup(gateway.stop)
        self.assert_serves(path)

    def test_an_empty_environment_is_enough(self):
        path = self.directory() / "gateway.sock"
        gateway = Gateway("--socket", str(path), "--upstream", "auto", environment={})
        self.addCleanup(gateway.stop)
        self.assert_serves(path)


class LogTests(SurroundingsTest):
    """A log that cannot be written is lost, and nothing else is."""

    def limit_files(self) -> None:
        setrlimit(RLIMIT_FSIZE, (8, 8))

    def test_a_log_at_the_size_limit_of_files_ends_nothing(self):
        log = self.directory() / "log"
        with log.open("wb") as file:
            process, path = self.start((), stderr=file, preexec_fn=self.limit_files)
            self.assert_serves(path)
            self.assert_ends(process)
        self.assertEqual(log.stat().st_size, 8)

    def test_a_full_disk_ends_nothing(self):
        with open("/dev/full", "wb") as full:
            process, path = self.start((), stderr=full)
            self.assert_serves(path)
            self.assert_ends(process)

    def test_what_is_refused_has_its_exit_code_at_the_size_limit_too(self):
        for options, code in ((["--nonsense"], WRONG_COMMAND_LINE), (["--socket", "/missing/socket"], REFUSED)):
            with (self.directory() / "log").open("wb") as file:
                process = subprocess.Popen(
                    [BINARY, "serve", *options], stdout=file, stderr=file, preexec_fn=self.limit_files
                )
                self.assertEqual(process.wait(PATIENCE), code)


class FewDescriptorTests(SurroundingsTest):
    def test_calls_wait_for_connections_that_there_are_no_descriptors_for(self):
        held = Held()
        upstream = self.upstream(held)
        gateway = self.gateway(upstream, descriptors=40)
        self.assertEqual(len([line for line in gateway.log if " warning " in line]), 1, gateway.log)
        warning = gateway.wait_for_log(" warning ")
        self.assertIn("ulimit -n", warning)
        clients, connections = (int(re.search(rf"\b{name}=(\d+)", warning)[1]) for name in ("clients", "upstream"))
        client = self.client(gateway)
        ids = [client.request("UnloadModels") for _ in range(60)]
        upstream.wait_for_requests(connections)
        # So many clients are served beside them, and no more.
        others = [self.client(gateway) for _ in range(clients - 1)]
        for other in others:
            self.assertEqual(other.call("NoSuchMethod").reason, "UNKNOWN_METHOD")
        self.assertEqual(self.client(gateway).wait_until_closed(), [])
        self.assertEqual(len(upstream.requests), connections)
        held.release(60)
        for stream_id in ids:
            self.assert_ok(client.response(stream_id))
        self.assertEqual(len(upstream.requests), 60)

    def test_who_has_enough_is_not_warned(self):
        options = ("--max-connections", "100", "--max-upstream-connections", "50")
        gateway = self.gateway(UPSTREAM, *options, descriptors=200)
        self.assertEqual(len(gateway.log), 1, gateway.log)

    def test_what_is_open_already_counts(self):
        """A service manager's sockets take descriptors as well."""
        pipes = [descriptor for _ in range(10) for descriptor in os.pipe()]
        self.addCleanup(lambda: [os.close(descriptor) for descriptor in pipes])
        upstream = self.upstream()
        gateway = self.gateway(upstream, descriptors=60, passed=tuple(pipes))
        client = self.client(gateway)
        ids = [client.request("UnloadModels") for _ in range(60)]
        for stream_id in ids:
            self.assert_ok(client.response(stream_id))

    def test_too_few_for_anything_is_refused(self):
        for count in range(8, 20):
            result = subprocess.run(
                [BINARY, "serve", "--socket", self.directory() / "gateway.sock"],
                capture_output=True,
                text=True,
                timeout=20,
                preexec_fn=lambda: setrlimit(RLIMIT_NOFILE, (count, count)),
            )
            self.assertEqual(result.returncode, REFUSED, result)
            self.assertIn("ulimit -n", result.stderr)
