"""Who may connect to a socket, and what may be called over it."""

import grp
import os
import re
import socket
import stat
import unittest
from contextlib import contextmanager
from typing import Iterable

from test_command_line import CommandLineTest

from support import wire
from support.client import Client
from support.connection import ConnectionClosed
from support.envelope import PERMISSION_DENIED
from support.gateway import Gateway
from support.upstream import Held
from support.wires import over_both_wires

NOBODY = 65534
STRANGER = 12345
CALLS = {
    "ModelsSnapshot": b"",
    "StreamModelsSnapshot": b"",
    "ModelsCreateNewModel": b"",
    "ModelsDeleteSpecificModel": wire.field(1, "m"),
    "ModelsDeleteSpecificModelCache": wire.field(1, "m"),
    "UnloadModels": b"",
}
READ = {"ModelsSnapshot", "StreamModelsSnapshot"}
as_root = unittest.skipUnless(os.getuid() == 0, "needs root to be somebody else")


@contextmanager
def somebody(uid: int, gid: int | None = None, groups: Iterable[int] = ()):
    """Connects as another user for a while."""
    own = os.getgroups()
    os.setgroups(list(groups))
    if gid is not None:
        os.setegid(gid)
    os.seteuid(uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(own)


class PolicyTest(CommandLineTest):
    def setUp(self):
        self.place = self.directory()
        self.place.chmod(0o755)
        self.scripted = self.upstream()

    def path(self, name: str = "a.sock") -> str:
        return str(self.place / name)

    def serve(self, *listen: str, options: tuple[str, ...] = ()) -> Gateway:
        specifications = [word for one in listen for word in ("--listen", one)]
        gateway = Gateway("--upstream", self.scripted.url, *options, *specifications)
        self.addCleanup(gateway.stop)
        return gateway

    def connect(self, path: str) -> Client:
        client = self.client_type(path)
        self.addCleanup(client.close)
        return client

    def is_served(self, path: str) -> bool:
        client = self.connect(path)
        try:
            return client.call("UnloadModels").code == 0
        except (ConnectionClosed, BrokenPipeError, ConnectionResetError):
            return False


@over_both_wires
class CallPolicyTests(PolicyTest):
    def allowed(self, path: str) -> set[str]:
        """What may be called; each call that may not is answered properly and reaches nobody."""
        client = self.connect(path)
        allowed = set()
        for method, payload in CALLS.items():
            before = len(self.scripted.requests)
            stream_id = client.request(method, payload)
            if method == "StreamModelsSnapshot":
                _, response = client.stream_answer(stream_id)
            else:
                response = client.response(stream_id)
            if response is not None and response.reason == "POLICY_DENIED":
                self.assert_status(response, PERMISSION_DENIED, "POLICY_DENIED", operation=method)
                self.assertIn(method, response.message)
                self.assertEqual(len(self.scripted.requests), before)
            else:
                allowed.add(method)
        if self.client_type is Client:
            self.assertEqual(self.assert_ok(client.cancel(99)), b"")
        return allowed

    def test_each_socket_allows_what_it_says(self):
        for allow, allowed in (
            ("", set(CALLS)),
            (",allow=all", set(CALLS)),
            (",allow=read", READ),
            (",allow=UnloadModels", {"UnloadModels"}),
            (",allow=ModelsSnapshot+UnloadModels", {"ModelsSnapshot", "UnloadModels"}),
            (",allow=read,allow=UnloadModels", READ | {"UnloadModels"}),
            (",allow=Cancel", set()),
        ):
            with self.subTest(allow):
                gateway = self.serve(f"path={self.path()}{allow}")
                self.assertEqual(self.allowed(self.path()), allowed)
                gateway.stop()

    def test_several_sockets_keep_their_policies_apart(self):
        gateway = self.serve(
            f"path={self.path('read.sock')},allow=read",
            f"path={self.path('unload.sock')},allow=UnloadModels",
            options=("--socket", self.path("all.sock"), "--socket-mode", "0640"),
        )
        self.assertEqual(self.allowed(self.path("read.sock")), READ)
        self.assertEqual(self.allowed(self.path("unload.sock")), {"UnloadModels"})
        self.assertEqual(self.allowed(self.path("all.sock")), set(CALLS))
        for name in ("read.sock", "unload.sock", "all.sock"):
            self.assertIn(self.path(name), gateway.ready_line)
        gateway.stop()
        self.assertEqual(os.listdir(self.place), [])

    def test_a_refused_call_leaves_the_connection_as_it_was(self):
        self.serve(f"path={self.path()},allow=read")
        client = self.connect(self.path())
        for _ in range(3):
            self.assertEqual(client.call("UnloadModels").reason, "POLICY_DENIED")
            self.assert_ok(client.call("ModelsSnapshot"))
        self.assertEqual({request.target for request in self.scripted.requests}, {"/models"})

    def test_what_is_refused_is_refused_before_its_payload_is_looked_at(self):
        self.serve(f"path={self.path()},allow=read")
        response = self.connect(self.path()).call("ModelsDeleteSpecificModel", b"\xff\xff")
        self.assertEqual(response.reason, "POLICY_DENIED")

    def test_a_method_that_nobody_knows_stays_unknown(self):
        self.serve(f"path={self.path()},allow=read")
        self.assertEqual(self.connect(self.path()).call("NoSuchMethod").reason, "UNKNOWN_METHOD")

    def test_a_snapshot_can_be_cancelled_over_a_socket_for_reading(self):
        self.scripted.script = Held()
        self.serve(f"path={self.path()},allow=read")
        client = self.connect(self.path())
        stream_id = client.request("ModelsSnapshot")
        self.scripted.wait_for_requests(1)
        self.give_up(client, stream_id)


@as_root
class PeerTests(PolicyTest):
    def test_strangers_are_turned_away_whatever_the_mode(self):
        self.serve(f"path={self.path()},mode=0666", options=("--socket", self.path("b"), "--socket-mode", "0666"))
        for path in (self.path(), self.path("b")):
            self.assertTrue(self.is_served(path))
            with somebody(NOBODY):
                self.assertFalse(self.is_served(path))
            self.assertTrue(self.is_served(path))

    def test_users_who_are_named_are_served_and_nobody_else(self):
        self.serve(f"path={self.path()},mode=0666,uid={NOBODY},uid=777")
        for uid, served in ((0, True), (NOBODY, True), (777, True), (STRANGER, False)):
            with self.subTest(uid=uid), somebody(uid):
                self.assertEqual(self.is_served(self.path()), served)

    def test_members_of_groups_that_are_named_are_served_and_nobody_else(self):
        self.serve(f"path={self.path()},mode=0666,gid=4711")
        for gid, served in ((4711, True), (4712, False), (0, False)):
            with self.subTest(gid=gid), somebody(STRANGER, gid):
                self.assertEqual(self.is_served(self.path()), served)

    def test_every_group_of_a_client_counts_however_many_there_are(self):
        self.serve(f"path={self.path()},mode=0666,gid=4711")
        many = [*range(20000, 20300)]
        for groups, served in (((4712, 4711), True), ((4712,), False), (many, False), ([*many, 4711], True), ((), False)):
            with self.subTest(groups=len(groups), served=served), somebody(STRANGER, 4713, groups):
                self.assertEqual(self.is_served(self.path()), served)

    def test_a_policy_is_one_sockets_own(self):
        self.serve(f"path={self.path('a')},mode=0666,uid={NOBODY}", f"path={self.path('b')},mode=0666")
        with somebody(NOBODY):
            self.assertTrue(self.is_served(self.path("a")))
            self.assertFalse(self.is_served(self.path("b")))

    def test_a_daemon_that_is_not_root_serves_itself_and_root(self):
        os.chown(self.place, NOBODY, NOBODY)
        command = ("--upstream", self.scripted.url, "--listen", f"path={self.path()},mode=0666")
        gateway = Gateway(*command, user=NOBODY)
        self.addCleanup(gateway.stop)
        for uid, served in ((0, True), (NOBODY, True), (STRANGER, False)):
            with self.subTest(uid=uid), somebody(uid):
                self.assertEqual(self.is_served(self.path()), served)

    def test_a_refusal_is_logged_once_a_socket_with_uid_and_pid(self):
        paths = [self.path(name) for name in ("a.sock", "b.sock")]
        gateway = self.serve(*[f"path={path},mode=0666" for path in paths])
        with somebody(NOBODY):
            for path in paths * 50:
                self.assertFalse(self.is_served(path))
        gateway.stop()
        lines = [line for line in gateway.log if "refused" in line]
        self.assertEqual(len(lines), 2, lines)
        for path, line in zip(paths, lines):
            self.assertRegex(line, rf"\buid={NOBODY}\b")
            self.assertRegex(line, rf"\bpid={os.getpid()}\b")
            self.assertRegex(line, rf"\bsocket={path}( |$)")

    def test_many_strangers_do_not_fill_the_log(self):
        gateway = self.serve(f"path={self.path()},mode=0666")
        for uid in range(20000, 20100):
            with somebody(uid):
                self.assertFalse(self.is_served(self.path()))
        gateway.stop()
        self.assertLessEqual(len([line for line in gateway.log if "refused" in line]), 20)

    def test_a_stranger_costs_no_descriptor(self):
        gateway = self.serve(f"path={self.path()},mode=0666")
        self.assertTrue(self.is_served(self.path()))
        gateway.wait_for_descriptors(before := gateway.descriptors())
        with somebody(NOBODY):
            for _ in range(200):
                self.assertFalse(self.is_served(self.path()))
        gateway.wait_for_descriptors(before)


class SocketOwnerTests(PolicyTest):
    def test_the_mode_is_that_of_the_specification(self):
        for text, mode in (("", 0o600), (",mode=0660", 0o660), (",mode=666", 0o666)):
            gateway = self.serve(f"path={self.path()}{text}")
            self.assertEqual(stat.S_IMODE(os.lstat(self.path()).st_mode), mode)
            gateway.stop()

    def test_the_group_can_be_named_or_numbered(self):
        group = grp.getgrgid(os.getegid())
        groups = [(group.gr_name, group.gr_gid), (str(group.gr_gid), group.gr_gid)]
        if os.getuid() == 0:
            groups += [("daemon", grp.getgrnam("daemon").gr_gid), ("54321", 54321)]
        for name, number in groups:
            with self.subTest(group=name):
                gateway = self.serve(f"path={self.path()},mode=0660,group={name}")
                found = os.lstat(self.path())
                self.assertEqual((found.st_gid, stat.S_IMODE(found.st_mode)), (number, 0o660))
                self.assertTrue(self.is_served(self.path()))
                gateway.stop()

    @as_root
    def test_a_group_that_may_not_be_given_is_an_error_that_leaves_nothing(self):
        os.chown(self.place, NOBODY, NOBODY)
        with self.assertRaises(AssertionError) as caught:
            Gateway("--listen", f"path={self.path()},group=0", user=NOBODY)
        self.assertIn("not permitted", str(caught.exception))
        self.assertEqual(os.listdir(self.place), [])

    def test_a_socket_that_cannot_be_made_takes_the_others_with_it(self):
        with socket.socket(socket.AF_UNIX) as busy:
            busy.bind(self.path("busy"))
            busy.listen()
            result = self.run_gateway(
                "serve", "--listen", f"path={self.path('a')}", "--listen", f"path={self.path('busy')}"
            )
        self.assertEqual(result.returncode, 1, result)
        self.assertEqual(os.listdir(self.place), ["busy"])


class WarningTests(PolicyTest):
    """What is said at start about sockets that work otherwise than they look."""

    def warnings(self, *listen: str, options: tuple[str, ...] = ()) -> list[str]:
        gateway = self.serve(*listen, options=options)
        gateway.stop()
        return [line for line in gateway.log if " warning " in line]

    def place_of(self, *names: str) -> list[str]:
        """Paths below the test's directory, the directories between being made."""
        for name in names:
            (self.place / name).parent.mkdir(parents=True, exist_ok=True)
        return [self.path(name) for name in names]

    def test_a_mode_for_a_group_of_whom_nobody_is_served_is_warned_of(self):
        group = os.getegid()
        path = f"path={self.path()}"
        for listen, mode in (
            (f"{path},mode=0660,group={grp.getgrgid(group).gr_name}", "0660"),
            (f"{path},mode=0660", "0660"),
            (f"{path},mode=0666,group={group}", "0666"),
            (f"{path},mode=0620,gid={group + 1}", "0620"),
        ):
            with self.subTest(listen):
                [line] = self.warnings(listen)
                self.assertIn(f"add gid={group} to the socket's --listen", line)
                self.assertIn(f" mode={mode} socket={self.path()}", line)
        [line] = self.warnings(options=("--socket", self.path(), "--socket-mode", "0660"))
        self.assertIn(f"socket={self.path()}", line)

    def test_a_mode_for_those_who_are_served_is_not_warned_of(self):
        group = os.getegid()
        for keys in ("", ",mode=0640", f",mode=0660,gid={group}", f",mode=0660,group={group},uid={STRANGER}"):
            with self.subTest(keys):
                self.assertEqual(self.warnings(f"path={self.path()}{keys}"), [])

    def test_a_socket_that_allows_less_beside_one_that_allows_more_is_warned_of(self):
        (self.place / "link").symlink_to(self.place / "a")
        for less, more in (
            ("a/read.sock", "a/all.sock"),
            ("a/read.sock", "a/b/all.sock"),
            ("link/read.sock", "a/./all.sock"),
            ("a/b/../read.sock", "link/all.sock"),
        ):
            with self.subTest(less=less, more=more):
                self.place_of("a/b/x")
                less, more = self.path(less), self.path(more)
                [line] = self.warnings(f"path={less},allow=read", options=("--socket", more))
                self.assertIn("put each into a directory of its own", line)
                self.assertIn(f"allowing-more={more} socket={less}", line)

    def test_of_two_sockets_that_allow_different_calls_each_allows_less(self):
        paths = self.place_of("a.sock", "b.sock")
        lines = self.warnings(f"path={paths[0]},allow=read", f"path={paths[1]},allow=UnloadModels")
        self.assertEqual(len(lines), 2, lines)
        for line, less, more in zip(lines, paths, reversed(paths)):
            self.assertIn(f"allowing-more={more} socket={less}", line)

    def test_sockets_that_are_apart_or_allow_the_same_are_not_warned_of(self):
        for read, other, allow in (
            ("a/read.sock", "b/all.sock", "all"),
            ("a/read.sock", "ab/all.sock", "all"),
            ("a/b/read.sock", "a/all.sock", "all"),
            ("a/read.sock", "a/more.sock", "read"),
            (
                "a/read.sock",
                "a/named.sock",
                "ModelsSnapshot+StreamModelsSnapshot+Status+Check+List+Watch+ServerReflectionInfo",
            ),
        ):
            with self.subTest(read=read, other=other):
                read, other = self.place_of(read, other)
                self.assertEqual(self.warnings(f"path={read},allow=read", f"path={other},allow={allow}"), [])


class SpecificationTests(PolicyTest):
    def test_what_is_wrong_is_said(self):
        path = f"path={self.path()}"
        for text, said in {
            "": "key=value",
            "path": "key=value",
            f"{path},": "key=value",
            "path=": "no value",
            f"{path},mode=": "no value",
            f"{path},color=red": "color",
            "mode=0600": "path= is missing",
            f"{path},mode=rw": "octal",
            f"{path},mode=1777": "octal",
            f"{path},allow=write": "write",
            f"{path},allow=read+": "allow",
            f"{path},allow=modelssnapshot": "ModelsSnapshot",
            f"{path},uid=root": "uid",
            f"{path},uid=-1": "uid",
            f"{path},uid=4294967295": "uid",
            f"{path},gid=99999999999": "gid",
            f"{path},uid=5,uid=5": "twice",
            f"{path},{path}": "twice",
            f"{path},mode=600,mode=600": "twice",
            f"{path},group=no-such-group": "no-such-group",
            "path=/" + "x" * 107: "107",
        }.items():
            with self.subTest(text=text):
                result = self.run_gateway("serve", "--upstream", "http://127.0.0.1:9", "--listen", text)
                self.assertEqual(result.returncode, 64, result)
                self.assertRegex(result.stderr, re.escape(said))
                self.assertEqual(os.listdir(self.place), [])

    def test_a_path_that_comes_twice_is_refused(self):
        path = self.path()
        for options in (
            ("--listen", f"path={path}", "--listen", f"path={path}"),
            ("--socket", path, "--listen", f"path={path}"),
        ):
            result = self.run_gateway("serve", *options)
            self.assertEqual(result.returncode, 64, result)
            self.assertIn("twice", result.stderr)

    def test_a_mode_for_no_socket_is_refused(self):
        result = self.run_gateway("serve", "--socket-mode", "0660", "--listen", f"path={self.path()}")
        self.assertEqual(result.returncode, 64, result)
        self.assertIn("mode=", result.stderr)
