"""The command line: closed descriptors, no /proc, no room for output, and Ctrl-C wherever it waits."""

import socket
import unittest

from test_surroundings import SurroundingsTest

from support.command import FAILED, INTERRUPTED, OK, WRONG_COMMAND_LINE, CommandTest, model
from support.gateway import SANITIZED
from support.upstream import Held

PRINTING = (
    ["list"], ["ps"], ["show", "a"], ["create", "{}"], ["clear-cache", "a"], ["unload"], ["call", "UnloadModels"],
    ["methods"], ["status"], ["health"], ["rm", "--yes", "a"], ["--version"], ["--help"], ["list", "--help"],
)  # fmt: skip


class ClientSurroundingsTest(CommandTest, SurroundingsTest):
    def setUp(self):
        self.serve(model("a", "one"))
        self.environment = {"MODELS_GATEWAY_SOCKET": self.served.path}

    def try_it(self, code: int, *arguments: str, **more):
        self.pieces.models = [model("a", "one")]
        return self.expect(code, *arguments, **self.environment, **more)


class DescriptorTests(ClientSurroundingsTest):
    def test_each_command_works_with_closed_ones_unless_it_has_to_print_there(self):
        for redirections, closed in self.CLOSED.items():
            for command in PRINTING:
                with self.subTest(redirections, command=command):
                    wrapper = self.closing(redirections)
                    ended = self.try_it(FAILED if 1 in closed else OK, *command, wrapper=wrapper)
                    self.assertEqual(bool(ended.out), 1 not in closed)
                    if closed in ([1], [0, 1]):
                        self.assertIn("The output cannot be written", ended.err)
                    else:
                        self.assertEqual(ended.err, "")

    def test_what_is_to_be_read_from_a_closed_one_is_nothing(self):
        for arguments, text in ((["create", "-"], "JSON"), (["call", "UnloadModels", "-"], "JSON"), (["rm", "a"], "--yes")):
            for redirections in ("<&-", "<&- >&-"):
                wrapper = self.closing(redirections)
                self.assertIn(text, self.try_it(WRONG_COMMAND_LINE, *arguments, wrapper=wrapper).err)
        self.assertEqual(self.pieces.targets(), [])


class OtherSurroundingsTests(ClientSurroundingsTest):
    @unittest.skipIf(SANITIZED, "the sanitizer reads /proc itself")
    def test_without_proc(self):
        wrapper = self.hiding("/proc")
        for command in PRINTING:
            with self.subTest(command):
                self.assertEqual(self.try_it(OK, *command, wrapper=wrapper).err, "")

    def test_a_size_limit_of_files_is_an_error_of_the_output_and_no_death(self):
        wrapper = ("sh", "-c", 'ulimit -f 0; exec "$@"', "sh")
        for command in PRINTING:
            with self.subTest(command), (self.directory() / "output").open("wb") as file:
                self.assertEqual(self.try_it(OK, *command, wrapper=wrapper).err, "")
                ended = self.try_it(FAILED, *command, wrapper=wrapper, stdout=file)
                self.assertIn("The output cannot be written", ended.err)


class InterruptTests(CommandTest):
    def interrupt(self, *arguments: str, begun=lambda terminal: None) -> None:
        with self.subTest(arguments):
            terminal = self.terminal(*arguments)
            begun(terminal)
            terminal.write("\x03")
            self.assertEqual(terminal.wait(), INTERRUPTED, terminal.output)

    def test_while_pieces_os_is_waited_for(self):
        held = Held()
        upstream = self.upstream(held)
        self.served = self.gateway(upstream)
        for command in (
            ["list"], ["ps"], ["show", "a"], ["create", "{}"], ["rm", "--yes", "a"], ["clear-cache", "a"], ["unload"],
            ["call", "UnloadModels"], ["call", "StreamModelsSnapshot"],
        ):  # fmt: skip
            count = len(upstream.requests) + 1
            self.interrupt(*command, begun=lambda _, count=count: upstream.wait_for_requests(count))
            held.wait_until_given_up()

    def test_while_it_waits_for_its_input_or_for_news(self):
        self.serve(model("a", "one"))
        for command, text in (
            (["rm", "a"], r"\[y/N\]"), (["call", "Watch"], "SERVING"), (["status", "--watch"], "Next:"),
        ):  # fmt: skip
            self.interrupt(*command, begun=lambda terminal, text=text: terminal.wait_for(text))
        self.assertEqual(self.pieces.models, [model("a", "one")])

    def test_while_the_gateway_does_not_answer(self):
        path = f"{self.directory()}/s"
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
            listener.listen()
            for command in ("list", "status", "health", "methods", "unload"):
                self.interrupt(command, "--socket", path, begun=lambda _: self.take_one(listener))

    def take_one(self, listener: socket.socket) -> None:
        """Reads the beginning of what a client asks."""
        connection, _ = listener.accept()
        self.addCleanup(connection.close)
        connection.recv(1)
