"""The command line: what is refused, how, and that nothing was touched."""

import json
import os
import subprocess

from support.case import EndToEndTest
from support.gateway import BINARY, Gateway

WRONG_COMMAND_LINE = 64
REFUSED = 1


class CommandLineTest(EndToEndTest):
    def run_gateway(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
        """Runs it to its end, which has to come by itself."""
        return subprocess.run(
            [BINARY, *arguments],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=20,
            env=dict(os.environ, **environment),
        )

    def refused(self, *options: str, codes=(WRONG_COMMAND_LINE,), socket: str | None = None) -> str:
        """What it says when it refuses to serve with these options; the socket's directory stays as it was."""
        directory = self.directory()
        path = str(directory / "gateway.sock") if socket is None else socket
        if "--upstream" not in options:
            options += ("--upstream", "http://127.0.0.1:9")
        result = self.run_gateway("serve", "--socket", path, *options)
        self.assertIn(result.returncode, codes, result)
        self.assertNotEqual(result.stderr.strip(), "")
        self.assertNotIn("Fatal error", result.stderr)
        self.assertEqual(os.listdir(directory), [])
        return result.stderr


class VersionTests(CommandLineTest):
    def test_the_version_is_that_of_the_status(self):
        result = self.run_gateway("--version")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertRegex(result.stdout, r"^\d+\.\d+\.\d+\n$")
        client, _ = self.start()
        status = self.assert_ok(client.call("Status", service="pieces.gateway.v1.Control"))
        self.assertIn(result.stdout.strip().encode(), status)
        for arguments in (("--version", "--json"), ("list", "--json", "--version")):
            self.assertEqual(json.loads(self.run_gateway(*arguments).stdout), {"version": result.stdout.strip()})


class WrongCommandLineTests(CommandLineTest):
    def test_an_upstream_that_is_no_address_is_refused(self):
        for url in (
            "https://127.0.0.1:1000", "ftp://127.0.0.1:1000", "http://", "http:///models", "http://:1000", "nonsense",
            "",
            "http://127.0.0.1:99999", "http://127.0.0.1:0x50", "http://127.0.0.1:-1", "http://127.0.0.1:port", "unix:",
            "http://[::1", "http://a b:1000", "http://127.0.0.1:1000\r\nX: y", "unix:/" + "x" * 108,
        ):  # fmt: skip
            with self.subTest(url=url):
                self.refused("--upstream", url, codes=(WRONG_COMMAND_LINE, REFUSED))

    def test_https_is_a_wrong_command_line_and_named(self):
        self.assertIn("https", self.refused("--upstream", "https://127.0.0.1:1000"))

    def test_an_upstream_without_its_beginning_is_asked_back_with_one(self):
        self.assertIn("did you mean http://localhost:1000?", self.refused("--upstream", "localhost:1000"))
        self.assertIn("did you mean unix:/run/x.sock?", self.refused("--upstream", "/run/x.sock"))

    def test_an_abstract_socket_is_refused_with_the_reason_and_the_way_to_write_a_file_of_that_name(self):
        for options in (("--socket", "@name"), ("--listen", "path=@name"), ("--upstream", "unix:@name")):
            with self.subTest(options):
                result = self.run_gateway("serve", *options)
                self.assertEqual(result.returncode, WRONG_COMMAND_LINE, result)
                self.assertIn("permissions", result.stderr)
                self.assertIn("./@name", result.stderr)

    def test_a_mode_that_is_no_mode_is_refused(self):
        for mode in ("rw", "0888", "-1", "", "0o660", "99999", "0x1b0", "u+rw", "660 "):
            with self.subTest(mode=mode):
                self.assertIn("mode", self.refused(f"--socket-mode={mode}"))

    def test_a_deadline_that_is_none_is_refused(self):
        for deadline in ("soon", "-1s", "30 parsecs", "", "1e400s", "s", "ms", "99999999999999999999s", "30s30"):
            with self.subTest(deadline=deadline):
                self.assertIn("deadline", self.refused(f"--deadline={deadline}"))

    def test_a_value_with_a_minus_in_front_is_told_what_is_wanted(self):
        for option in ("--deadline", "--frame-timeout", "--read-timeout"):
            self.assertIn("500ms", self.refused(option, "-1s"))
        for option in (
            "--max-waiting-size", "--max-unread", "--max-request", "--max-payload-memory", "--max-upstream-head",
            "--max-upstream-body",
        ):  # fmt: skip
            self.assertRegex(self.refused(option, "-1KiB"), r"such as \d+[KM]iB")
        for option in (
            "--max-upstream-connections", "--max-connections", "--max-connections-per-uid",
            "--max-calls-per-connection", "--max-waiting-calls",
        ):  # fmt: skip
            self.assertRegex(self.refused(option, "-1"), rf"{option}: 1 to \d+, not -1")
        self.assertIn("0660", self.refused("--socket-mode", "-1"))

    def test_numbers_that_make_no_sense_are_refused(self):
        for option in (
            "--max-upstream-connections", "--max-connections", "--max-connections-per-uid",
            "--max-calls-per-connection", "--max-waiting-calls", "--max-waiting-size", "--max-unread", "--max-request",
            "--max-payload-memory", "--max-upstream-body",
        ):  # fmt: skip
            for number in ("0", "-1", "many", "", "1.5", "99999999999999999999"):
                with self.subTest(option=option, number=number):
                    self.refused(f"{option}={number}")

    def test_sizes_that_are_none_are_refused(self):
        for size in ("4MB", "MiB", "4 MiB", "4MiB4", "9999999999GiB"):
            with self.subTest(size=size):
                self.assertIn("max-unread", self.refused(f"--max-unread={size}"))
        self.assertIn("max-request", self.refused("--max-request=4194305"))

    def test_unknown_words_are_refused(self):
        for options in (("--no-such-option",), ("--log-level", "loud"), ("--log-format", "xml"), ("surplus",)):
            with self.subTest(options=options):
                self.refused(*options)

    def test_an_unknown_command_is_refused(self):
        result = self.run_gateway("no-such-command")
        self.assertEqual(result.returncode, WRONG_COMMAND_LINE)
        self.assertRegex(result.stderr, "no-such-command.*serve")

    def test_a_command_that_is_nearly_one_is_asked_back(self):
        for name in ("serv", "server", "sevre", "Serve"):
            result = self.run_gateway(name, "--socket", "x")
            self.assertEqual(result.returncode, WRONG_COMMAND_LINE)
            self.assertIn(f"there is no command '{name}'; did you mean 'serve'?", result.stderr)

    def test_help_is_no_fault_and_names_every_option(self):
        self.assertEqual(self.run_gateway("--help").returncode, 0)
        result = self.run_gateway("serve", "--help")
        self.assertEqual(result.returncode, 0)
        for option in (
            "--socket", "--socket-mode", "--upstream", "--deadline", "--max-upstream-connections", "--max-connections",
            "--log-level", "--log-format", "--listen", "--max-connections-per-uid", "--max-calls-per-connection",
            "--max-waiting-calls", "--max-waiting-size", "--max-unread", "--max-request", "--max-payload-memory",
            "--max-upstream-body", "--frame-timeout", "--read-timeout",
        ):  # fmt: skip
            self.assertIn(option, result.stdout)


class OptionTests(CommandLineTest):
    def test_the_ready_line_names_socket_and_upstream(self):
        upstream = self.upstream()
        gateway = self.gateway(upstream)
        self.assertIn(gateway.path, gateway.ready_line)
        self.assertIn(upstream.authority, gateway.ready_line)
        self.assertEqual(len(gateway.log), 1, gateway.log)

    def test_an_automatic_upstream_is_named_too(self):
        self.assertIn("auto", self.gateway("auto").ready_line)

    def test_an_upstream_without_a_port_is_named_with_the_one_that_is_used(self):
        self.assertIn("upstream=http://localhost:80", self.gateway("http://localhost").ready_line)

    def test_deadlines_may_be_given_in_several_units(self):
        for deadline in ("300ms", "30s", "1m"):
            with self.subTest(deadline=deadline):
                client = self.client(self.gateway(self.upstream(), "--deadline", deadline))
                self.assert_ok(client.call("ModelsSnapshot"))

    def test_a_json_log_is_one_object_a_line(self):
        for options in (("--log-format", "json"), ("--json",)):
            gateway = self.gateway("http://127.0.0.1:9", *options, "--log-level", "trace")
            client = self.client(gateway)
            for method in ("ModelsSnapshot", 'quote " and\nnewline\u2028', b"\xff\x1b[31m"):
                client.call(method)
            client.send(b"\x01")
            client.wait_until_closed()
            gateway.stop()
            self.assertGreater(len(gateway.log), 0)
            for line in gateway.log:
                self.assertIsInstance(json.loads(line), dict, line)

    def test_nothing_in_a_log_steers_a_terminal(self):
        for options in ((), ("--json",)):
            path = f"{self.directory()}/\x1b\x7f\u0085\u009b31m"
            gateway = Gateway("--socket", path, "--upstream", "http://127.0.0.1:9", *options)
            self.addCleanup(gateway.stop)
            for character in gateway.ready_line:
                self.assertFalse(character < " " or "\x7f" <= character <= "\x9f", gateway.ready_line)
            if options:
                self.assertEqual(json.loads(gateway.ready_line)["socket"], path)

    def test_what_ends_it_early_is_json_too(self):
        result = self.run_gateway("serve", "--json", "--socket", "/missing/socket")
        self.assertEqual((result.returncode, json.loads(result.stderr)["code"]), (REFUSED, "FAILED_PRECONDITION"))

    def test_the_log_says_that_it_stops_and_that_it_has_stopped(self):
        gateway = self.gateway("http://127.0.0.1:9")
        client = self.client(gateway)
        client.call("ModelsSnapshot")
        gateway.stop()
        self.assertRegex(gateway.log[-2], r" (info|notice) stopping\b.* connections=1$")
        self.assertRegex(gateway.log[-1], r" info stopped$")

    def test_a_text_log_keeps_to_its_lines(self):
        gateway = self.gateway("http://127.0.0.1:9", "--log-level", "trace")
        client = self.client(gateway)
        client.call("first line\nsecond line \x1b[31m")
        gateway.stop()
        for line in gateway.log:
            self.assertFalse(line.startswith("second line"), line)
            self.assertNotIn("\x1b", line)

    def test_a_connection_over_the_limit_is_turned_away_until_there_is_room(self):
        gateway = self.gateway(self.upstream(), "--max-connections", "2")
        first, second = self.client(gateway), self.client(gateway)
        self.assert_ok(first.call("ModelsSnapshot"))
        self.assert_ok(second.call("ModelsSnapshot"))
        self.assertTrue(self.is_turned_away(gateway))
        self.assert_ok(first.call("ModelsSnapshot"))
        first.stop_writing()
        self.assertEqual(first.wait_until_closed(), [])
        self.assert_ok(self.client(gateway).call("ModelsSnapshot"))

    def is_turned_away(self, gateway) -> bool:
        client = self.client(gateway)
        try:
            client.request("ModelsSnapshot")
            answers = client.wait_until_closed()
        except BrokenPipeError:
            return True
        return answers == []
