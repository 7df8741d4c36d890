"""The socket: its place, its mode, and what becomes of something that is there already."""

import os
import signal
import socket
import stat
import subprocess
from pathlib import Path

from test_command_line import REFUSED, WRONG_COMMAND_LINE, CommandLineTest
from test_policy import NOBODY, as_root

from support.client import Client
from support.gateway import BINARY, PATIENCE, SANITIZED, Gateway
from support.upstream import Held
from support.watch import ATTRIBUTES, CREATED, Watch

UPSTREAM = "http://127.0.0.1:9"


class SocketTest(CommandLineTest):
    def serve(self, *options: str, **more) -> Gateway:
        gateway = Gateway("--upstream", UPSTREAM, *options, **more)
        self.addCleanup(gateway.stop)
        return gateway

    def assert_serves(self, path: str | Path):
        client = Client(str(path))
        self.addCleanup(client.close)
        self.assertEqual(client.call("ModelsSnapshot").reason, "UPSTREAM_UNREACHABLE")

    def mode(self, path: str | Path) -> int:
        return stat.S_IMODE(os.lstat(path).st_mode)


class SocketPlaceTests(SocketTest):
    def test_the_default_is_a_private_directory_in_the_runtime_directory(self):
        runtime = self.directory()
        self.serve(environment=dict(os.environ, XDG_RUNTIME_DIR=str(runtime)), umask=0)
        path = runtime / "models-gateway/gateway.sock"
        self.assert_serves(path)
        self.assertEqual(self.mode(path.parent), 0o700)
        self.assertEqual(self.mode(path), 0o600)

    def test_without_a_runtime_directory_it_is_in_tmp(self):
        directory = Path(f"/tmp/models-gateway-{os.getuid()}")
        if directory.exists():
            self.skipTest(f"{directory} is in use")
        self.addCleanup(directory.rmdir)
        environment = {name: value for name, value in os.environ.items() if name != "XDG_RUNTIME_DIR"}
        gateway = self.serve(environment=environment, umask=0)
        self.assert_serves(directory / "gateway.sock")
        self.assertEqual(self.mode(directory), 0o700)
        self.assertEqual(self.mode(directory / "gateway.sock"), 0o600)
        gateway.stop()

    def test_a_default_directory_of_somebody_else_is_not_used(self):
        runtime = self.directory()
        elsewhere = self.directory()
        (runtime / "models-gateway").symlink_to(elsewhere)
        environment = dict(os.environ, XDG_RUNTIME_DIR=str(runtime))
        if os.getuid() == 0:
            os.chown(elsewhere, 65534, 65534)
        result = self.run_gateway("serve", "--upstream", UPSTREAM, **environment)
        self.assertEqual(result.returncode, REFUSED, result)
        self.assertEqual(os.listdir(elsewhere), [])

    @as_root
    def test_a_runtime_directory_of_another_user_is_not_used(self):
        """As with `sudo -E`: what root would leave there keeps that user's own gateway out."""
        runtime = self.directory()
        os.chown(runtime, NOBODY, NOBODY)
        result = self.run_gateway("serve", "--upstream", UPSTREAM, XDG_RUNTIME_DIR=str(runtime))
        self.assertEqual(result.returncode, REFUSED, result)
        for word in ("XDG_RUNTIME_DIR", str(runtime), str(NOBODY), "--socket", "unset"):
            self.assertIn(word, result.stderr)
        self.assertEqual(os.listdir(runtime), [])

    def test_a_runtime_directory_that_is_not_there_is_named_and_what_to_do(self):
        runtime = self.directory() / "missing"
        result = self.run_gateway("serve", "--upstream", UPSTREAM, XDG_RUNTIME_DIR=str(runtime))
        self.assertEqual(result.returncode, REFUSED, result)
        for word in ("XDG_RUNTIME_DIR", str(runtime), "--socket", "unset"):
            self.assertIn(word, result.stderr)
        self.assertFalse(runtime.exists())

    def test_a_default_directory_that_is_there_is_used_again(self):
        runtime = self.directory()
        environment = dict(os.environ, XDG_RUNTIME_DIR=str(runtime))
        for _ in range(2):
            gateway = self.serve(environment=environment)
            self.assert_serves(runtime / "models-gateway/gateway.sock")
            gateway.stop()

    def test_a_path_of_107_bytes_is_the_longest(self):
        directory = self.directory()
        longest = str(directory / ("x" * (107 - len(str(directory)) - 1)))
        self.serve("--socket", longest)
        self.assert_serves(longest)
        self.assertEqual(os.listdir(directory), [os.path.basename(longest)])

    def test_a_path_of_108_bytes_is_refused(self):
        directory = self.directory()
        path = str(directory / ("x" * (108 - len(str(directory)) - 1)))
        said = self.refused(socket=path)
        self.assertIn("107", said)
        self.assertIn("108 bytes", said)
        self.assertIn("125 bytes", self.refused("--listen", "path=/" + "x" * 124))
        self.assertIn("125 bytes", self.refused("--upstream", "unix:/" + "x" * 124))
        self.assertEqual(os.listdir(directory), [])

    def test_a_missing_directory_is_refused_and_not_made(self):
        missing = self.directory() / "missing"
        said = self.refused(socket=str(missing / "gateway.sock"), codes=(REFUSED,))
        self.assertRegex(said, f"mkdir .*{missing}")
        self.assertFalse(missing.exists())

    @as_root
    def test_a_directory_that_cannot_be_read_is_good_enough(self):
        directory = self.directory()
        os.chown(directory, NOBODY, NOBODY)
        directory.chmod(0o333)
        path = directory / "gateway.sock"
        killed = Gateway("--socket", str(path), "--upstream", UPSTREAM, user=NOBODY)
        self.assert_serves(path)
        killed.signal(signal.SIGKILL)
        killed.wait()
        self.serve("--socket", str(path), user=NOBODY)
        self.assert_serves(path)

    def test_an_empty_path_is_refused(self):
        self.refused(socket="", codes=(WRONG_COMMAND_LINE, REFUSED))

    def test_a_relative_path_works(self):
        directory = self.directory()
        before = os.getcwd()
        os.chdir(directory)
        self.addCleanup(os.chdir, before)
        self.serve("--socket", "gateway.sock")
        self.assert_serves(directory / "gateway.sock")


class SocketModeTests(SocketTest):
    def test_the_mode_is_0600_unless_told_otherwise_whatever_the_umask(self):
        for umask in (0, 0o077, 0o777):
            with self.subTest(umask=umask):
                path = self.directory() / "gateway.sock"
                self.serve("--socket", str(path), umask=umask)
                self.assertEqual(self.mode(path), 0o600)

    def test_the_mode_is_the_one_asked_for_whatever_the_umask(self):
        for text, mode in (("0660", 0o660), ("660", 0o660), ("0666", 0o666), ("0700", 0o700), ("0777", 0o777)):
            for umask in (0, 0o077):
                with self.subTest(mode=text, umask=umask):
                    path = self.directory() / "gateway.sock"
                    self.serve("--socket", str(path), "--socket-mode", text, umask=umask)
                    self.assertEqual(self.mode(path), mode)


    def test_it_has_its_mode_from_its_first_moment(self):
        """Nothing but the group is changed about it later, which does not let in anybody whom the mode keeps out."""
        for group, events in (("", [CREATED]), (f",group={os.getegid()}", [CREATED, ATTRIBUTES])):
            for mode in (0o600, 0o660):
                with self.subTest(group=group, mode=mode):
                    path = self.directory() / "gateway.sock"
                    watch = Watch(str(path.parent))
                    self.addCleanup(watch.close)
                    self.serve("--listen", f"path={path},mode={mode:o}{group}", umask=0)
                    self.assertEqual(watch.events(), [(event, path.name) for event in events])
                    self.assertEqual(self.mode(path), mode)


class EarlySignalTests(SocketTest):
    def test_a_signal_that_comes_as_soon_as_there_is_a_socket_leaves_none(self):
        for number in (signal.SIGTERM, signal.SIGINT) * 4:
            path = self.directory() / "gateway.sock"
            watch = Watch(str(path.parent))
            self.addCleanup(watch.close)
            gateway = subprocess.Popen([BINARY, "serve", "--socket", path], stderr=subprocess.DEVNULL)
            self.addCleanup(gateway.kill)
            watch.wait(PATIENCE)
            gateway.send_signal(number)
            self.assertEqual(gateway.wait(PATIENCE), 0)
            self.assertFalse(path.exists())


class TakenPathTests(SocketTest):
    def test_a_socket_left_by_a_dead_process_is_taken_over(self):
        path = str(self.directory() / "gateway.sock")
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(path)
        self.serve("--socket", path)
        self.assert_serves(path)

    def test_the_socket_of_a_gateway_that_was_killed_is_taken_over(self):
        path = str(self.directory() / "gateway.sock")
        killed = Gateway("--socket", path, "--upstream", UPSTREAM)
        killed.signal(signal.SIGKILL)
        killed.wait()
        self.assertTrue(os.path.exists(path))
        self.serve("--socket", path)
        self.assert_serves(path)

    def test_a_socket_that_is_served_is_an_error_that_says_so(self):
        path = str(self.directory() / "gateway.sock")
        self.serve("--socket", path)
        result = self.run_gateway("serve", "--socket", path, "--upstream", UPSTREAM)
        self.assertEqual(result.returncode, REFUSED, result)
        self.assertRegex(result.stderr.lower(), "serve|in use|live|running|listen")
        self.assertIn(path, result.stderr)
        self.assert_serves(path)

    def test_of_two_that_start_together_one_serves_and_one_is_refused(self):
        # It is about timing, which a sanitizer knows nothing of; starting takes much longer with one.
        for _ in range(20 if SANITIZED else 200):
            path = str(self.directory() / "gateway.sock")
            with socket.socket(socket.AF_UNIX) as dead:
                dead.bind(path)
            command = [BINARY, "serve", "--socket", path, "--upstream", UPSTREAM]
            both = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
            said = [process.stderr.readline() for process in both]
            for process, line in zip(both, said):
                if " ready " in line:
                    process.terminate()
                process.communicate()
            self.assertEqual(sorted(process.returncode for process in both), [0, REFUSED], said)

    def test_a_server_too_busy_to_accept_is_alive(self):
        path = str(self.directory() / "gateway.sock")
        with socket.socket(socket.AF_UNIX) as busy:
            busy.bind(path)
            busy.listen(0)
            for _ in range(3):
                waiting = socket.socket(socket.AF_UNIX)
                self.addCleanup(waiting.close)
                waiting.setblocking(False)
                waiting.connect_ex(path)
            result = self.run_gateway("serve", "--socket", path, "--upstream", UPSTREAM)
        self.assertEqual(result.returncode, REFUSED, result)
        self.assertTrue(os.path.exists(path))

    def test_a_datagram_socket_that_lives_is_not_removed(self):
        path = str(self.directory() / "gateway.sock")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
            other.bind(path)
            result = self.run_gateway("serve", "--socket", path, "--upstream", UPSTREAM)
        self.assertEqual(result.returncode, REFUSED, result)
        self.assertTrue(os.path.exists(path))

    def test_what_is_no_socket_is_never_removed(self):
        def make_file(path):
            path.write_text("precious")

        makers = {
            "a file": make_file,
            "a directory": Path.mkdir,
            "a fifo": os.mkfifo,
            "a link to nothing": lambda path: path.symlink_to("nothing"),
            "a link to a file": lambda path: path.symlink_to("/etc/hostname"),
            "a link to a dead socket": self.link_to_dead_socket,
        }
        for name, make in makers.items():
            with self.subTest(name):
                path = self.directory() / "gateway.sock"
                make(path)
                before = os.lstat(path)
                result = self.run_gateway("serve", "--socket", str(path), "--upstream", UPSTREAM)
                self.assertEqual(result.returncode, REFUSED, result)
                self.assertIn(str(path), result.stderr)
                after = os.lstat(path)
                self.assertEqual((after.st_ino, after.st_mode), (before.st_ino, before.st_mode))

    def link_to_dead_socket(self, path: Path):
        target = self.directory() / "dead.sock"
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(str(target))
        path.symlink_to(target)

    def test_a_bad_option_leaves_a_dead_socket_where_it_is(self):
        path = str(self.directory() / "gateway.sock")
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(path)
        for option in ("--socket-mode=rw", "--deadline=soon", "--upstream=https://x"):
            self.run_gateway("serve", "--socket", path, option)
            self.assertTrue(os.path.exists(path))

    def test_the_socket_of_a_successor_is_not_removed(self):
        path = self.directory() / "gateway.sock"
        first = self.serve("--socket", str(path))
        path.unlink()
        self.serve("--socket", str(path))
        first.stop()
        self.assert_serves(path)

    def test_the_socket_of_a_successor_that_starts_while_it_drains_is_not_removed(self):
        """On many file systems the successor's file gets the number that the removed one had."""
        held = Held()
        upstream = self.upstream(held)
        directory = self.directory()
        draining = self.gateway(upstream, "--listen", f"path={directory}/second.sock")
        client = Client(str(directory / "second.sock"))
        self.addCleanup(client.close)
        stream_id = client.request("UnloadModels")
        upstream.wait_for_requests(1)
        draining.signal()
        draining.wait_for_log("stopping")
        self.serve("--socket", draining.path)
        held.release()
        self.assert_ok(client.response(stream_id))
        self.assertEqual(draining.wait(), 0)
        self.assert_serves(draining.path)
