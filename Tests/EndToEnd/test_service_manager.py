"""Under a service manager: sockets that it passes on, and what it is told."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

from support import envelope
from support.case import EndToEndTest
from support.client import Client
from support.gateway import BINARY, Gateway
from support.service_manager import NotificationSocket, activation, close_all
from support.upstream import Held

REFUSED = 1
WRONG_COMMAND_LINE = 64
UPSTREAM = "http://127.0.0.1:9"


class ServiceManagerTest(EndToEndTest):
    def listener(self, path: Path | str, kind: int = socket.SOCK_STREAM) -> socket.socket:
        sock = socket.socket(socket.AF_UNIX, kind)
        self.addCleanup(sock.close)
        sock.bind(str(path))
        if kind == socket.SOCK_STREAM:
            sock.listen()
        return sock

    def notifications(self, address: str | None = None) -> NotificationSocket:
        notifications = NotificationSocket(address or str(self.directory() / "notify"))
        self.addCleanup(notifications.close)
        return notifications

    def serve(self, sockets: list[socket.socket], *options: str, upstream: str = UPSTREAM, **variables) -> Gateway:
        manager = activation(sockets, **variables)
        self.addCleanup(close_all, manager["passed"])
        gateway = Gateway("--upstream", upstream, *options, **manager)
        self.addCleanup(gateway.stop)
        return gateway

    def refusal(self, sockets: list[socket.socket], *options: str, code: int = REFUSED, **variables) -> str:
        manager = activation(sockets, **variables)
        self.addCleanup(close_all, manager["passed"])
        result = subprocess.run(
            [*manager["wrapper"], BINARY, "serve", "--upstream", UPSTREAM, *options],
            pass_fds=manager["passed"],
            capture_output=True,
            text=True,
            timeout=20,
        )
        self.assertEqual(result.returncode, code, result)
        return result.stderr

    def assert_serves(self, path: str | Path) -> None:
        client = Client(str(path))
        self.addCleanup(client.close)
        self.assertEqual(client.call("ModelsSnapshot").reason, "UPSTREAM_UNREACHABLE")


class SocketActivationTests(ServiceManagerTest):
    def test_every_socket_is_served_and_no_other_is_made(self):
        directory = self.directory()
        runtime = self.directory()
        paths = [directory / name for name in ("a.sock", "b.sock", "c.sock")]
        self.serve([self.listener(path) for path in paths], names="a:b:c", XDG_RUNTIME_DIR=str(runtime))
        for path in paths:
            self.assert_serves(path)
        self.assertEqual(os.listdir(runtime), [])

    def test_a_named_socket_is_served_beside_them(self):
        directory = self.directory()
        activated, named = directory / "activated.sock", directory / "named.sock"
        gateway = self.serve([self.listener(activated)], "--socket", str(named))
        self.assert_serves(activated)
        self.assert_serves(named)
        gateway.stop()
        self.assertEqual(os.listdir(directory), ["activated.sock"])

    def test_a_socket_that_listen_names_has_the_policy_said_there(self):
        directory = self.directory()
        free, reading = directory / "free.sock", directory / "reading.sock"
        upstream = self.upstream()
        gateway = self.serve(
            [self.listener(free), self.listener(reading)],
            "--listen",
            f"path={reading},allow=read",
            upstream=upstream.url,
        )
        for path, code in ((free, envelope.OK), (reading, envelope.PERMISSION_DENIED)):
            client = Client(str(path))
            self.addCleanup(client.close)
            self.assert_ok(client.call("ModelsSnapshot"))
            self.assertEqual(client.call("UnloadModels").code, code)
        gateway.stop()
        self.assertEqual(sorted(os.listdir(directory)), ["free.sock", "reading.sock"])

    def spellings(self, path: Path) -> dict[str, str]:
        """Other ways to write the path of a file, each tried from the directory above its own."""
        link = self.directory() / "link"
        link.symlink_to(path.parent)
        return {
            "a dot": f"{path.parent}/./{path.name}",
            "two slashes": f"{path.parent}//{path.name}",
            "up and down": f"{path.parent}/../{path.parent.name}/{path.name}",
            "slashes behind": f"{path}//",
            "a linked directory": f"{link}/{path.name}",
            "a relative path": f"{path.parent.name}/{path.name}",
        }

    def test_a_socket_that_listen_names_is_recognised_however_it_is_spelled(self):
        path = self.directory() / "read.sock"
        listener = self.listener(path)
        upstream = self.upstream()
        for name, spelling in self.spellings(path).items():
            with self.subTest(name), contextlib.chdir(path.parent.parent):
                gateway = self.serve([listener], "--listen", f"path={spelling},allow=read", upstream=upstream.url)
                client = Client(str(path))
                self.addCleanup(client.close)
                self.assert_ok(client.call("ModelsSnapshot"))
                self.assertEqual(client.call("UnloadModels").reason, "POLICY_DENIED")
                gateway.stop()
                self.assertEqual(os.listdir(path.parent), ["read.sock"])

    def test_a_socket_that_is_named_in_two_spellings_is_refused(self):
        path = self.directory() / "gateway.sock"
        other = f"{path.parent}/./{path.name}"
        options = ("--listen", f"path={path}", "--listen", f"path={other},allow=read")
        self.assertIn(f"{path} and {other} are the same socket", self.refusal([self.listener(path)], *options))
        path.unlink()
        self.assertIn(f"{path} and {other} are the same socket", self.refusal([], *options))
        self.assertEqual(os.listdir(path.parent), [])

    def test_an_abstract_socket_is_not_a_file_of_its_name(self):
        directory = self.directory()
        name = f"models-gateway-{os.getpid()}-not-a-file"
        self.listener(directory / f"@{name}").close()
        upstream = self.upstream()
        with contextlib.chdir(directory):
            options = ("--listen", f"path=./@{name},allow=read")
            self.serve([self.listener("\0" + name)], *options, upstream=upstream.url)
        for path, code in (("\0" + name, envelope.OK), (str(directory / f"@{name}"), envelope.PERMISSION_DENIED)):
            client = Client(path)
            self.addCleanup(client.close)
            self.assertEqual(client.call("UnloadModels").code, code)

    def test_sockets_passed_on_are_warned_of_as_others_are(self):
        directory = self.directory()
        read, everything = directory / "read.sock", directory / "all.sock"
        listeners = [self.listener(path) for path in (read, everything)]
        everything.chmod(0o666)
        gateway = self.serve(listeners, "--listen", f"path={directory}/./read.sock,allow=read")
        gateway.stop()
        lines = [line for line in gateway.log if " warning " in line]
        self.assertEqual(len(lines), 2, lines)
        self.assertRegex(lines[0], rf"directory of its own.* allowing-more={everything} socket={read}$")
        self.assertRegex(lines[1], rf"add gid={os.getegid()} to .* mode=0666 socket={everything}$")

    def test_a_mode_for_sockets_that_have_theirs_is_refused(self):
        path = self.directory() / "gateway.sock"
        listener = self.listener(path)
        mode = path.stat().st_mode
        said = self.refusal([listener], "--socket-mode", "0666", code=WRONG_COMMAND_LINE)
        self.assertIn("passed on", said)
        self.assertEqual(path.stat().st_mode, mode)
        named = self.directory() / "named.sock"
        self.serve([listener], "--socket", str(named), "--socket-mode", "0660")
        self.assertEqual(named.stat().st_mode & 0o777, 0o660)

    def test_a_client_that_came_before_the_gateway_or_after_it_is_served(self):
        path = self.directory() / "gateway.sock"
        listener = self.listener(path)
        for _ in range(2):
            client = Client(str(path))
            self.addCleanup(client.close)
            stream = client.request("ModelsSnapshot")
            gateway = self.serve([listener])
            self.assertEqual(client.response(stream).reason, "UPSTREAM_UNREACHABLE")
            gateway.stop()
            self.assertTrue(path.is_socket())

    def test_sockets_need_no_names(self):
        path = self.directory() / "gateway.sock"
        self.serve([self.listener(path)])
        self.assert_serves(path)

    def test_an_abstract_socket_is_served_and_shown_with_an_at_sign(self):
        name = f"models-gateway-{os.getpid()}"
        gateway = self.serve([self.listener("\0" + name)])
        self.assert_serves("\0" + name)
        self.assertIn(f"socket=@{name} ", gateway.ready_line)

    def test_sockets_for_another_process_are_not_taken_and_the_log_says_so(self):
        passed = self.listener(self.directory() / "passed.sock")
        for pid in ("1", "me", ""):
            with self.subTest(pid):
                runtime = self.directory()
                gateway = self.serve([passed], LISTEN_PID=pid, XDG_RUNTIME_DIR=str(runtime))
                self.assert_serves(runtime / "models-gateway/gateway.sock")
                client = Client(passed.getsockname())
                self.addCleanup(client.close)
                client.request("ModelsSnapshot")
                passed.accept()[0].close()
                client.wait_until_closed()
                line = gateway.wait_for_log("warning .*another process and are not served")
                self.assertIn(f"LISTEN_FDS=1 LISTEN_PID={pid} pid={gateway.pid}", line)
                gateway.stop()

    def test_a_process_that_is_passed_none_has_its_default_socket_and_no_complaint(self):
        for variables in ({"LISTEN_FDS": ""}, {"LISTEN_FDS": "0"}, {"LISTEN_FDS": "0", "LISTEN_PID": "1"}):
            with self.subTest(variables):
                runtime = self.directory()
                gateway = self.serve([], XDG_RUNTIME_DIR=str(runtime), **variables)
                self.assert_serves(runtime / "models-gateway/gateway.sock")
                gateway.stop()
                self.assertEqual([line for line in gateway.log if " warning " in line], [])

    def test_what_is_no_listening_unix_socket_is_refused_and_named(self):
        bound = socket.socket(socket.AF_UNIX)
        self.addCleanup(bound.close)
        bound.bind(str(self.directory() / "bound.sock"))
        tcp = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(tcp.close)
        datagram = self.listener(self.directory() / "datagram.sock", socket.SOCK_DGRAM)
        for sock in (bound, tcp, datagram):
            with self.subTest(sock):
                self.assertIn("descriptor 3 (odd)", self.refusal([sock], names="odd"))

    def test_descriptors_that_are_not_there_are_refused(self):
        self.assertIn("not open", self.refusal([], LISTEN_FDS="1"))

    def test_counts_and_names_that_do_not_fit_are_refused(self):
        listener = self.listener(self.directory() / "gateway.sock")
        for variables in ({"LISTEN_FDS": "many"}, {"LISTEN_FDS": "-1"}, {"LISTEN_FDS": "99999"}, {"names": "a:b"}):
            with self.subTest(variables):
                self.assertIn("LISTEN_FD", self.refusal([listener], **variables))


class NotificationTests(ServiceManagerTest):
    def test_it_says_when_it_is_ready_and_when_it_stops(self):
        for address in (str(self.directory() / "notify"), f"@models-gateway-notify-{os.getpid()}"):
            with self.subTest(address):
                notifications = self.notifications(address)
                path = self.directory() / "gateway.sock"
                gateway = self.serve([], "--socket", str(path), NOTIFY_SOCKET=address)
                self.assertEqual(notifications.receive(), "READY=1")
                self.assert_serves(path)
                gateway.stop()
                self.assertEqual(notifications.waiting(), ["STOPPING=1"])

    def test_stopping_is_said_while_calls_still_run(self):
        held = Held()
        upstream = self.upstream(held)
        notifications = self.notifications()
        path = self.directory() / "gateway.sock"
        listener = self.listener(path)
        gateway = self.serve([listener], upstream=upstream.url, NOTIFY_SOCKET=notifications.address)
        client = Client(str(path))
        self.addCleanup(client.close)
        stream = client.request("ModelsSnapshot")
        upstream.wait_for_requests(1)
        self.assertEqual(notifications.receive(), "READY=1")
        gateway.signal()
        self.assertEqual(notifications.receive(), "STOPPING=1")
        held.release()
        self.assert_ok(client.response(stream))
        gateway.stop()

    def test_a_service_manager_that_does_not_read_does_not_keep_it_from_stopping(self):
        notifications = self.notifications()
        notifications.fill()
        gateway = self.serve([], "--socket", str(self.directory() / "gateway.sock"), NOTIFY_SOCKET=notifications.address)
        gateway.signal()
        self.assertEqual(gateway.wait(), 0)
        self.assertIn("READY=1", gateway.wait_for_log("cannot tell the service manager"))

    def test_an_address_that_is_none_costs_a_line_in_the_log(self):
        for address in ("", "3", "relative", "@", "/" + "x" * 108, "vsock:2:1"):
            with self.subTest(address):
                path = self.directory() / "gateway.sock"
                gateway = self.serve([], "--socket", str(path), NOTIFY_SOCKET=address, WATCHDOG_USEC="20000")
                self.assertIn(f"'{address}'", gateway.wait_for_log("warning .*NOTIFY_SOCKET"))
                self.assert_serves(path)
                gateway.stop()

    def test_an_address_need_not_be_utf_8(self):
        place = os.fsencode(self.directory()) + b"/n\xff"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notifications:
            notifications.bind(place)
            notifications.settimeout(20)
            path = self.directory() / "gateway.sock"
            self.serve([], "--socket", str(path), NOTIFY_SOCKET=os.fsdecode(place))
            self.assertEqual(notifications.recv(100), b"READY=1")

    def test_a_service_manager_that_is_gone_costs_a_line_in_the_log(self):
        path = self.directory() / "gateway.sock"
        gateway = self.serve([], "--socket", str(path), NOTIFY_SOCKET=str(self.directory() / "gone"))
        gateway.wait_for_log("cannot tell the service manager.*READY=1")
        self.assert_serves(path)


class LogTests(ServiceManagerTest):
    def test_a_log_that_nobody_reads_holds_nobody_up(self):
        reading, writing = os.pipe()
        self.addCleanup(os.close, reading)
        os.set_blocking(writing, False)
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(writing, bytes(4096))
        os.set_blocking(writing, True)
        path, notifications = self.directory() / "gateway.sock", self.notifications()
        process = subprocess.Popen(
            [BINARY, "serve", "--socket", str(path), "--upstream", UPSTREAM, "--log-level", "trace"],
            env=dict(os.environ, NOTIFY_SOCKET=notifications.address),
            stderr=writing,
        )
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        os.close(writing)
        self.assertIn("READY=1", notifications.receive())
        self.assert_serves(path)
        process.terminate()
        self.assertEqual(process.wait(20), 0)


class WatchdogTests(ServiceManagerTest):
    INTERVAL = 0.2

    def watched(self, **variables) -> tuple[Gateway, NotificationSocket]:
        notifications = self.notifications()
        gateway = self.serve(
            [],
            "--socket",
            str(self.directory() / "gateway.sock"),
            NOTIFY_SOCKET=notifications.address,
            WATCHDOG_USEC=str(int(self.INTERVAL * 1e6)),
            **variables,
        )
        self.assertEqual(notifications.receive(), "READY=1")
        return gateway, notifications

    def test_a_sign_of_life_comes_at_half_the_interval(self):
        for variables in ({}, {"WATCHDOG_PID": "$$"}):
            with self.subTest(variables):
                gateway, notifications = self.watched(**variables)
                self.assertEqual(notifications.receive(), "WATCHDOG=1")
                begin = time.monotonic()
                for _ in range(10):
                    self.assertEqual(notifications.receive(), "WATCHDOG=1")
                self.assertGreater(time.monotonic() - begin, 10 * self.INTERVAL / 2 * 0.8)
                gateway.stop()

    def test_a_process_that_does_not_run_gives_no_sign_of_life(self):
        gateway, notifications = self.watched()
        self.assertEqual(notifications.receive(), "WATCHDOG=1")
        self.addCleanup(gateway.signal, signal.SIGCONT)
        gateway.signal(signal.SIGSTOP)
        os.waitid(os.P_PID, gateway.pid, os.WSTOPPED | os.WNOWAIT)
        notifications.waiting()
        with self.assertRaises(TimeoutError):
            notifications.receive(timeout=2 * self.INTERVAL)
        gateway.signal(signal.SIGCONT)
        self.assertEqual(notifications.receive(), "WATCHDOG=1")

    def test_the_watchdog_of_another_process_is_left_to_it(self):
        _, notifications = self.watched(WATCHDOG_PID="1")
        with self.assertRaises(TimeoutError):
            notifications.receive(timeout=2 * self.INTERVAL)

    def test_what_is_no_watchdog_costs_a_line_in_the_log(self):
        for name, values in {
            "WATCHDOG_USEC": ("0", "-1", "soon", "", str(2**64 - 1), str(2**64)),
            "WATCHDOG_PID": ("", "me", "1.5"),
        }.items():
            for value in values:
                with self.subTest(name=name, value=value):
                    notifications = self.notifications(f"@models-gateway-watchdog-{os.getpid()}")
                    variables = {"NOTIFY_SOCKET": notifications.address, "WATCHDOG_USEC": "20000", name: value}
                    path = self.directory() / "gateway.sock"
                    gateway = self.serve([], "--socket", str(path), **variables)
                    self.assertIn(f"'{value}'", gateway.wait_for_log(f"warning .*{name}"))
                    self.assertEqual(notifications.receive(), "READY=1")
                    self.assert_serves(path)
                    gateway.stop()
                    self.assertEqual(notifications.waiting(), ["STOPPING=1"])
                    notifications.close()
