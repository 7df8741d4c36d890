"""The command line: status and health say why nothing works, and what to type next."""

import os
import re
import signal
import socket
import time
import unittest

from support import door
from support.command import DEADLINE, NOT_SERVING, UNREACHABLE, CommandTest, Pieces, model
from support.connection import PATIENCE
from support.discovery import HEALTH, NOBODY, DiscoveryTest
from support.upstream import Held, sending_and_closing


class ServingTests(CommandTest):
    def test_all_is_well(self):
        self.serve(model("a", "one", loaded=True), model("b", "two"))
        out = self.succeed("status").out
        for text in (str(self.served.pid), self.served.path, "serving", "2, 1 in memory", "Next: ", "models-gateway list"):
            self.assertIn(text, out)
        status = self.succeed("status", "--json").json()
        self.assertEqual((status["pid"], status["health"]), (self.served.pid, "SERVING"))
        self.assertEqual(status["upstream"]["state"], "SERVING")
        self.assertEqual(self.succeed("health").out, "SERVING\n")
        self.assertEqual(self.succeed("health", "-q").out, "")
        self.assertEqual(self.succeed("health", "--json").json(), {"status": "SERVING"})

    def test_a_socket_that_allows_less_is_asked_no_more(self):
        path = f"{self.directory()}/s"
        self.serve(options=("--listen", f"path={path},allow=UnloadModels+Status+Check"))
        self.assertRegex(self.succeed("status", "--socket", path).out, r"Allowed: +UnloadModels\n")
        self.assertEqual(self.pieces.targets(), [])


    def test_a_socket_that_does_not_allow_to_ask_says_what_it_knows(self):
        path = f"{self.directory()}/s"
        self.serve(model("a", "one"), options=("--listen", f"path={path},allow=UnloadModels+Status"))
        ended = self.succeed("status", "--socket", path)
        self.assertRegex(ended.out, r"Pieces OS: not asked, as .*\n(.*\n)*Next: +models-gateway methods\n")
        self.assertEqual(self.succeed("status", "--json", "--socket", path).json()["health"], "UNKNOWN")
        self.succeed("unload", "--socket", path)
        self.assertRegex(self.succeed("status", "--socket", path).out, "Pieces OS: serving, at ")
        self.pieces.health = "migrating"
        self.expect(NOT_SERVING, "health")
        self.assertRegex(self.expect(NOT_SERVING, "status", "--socket", path).out, "Pieces OS: not ready")


class NotServingTest(CommandTest):
    def not_serving(self, *texts: str) -> None:
        out = self.expect(NOT_SERVING, "status").out
        for text in texts:
            self.assertIn(text, out)
        ended = self.expect(NOT_SERVING, "status", "--json")
        self.assertEqual(ended.err, "")
        self.assertIn("health", ended.json())

    def not_healthy(self, *texts: str) -> None:
        self.not_serving(*texts)
        out = self.expect(NOT_SERVING, "health").out
        self.assertTrue(out.startswith("NOT_SERVING\n"), out)
        for text in texts:
            self.assertIn(text, out)
        self.assertEqual(self.expect(NOT_SERVING, "health", "--json").json(), {"status": "NOT_SERVING"})
        self.assertEqual(self.expect(NOT_SERVING, "health", "-q").out, "")


class NotServingTests(NotServingTest):
    def test_pieces_os_is_absent(self):
        self.served = self.gateway("http://127.0.0.1:9")
        self.not_healthy("absent", "start Pieces OS", "models-gateway serve --upstream http://localhost:PORT")

    def test_it_is_not_ready(self):
        self.serve().health = "migrating"
        self.not_healthy("not ready", "migrating", "models-gateway status --watch")

    def test_nobody_is_signed_in(self):
        self.serve().refusal = (401, "Nobody is signed in.")
        self.not_serving("Nobody is signed in.", "UNAUTHENTICATED", "sign in to Pieces OS", "models-gateway list")
        self.assertEqual(self.expect(NOT_SERVING, "status", "--json").json()["error"]["code"], "UNAUTHENTICATED")

    def test_it_is_outdated(self):
        self.serve().refusal = (593, "Too old.")
        self.not_serving("Too old.", "update Pieces OS")

    def test_its_answers_cannot_be_used_or_do_not_come(self):
        pieces = self.serve()
        for answer, text in (("[]", "not an object"), ('{"iterable":5}', "Not all that Pieces OS lists are models")):
            pieces.refusal = (200, answer)
            self.not_serving("Pieces OS: fails calls, at http://", text, "try again: models-gateway list")
        held = Held()
        script = lambda exchange: (pieces if exchange.request.target == HEALTH else held)(exchange)  # noqa: E731
        self.served = self.gateway(self.upstream(script))
        out = self.expect(NOT_SERVING, "status", "--timeout", "500ms").out
        self.assertRegex(out, r"Pieces OS: fails calls, at .*\(DEADLINE_EXCEEDED\)\n")

    @unittest.skipUnless(os.getuid() == 0, "needs root to be somebody else")
    def test_what_listens_there_is_not_trusted(self):
        os.seteuid(NOBODY)
        try:
            listener = socket.create_server(("127.0.0.1", 5323))
        finally:
            os.seteuid(0)
        self.addCleanup(listener.close)
        self.served = self.gateway("auto")
        self.not_healthy("distrusted", str(NOBODY), "--upstream")


class SilentTest(NotServingTest):
    """Somebody is there, and does not say how it is."""

    WAIT = "models-gateway status --watch"

    def check(self, *texts: str, state: str = "NOT_READY") -> None:
        self.not_healthy(*texts)
        said = self.expect(NOT_SERVING, "status", "--json").json()
        self.assertEqual((said["upstream"]["state"], said["health"]), (state, "NOT_SERVING"))
        self.assertIn(self.timeless(said["upstream"]["message"]), self.timeless(self.expect(NOT_SERVING, "status").out))
        page = door.ask(self.served.path, "/health")
        self.assertEqual(page.status, 503)
        self.assertEqual(self.timeless(page.text), self.timeless(f"NOT_SERVING: {said['upstream']['message']}\n"))
        self.assertEqual(door.ask(self.served.path, "/metrics").samples()["models_gateway_upstream_up"], 0)

    def timeless(self, text: str) -> str:
        """It is waited for longer and longer."""
        return re.sub(r"within \d+ m?s", "in time", text)


class SilentTests(SilentTest):
    def test_a_named_one_takes_the_question_and_does_not_answer(self):
        upstream = self.upstream(Held())
        self.served = self.gateway(upstream)
        self.check("not ready", f"Pieces OS at {upstream.url} is not ready: it has not said within 1 s", self.WAIT)

    def test_one_that_has_served_does_not_answer_any_more(self):
        pieces = Pieces(model("a", "one"))
        self.served = self.gateway(upstream := self.upstream(pieces))
        self.succeed("list")
        upstream.script = Held()
        self.check("not ready", "has not said within 1 s", self.WAIT)
        upstream.script = pieces
        terminal = self.terminal("status", "--watch", NO_COLOR="1")
        terminal.wait_for("Pieces OS: serving")
        terminal.write("\x03")
        terminal.wait()

    def test_a_named_one_closes_every_connection(self):
        self.served = self.gateway(self.upstream(lambda exchange: exchange.connection.close()))
        self.check("not ready", "closes the connection instead of saying that it is healthy", self.WAIT)

    def test_a_named_one_speaks_something_else(self):
        self.served = self.gateway(upstream := self.upstream(sending_and_closing(b"220 mail.example.org\r\n")))
        self.check("absent", f"{upstream.url} is not Pieces OS", "name it", state="UNREACHABLE")

    def test_a_named_one_takes_no_connection(self):
        with socket.socket() as listener, socket.socket() as first, socket.socket() as second:
            listener.bind(("127.0.0.1", 0))
            listener.listen(0)
            # The system takes no more than these for who does not accept.
            for waiting in (first, second):
                waiting.setblocking(False)
                waiting.connect_ex(listener.getsockname())
            self.served = self.gateway(f"http://127.0.0.1:{listener.getsockname()[1]}")
            self.check("absent", "it has taken no connection within 1 s", "start Pieces OS", state="UNREACHABLE")


class SilentDiscoveryTests(SilentTest, DiscoveryTest):
    def test_it_is_not_ready_from_the_first_question_on(self):
        upstream = self.upstream(Held(), port=39331)
        self.served = self.auto()
        self.check(f"not ready: Pieces OS at http://localhost:{upstream.port} is not ready: it has not said", self.WAIT)
        self.assertNotIn("callsWaiting", self.expect(NOT_SERVING, "status", "--json").json())


class UnreachableTests(CommandTest):
    def unreachable(self, path: str, *texts: str) -> None:
        for command in ("status", "health", "list"):
            with self.subTest(command):
                error = self.expect(UNREACHABLE, command, "--socket", path).err
                self.assertIn(path, error)
                for text in texts:
                    self.assertIn(text, error)
        error = self.expect(UNREACHABLE, "list", "--json", "--socket", path).error()
        self.assertEqual(error["code"], "UNAVAILABLE")

    def test_the_socket_is_not_there(self):
        path = f"{self.directory()}/s"
        self.unreachable(path, "not there", f"models-gateway serve --socket {path}")

    def test_nobody_listens(self):
        path = f"{self.directory()}/s"
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
        self.unreachable(path, "nobody listens", f"models-gateway serve --socket {path}")

    def test_it_is_no_socket(self):
        path = f"{self.directory()}/s"
        open(path, "w").close()
        self.unreachable(path, "no socket", f"ls -l {path}")

    def test_the_default_is_found_by_the_daemons_rule(self):
        runtime = str(self.directory())
        error = self.expect(UNREACHABLE, "status", XDG_RUNTIME_DIR=runtime).err
        self.assertIn(f"{runtime}/models-gateway/gateway.sock", error)
        self.assertRegex(error, r"models-gateway serve\n")
        error = self.expect(UNREACHABLE, "status", XDG_RUNTIME_DIR=runtime, MODELS_GATEWAY_SOCKET="/named/by/it").err
        self.assertIn("/named/by/it", error)

    @unittest.skipUnless(os.getuid() == 0, "needs root to be somebody else")
    def test_it_belongs_to_another_user(self):
        self.serve()
        directory = os.path.dirname(self.served.path)
        for mode, texts in (
            (0o700, (directory, "mode 0700", "user 0")), (0o755, ("mode 0600", "user 0", f"uid={NOBODY}")),
        ):  # fmt: skip
            os.chmod(directory, mode)
            self.assertIn(f"user {NOBODY}", error := self.as_nobody())
            for text in (*texts, self.served.path):
                self.assertIn(text, error)

    @unittest.skipUnless(os.getuid() == 0, "needs root to be somebody else")
    def test_its_gateway_lets_in_only_some(self):
        self.serve(options=("--socket-mode", "0666"))
        os.chmod(os.path.dirname(self.served.path), 0o755)
        error = self.as_nobody()
        for text in (self.served.path, "user 0", f"user {NOBODY}", f"uid={NOBODY}", "models-gateway serve"):
            self.assertIn(text, error)

    def as_nobody(self) -> str:
        return self.expect(UNREACHABLE, "status", user=NOBODY).err


class StoppedTests(CommandTest):
    def test_a_gateway_that_does_not_answer_is_exit_code_3(self):
        self.serve()
        self.served.signal(signal.SIGSTOP)
        self.addCleanup(self.served.signal, signal.SIGCONT)
        for command in ("status", "health"):
            self.assertIn("timeout", self.expect(DEADLINE, command, "--timeout", "1").err)


class WatchTests(CommandTest):
    def test_it_prints_again_when_something_changes(self):
        pieces = self.serve()
        terminal = self.terminal("status", "--watch", NO_COLOR="1")
        terminal.wait_for(r"Pieces OS: serving[^$]*Next:[^\n]*\n")
        pieces.models = [model("a", "one")]
        terminal.wait_for(r"Models: +1, 0 in memory[^$]*Next:[^\n]*\n")
        pieces.refusal = (401, "Nobody is signed in.")
        terminal.wait_for(r"Nobody is signed in\.[^$]*Next:[^\n]*\n")
        self.served.stop()
        terminal.wait_for("Cannot connect")
        terminal.write("\x03")
        self.assertEqual(terminal.wait(), 130)
        self.assertEqual(len(re.findall("Gateway:", terminal.output)), 3)
        self.assertEqual(len(re.findall(r"\n\r\nGateway:", terminal.output)), 2)
        self.assertTrue(terminal.output.startswith("Gateway:"))

    def test_it_is_looked_at_once_a_second(self):
        self.serve()
        begin = time.monotonic()
        terminal = self.terminal("status", "--watch", "-q")
        asked = 'models_gateway_calls_started_total{method="grpc.health.v1.Health/Check"}'
        while (looks := door.ask(self.served.path, "/metrics").samples()[asked]) < 4:
            self.assertLess(time.monotonic() - begin, PATIENCE)
        self.assertGreaterEqual(time.monotonic() - begin, 0.99 * (looks - 1))
        terminal.write("\x03")
        self.assertEqual(terminal.wait(), 130)
        self.assertEqual(terminal.output, "^C")

    def test_json_is_an_object_a_line(self):
        pieces = self.serve()
        terminal = self.terminal("status", "--watch", "--json", NO_COLOR="1")
        terminal.wait_for(r'"health":"SERVING"}')
        pieces.refusal = (401, "Nobody is signed in.")
        terminal.wait_for(r'"error":{"code":"UNAUTHENTICATED".*}}')
        terminal.write("\x03")
        self.assertEqual(terminal.wait(), 130)
        self.assertEqual(len([line for line in terminal.lines if line.startswith("{")]), 2)
