"""The command line: what there is, as a table, as ids and as JSON."""

import subprocess

from support.command import FAILED, OK, WRONG_COMMAND_LINE, CommandTest, environment_of, model, width
from support.gateway import BINARY

LLAMA = model("11aa-2222", "Llama 3 8B", provider="META", loaded=True, bytes={"readable": "4.1 GB", "value": 4100000000})
GPT = model("11ab-3333", "GPT-4o", provider="OPENAI", cloud=True)
PHI = model("33cc-4444", "Phi", downloaded=True, bytes={"value": 2_345_000_000}, ram={"readable": "3 GB", "value": 3})


class ListTests(CommandTest):
    def setUp(self):
        self.serve(LLAMA, GPT, PHI)

    def test_a_table_into_a_pipe_is_neither_cut_nor_coloured(self):
        self.assertEqual(
            self.succeed("list").lines,
            [
                "NAME        ID         PROVIDER  SIZE    STATE",
                "Llama 3 8B  11aa-2222  META      4.1 GB  loaded",
                "GPT-4o      11ab-3333  OPENAI    -       cloud",
                "Phi         33cc-4444  -         2.3 GB  downloaded",
            ],
        )
        self.assertEqual(self.succeed("ls"), self.succeed("list"))

    def test_a_prefix_is_of_the_id_or_the_name(self):
        self.assertEqual(self.succeed("list", "11a", "-q").lines, ["11aa-2222", "11ab-3333"])
        self.assertEqual(self.succeed("list", "Ph", "-q").lines, ["33cc-4444"])

    def test_nothing_to_list_is_no_error(self):
        self.assertEqual(self.succeed("list", "zzz").lines, ["NAME  ID  PROVIDER  SIZE  STATE"])
        self.assertEqual(self.succeed("list", "zzz", "-q").out, "")
        self.assertEqual(self.succeed("list", "zzz", "--json").json(), {"iterable": []})

    def test_json_is_one_models_object_as_pieces_os_has_it(self):
        ended = self.succeed("list", "--json")
        self.assertEqual(ended.json(), {"iterable": [LLAMA, GPT, PHI]})
        self.assertEqual(len(ended.lines), 1)
        self.assertEqual(self.succeed("list", "--json", "11ab").json(), {"iterable": [GPT]})

    def test_ps_is_about_those_in_memory(self):
        self.assertEqual(len(self.succeed("ps").lines), 2)
        self.assertIn("Llama 3 8B", self.succeed("ps").lines[1])
        self.assertEqual(self.succeed("ps", "-q").lines, ["11aa-2222"])
        self.assertEqual(self.succeed("ps", "--json").json(), {"iterable": [LLAMA]})

    def test_ps_with_nothing_in_memory_is_no_error(self):
        self.pieces.models = [GPT, PHI]
        self.assertEqual(self.succeed("ps").lines, ["NAME  ID  PROVIDER  SIZE  MEMORY"])
        self.assertEqual(self.succeed("ps", "-q").out, "")
        self.assertEqual(self.succeed("ps", "--json").json(), {"iterable": []})

    def test_show_says_all(self):
        shown = self.succeed("show", "33cc").out
        for text in ("Phi", "33cc-4444", "SPEED", "CODE_GENERATION", "2.3 GB", "3 GB", "2026-01-02T03:04:05Z"):
            self.assertIn(text, shown)
        self.assertEqual(self.succeed("show", "33cc", "--json").json(), PHI)
        self.assertEqual(self.succeed("show", "33cc", "-q").out, "33cc-4444\n")

    def test_a_model_is_an_id_a_name_or_the_beginning_of_an_id(self):
        for text in ("11aa-2222", "Llama 3 8B", "11aa"):
            self.assertEqual(self.succeed("show", text, "-q").out, "11aa-2222\n")
        self.assertIn("no model 'Llama'", self.expect(FAILED, "show", "Llama").err)
        self.expect(WRONG_COMMAND_LINE, "show", "")

    def test_an_ambiguous_model_is_an_error_that_lists_the_ids(self):
        error = self.expect(FAILED, "show", "11a").err
        self.assertIn("11aa-2222", error)
        self.assertIn("11ab-3333", error)
        self.assertEqual(self.expect(FAILED, "show", "11a", "--json").error()["metadata"]["ids"], "11aa-2222 11ab-3333")


class OrderTests(CommandTest):
    def test_an_id_wins_over_a_name_and_a_name_over_the_beginning_of_an_id(self):
        self.serve(model("a", "b"), model("b", "c"), model("c1", "x"))
        self.assertEqual(self.succeed("show", "b", "-q").out, "b\n")
        self.assertEqual(self.succeed("show", "c", "-q").out, "b\n")
        self.assertEqual(self.succeed("show", "c1", "-q").out, "c1\n")

    def test_a_name_of_two_is_ambiguous_though_it_begins_an_id(self):
        self.serve(model("1", "x"), model("2", "x"), model("x3", "y"))
        self.assertIn("2 models", self.expect(FAILED, "show", "x").err)


class WeirdModelTests(CommandTest):
    WEIRD = model(
        "\u009b1", "a\x1b[31m\u0085\x7fb\u202e", parameters=None, type="QUICK", new={"deep": [1, None]}, unique=7,
        maxTokens={"total": None, "input": 9007199254740993},
    )  # fmt: skip

    def test_what_the_contract_does_not_know_is_in_the_json(self):
        self.serve(self.WEIRD, schema=None, more="x")
        ended = self.succeed("list", "--json")
        self.assertEqual(ended.json(), {"iterable": [self.WEIRD], "schema": None, "more": "x"})
        self.assertEqual(self.succeed("show", self.WEIRD["name"], "--json").json(), self.WEIRD)

    def test_control_characters_are_escaped_everywhere(self):
        self.serve(self.WEIRD)
        for command in (["list"], ["list", "-q"], ["show", "\u009b"], ["list", "--json"], ["show", "nope\x1b\u009b"]):
            ended = self.run_command(*command)
            for character in ended.out + ended.err:
                self.assertFalse(character < " " and character != "\n" or "\x7f" <= character <= "\x9f", ended)
        self.assertIn("\\u009b1", self.succeed("list", "--json").out)
        self.assertIn("a\\u001b[31m\\u0085\\u007fb\\u202e", self.succeed("list").out)

    def test_a_list_with_what_is_no_model_is_not_an_empty_one(self):
        pieces = self.serve()
        pieces.models = [1, model("a", "b")]
        self.assertIn("--json", self.expect(FAILED, "list").err)
        self.assertEqual(self.succeed("list", "--json").json(), {"iterable": pieces.models})

    def test_a_catalogue_beyond_one_answer_comes_in_parts(self):
        models = [model(f"{number:05}", "x" * 1000) for number in range(6000)]
        pieces = self.serve(*models, more=1)
        self.assertEqual(len(self.succeed("list", "-q").lines), 6000)
        self.assertEqual(pieces.targets(), ["/models"] * 2)
        self.assertEqual(self.succeed("list", "--json", "0000").json(), {"iterable": models[:10], "more": 1})


class TerminalTests(CommandTest):
    def table(self, columns: int, *arguments: str, **environment: str) -> list[str]:
        terminal = self.terminal(*arguments, columns=columns, **environment)
        self.assertEqual(terminal.wait(), OK, terminal.output)
        return terminal.lines

    def test_a_table_fits_the_window(self):
        self.serve(model("0123456789" * 4, "日本語のモデル" * 9), model("e\u0301" * 50, "🙂 and more of it" * 4), LLAMA)
        for columns in (8, 20, 60, 80, 120):
            with self.subTest(columns):
                lines = self.table(columns, "list", NO_COLOR="1")
                self.assertEqual(len(lines), 4)
                self.assertLessEqual(max(width(line) for line in lines), columns)
                self.assertIn("…", lines[1])
                if columns >= 60:
                    self.assertGreater(max(width(line) for line in lines), columns - 4)

    def test_columns_may_say_less_than_the_window_has_or_all_where_it_says_nothing(self):
        self.serve(model("0123456789" * 4, "n" * 200))
        for window, columns, expected in ((120, "60", 60), (60, "120", 60), (0, "70", 70), (0, "", 80), (70, "x", 70)):
            with self.subTest(window=window, columns=columns):
                lines = self.table(window, "list", NO_COLOR="1", COLUMNS=columns)
                self.assertTrue(expected - 4 < max(width(line) for line in lines) <= expected, lines)

    def test_facts_go_on_below_themselves(self):
        self.serve(model("x", "one", description="日本 and " * 30 + "\x1b[31mred"))
        for command in ("show", "x"), ("status",):
            for columns in (40, 60, 80, 120):
                lines = self.table(columns, *command, NO_COLOR="1")
                words = [word for line in lines for word in line.split() if width(word) <= columns - 20]
                self.assertLessEqual(max(width(line) for line in lines if len(line.split()) > 2), columns)
                self.assertIn("日本" if command[0] == "show" else "models-gateway", words)
        self.assertIn("日本 and " * 30 + "\\u001b[31mred\n", self.succeed("show", "x").out)

    def test_columns_stay_in_line_under_wide_characters(self):
        self.serve(model("1", "日本語"), model("2", "e\u0301a"), model("3", "plain"))
        lines = self.table(80, "list", NO_COLOR="1")
        self.assertEqual({width(line[: line.index(mark)]) for line, mark in zip(lines, ["ID", "1", "2", "3"])}, {8})

    def test_nothing_is_cut_that_should_not_be(self):
        self.serve(model("0" * 90, "x"))
        self.assertIn("0" * 90, "".join(self.table(40, "list", "--no-trunc")))

    def test_no_color_is_respected(self):
        self.serve(LLAMA)
        self.assertIn("\x1b[1m", "".join(self.table(80, "list")))
        self.assertNotIn("\x1b", "".join(self.table(80, "list", NO_COLOR="1")))
        self.assertNotIn("\x1b", "".join(self.table(80, "list", TERM="dumb")))
        self.assertIn("\x1b", "".join(self.table(80, "list", NO_COLOR="")))
        self.assertIn("\x1b[32mserving", "".join(self.table(80, "status")))
        self.assertNotIn("\x1b", "".join(self.table(80, "status", NO_COLOR="1")))


class OutputTests(CommandTest):
    def test_output_that_cannot_be_written_is_an_error(self):
        self.serve(LLAMA)
        for command in (
            ["list"], ["list", "--json"], ["ps", "-q"], ["show", "11"], ["status"], ["methods"], ["--version"],
            ["create", "{}"], ["clear-cache", "11"], ["unload"], ["call", "UnloadModels"], ["health"], ["--help"],
            ["list", "--help"], ["help", "rm"], ["rm", "--yes", "11"],
        ):  # fmt: skip
            with self.subTest(command), open("/dev/full", "w") as full:
                environment = {"MODELS_GATEWAY_SOCKET": self.served.path}
                self.assertIn("cannot be written", self.expect(FAILED, *command, stdout=full, **environment).err)
                self.pieces.models = [LLAMA]

    def test_what_was_done_is_done_though_nobody_can_be_told(self):
        self.serve(LLAMA, PHI)
        with open("/dev/full", "w") as full:
            self.expect(FAILED, "rm", "--yes", "11", "33", stdout=full)
        self.assertEqual(self.pieces.models, [PHI])

    def test_a_reader_who_has_gone_and_a_closed_output_are_errors_too(self):
        self.serve(LLAMA)
        for script in (
            '"$0" list --socket "$1" >&-', '{ "$0" list --socket "$1"; echo $? >&2; } | true', '"$0" --version >&-',
        ):  # fmt: skip
            with self.subTest(script):
                result = subprocess.run(
                    ["sh", "-c", script, BINARY, self.served.path], stderr=subprocess.PIPE, env=environment_of({})
                )
                self.assertIn(b"cannot be written", result.stderr)
                self.assertEqual(result.returncode if "|" not in script else int(result.stderr.split()[-1]), FAILED)
