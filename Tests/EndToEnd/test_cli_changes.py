"""The command line: what changes something, and what is asked before."""

import datetime
import json
import signal

from support.command import FAILED, INTERRUPTED, OK, WRONG_COMMAND_LINE, CommandTest, model
from support.upstream import Held

SEED = ["--name", "mine", "--version", "2", "--type", "SPEED", "--usage", "CODE_GENERATION"]


class CreateTests(CommandTest):
    def setUp(self):
        self.serve()

    def sent(self) -> dict:
        return json.loads(self.pieces.requests[-1].body)

    def test_options_make_the_json_with_the_present_time(self):
        begin = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=1)
        self.assertEqual(self.succeed("create", *SEED, "-q").out, "made\n")
        sent = self.sent()
        created = datetime.datetime.fromisoformat(sent.pop("created")["value"].replace("Z", "+00:00"))
        self.assertTrue(begin <= created <= datetime.datetime.now(datetime.timezone.utc))
        self.assertEqual(
            sent, {"name": "mine", "version": "2", "type": "SPEED", "usage": "CODE_GENERATION", "cloud": False}
        )
        self.assertEqual(self.succeed("create", *SEED, "--cloud", "--json").json()["id"], "made")
        self.assertIs(self.sent()["cloud"], True)

    def test_json_comes_as_an_argument_a_file_or_standard_input(self):
        seed = model("x", "mine", new=[1, None], parameters=None)
        del seed["id"]
        text = json.dumps(seed)
        path = self.directory() / "model.json"
        path.write_text(text)
        for arguments, stdin in (([text], None), ([f"@{path}"], None), (["-"], text)):
            with self.subTest(arguments):
                made = self.succeed("create", *arguments, "--json", stdin=stdin).json()
                self.assertEqual(self.sent(), seed)
                self.assertEqual(made, {**seed, "id": "made", "custom": True})
        self.succeed("create", "{}")
        self.assertEqual(self.sent(), {})

    def test_what_is_no_model_is_a_wrong_command_line_and_nothing_goes_out(self):
        for arguments, text in (
            ([], "--name"), (["--name", "x"], "--version, --type, --usage"), (["{"], "JSON"), (["[]"], "JSON"),
            (["{}", *SEED], "not as both"), ([*SEED, "--type", "FAST"], "BALANCED"), ([*SEED, "--usage", "x"], "OCR"),
        ):  # fmt: skip
            with self.subTest(arguments):
                self.assertIn(text, self.expect(WRONG_COMMAND_LINE, "create", *arguments).err)
        self.assertIn("No such file", self.expect(FAILED, "create", "@/no/such/file").err)
        self.assertEqual(self.pieces.targets(), [])


class RemoveTests(CommandTest):
    def setUp(self):
        self.serve(model("a1", "one"), model("b2", "two"), model("c3", "three"))

    def left(self) -> list[str]:
        return [model["id"] for model in self.pieces.models]

    def test_without_a_terminal_it_refuses_unless_told_yes(self):
        for stdin in (None, "y\n"):
            self.assertIn("--yes", self.expect(WRONG_COMMAND_LINE, "rm", "one", stdin=stdin).err)
        self.assertEqual(self.pieces.targets(), [])
        self.assertIn("one (a1)", self.succeed("rm", "--yes", "one").out)
        self.assertEqual(self.left(), ["b2", "c3"])

    def test_it_goes_on_after_one_that_is_not_there(self):
        ended = self.expect(FAILED, "rm", "--yes", "nope", "a1", "two", "two")
        self.assertIn("no model 'nope'", ended.err)
        self.assertEqual(len(ended.lines), 2)
        self.assertEqual(self.left(), ["c3"])
        self.assertEqual(self.pieces.targets().count("/models/b2/delete"), 1)

    def test_it_says_ids_or_json_when_asked(self):
        self.assertEqual(self.succeed("rm", "--yes", "-q", "one", "two").out, "a1\nb2\n")
        self.assertEqual(self.succeed("rm", "--yes", "--json", "c").json(), {"id": "c3"})
        error = self.expect(FAILED, "rm", "--yes", "--json", "c").error()
        self.assertEqual(error["code"], "NOT_FOUND")

    def test_on_a_terminal_it_asks(self):
        for answer, code, left in (("n\n", 64, 3), ("\n", 64, 3), ("y\n", OK, 2), ("YES\n", OK, 1)):
            with self.subTest(answer):
                terminal = self.terminal("rm", self.left()[0])
                terminal.wait_for(r"Delete \w+ \(\w+\)\? \[y/N\]")
                terminal.write(answer)
                self.assertEqual(terminal.wait(), code, terminal.output)
                self.assertEqual(len(self.left()), left)

    def test_an_ambiguous_one_is_not_deleted_and_its_ids_are_listed(self):
        self.pieces.models += [model("c44", "four")]
        ended = self.expect(FAILED, "rm", "--yes", "c", "a1")
        for identifier in ("c3", "c44"):
            self.assertIn(f"\n  {identifier}  ", ended.err)
        self.assertEqual(ended.lines, ["Deleted one (a1)."])
        self.assertEqual(self.left(), ["b2", "c3", "c44"])
        error = self.expect(FAILED, "rm", "--yes", "--json", "c").error()
        self.assertEqual((error["code"], error["metadata"]["ids"]), ("FAILED_PRECONDITION", "c3 c44"))

    def test_what_pieces_os_does_not_delete_is_an_error_of_that_model(self):
        def script(exchange):
            if exchange.request.target == "/models/a1/delete":
                return exchange.answer("not yours", 500)
            self.pieces(exchange)

        gateway = self.gateway(self.upstream(script))
        ended = self.expect(FAILED, "rm", "--yes", "one", "two", "--socket", gateway.path)
        self.assertIn("not yours", ended.err)
        self.assertEqual(ended.lines, ["Deleted two (b2)."])


class OtherChangesTests(CommandTest):
    def test_clear_cache(self):
        self.serve(model("a1", "one"))
        self.assertIn("one (a1)", self.succeed("clear-cache", "one").out)
        self.assertEqual(self.succeed("clear-cache", "a", "-q").out, "a1\n")
        self.assertEqual(self.succeed("clear-cache", "a", "--json").json(), {"model": {"id": "a1"}})
        self.expect(FAILED, "clear-cache", "nope")

    def test_clear_cache_of_an_ambiguous_one_clears_nothing(self):
        self.serve(model("a1", "one"), model("a2", "two"))
        error = self.expect(FAILED, "clear-cache", "a").err
        for identifier in ("a1", "a2"):
            self.assertIn(f"\n  {identifier}  ", error)
        self.assertEqual(self.expect(FAILED, "clear-cache", "a", "--json").error()["metadata"]["ids"], "a1 a2")
        self.assertEqual(self.pieces.targets(), ["/models"] * 2)

    def test_unload(self):
        self.serve()
        self.assertIn("memory", self.succeed("unload").out)
        self.assertEqual(self.succeed("unload", "-q").out, "")
        self.assertEqual(self.succeed("unload", "--json").json(), {})
        self.assertEqual(self.pieces.targets(), ["/models/unload"] * 3)

    def test_ctrl_c_cancels_the_call(self):
        held = Held()
        gateway = self.gateway(upstream := self.upstream(held))
        terminal = self.terminal("unload", "--socket", gateway.path)
        upstream.wait_for_requests(1)
        terminal.write("\x03")
        self.assertEqual(terminal.wait(), INTERRUPTED)
        held.wait_until_given_up()

    def test_who_ignores_ctrl_c_goes_on_doing_so(self):
        held = Held()
        gateway = self.gateway(upstream := self.upstream(held))
        terminal = self.terminal("unload", "--socket", gateway.path, interrupt=signal.SIG_IGN)
        upstream.wait_for_requests(1)
        terminal.write("\x03")
        terminal.wait_for(r"\^C")
        held.release()
        self.assertEqual(terminal.wait(), OK)
