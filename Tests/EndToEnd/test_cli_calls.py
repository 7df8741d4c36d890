"""The command line: any RPC by its name, and what the options say about it."""

import json
import re
import time

from support.command import DEADLINE, FAILED, WRONG_COMMAND_LINE, CommandTest, model
from support.gateway import ROOT
from support.upstream import Held

PAGE = ROOT / "Sources/models-gateway/README.md"
SERVICE = "pieces.models.v1.ModelsService"


class CallTests(CommandTest):
    def setUp(self):
        self.serve(model("a1", "one"), model("b2", "two"))

    def test_an_rpc_goes_by_its_name_or_its_name_in_full(self):
        for name in ("ModelsSnapshot", f"{SERVICE}/ModelsSnapshot", f"{SERVICE}.ModelsSnapshot"):
            self.assertEqual(self.succeed("call", name).json(), {"iterable": self.pieces.models})
        self.assertEqual(self.succeed("call", "ModelsSnapshot", "--json").json(), {"iterable": self.pieces.models})

    def test_json_goes_in(self):
        path = self.directory() / "request.json"
        path.write_text('{"model": "a1"}')
        for arguments, stdin in (
            (['{"model": "a1"}'], None), ([f"@{path}"], None), (["-"], '{"model": "a1"}'),
        ):  # fmt: skip
            self.assertEqual(self.succeed("call", "ModelsDeleteSpecificModel", *arguments, stdin=stdin).out, "{}\n")
            self.assertEqual(self.pieces.targets()[-1], "/models/a1/delete")
        for name in ("seededModel", "seeded_model"):
            made = self.succeed("call", "ModelsCreateNewModel", json.dumps({name: {"name": "x", "new": 1}})).json()
            self.assertEqual(made, {"name": "x", "new": 1, "id": "made", "custom": True})

    def test_a_stream_is_one_object_a_line(self):
        self.serve(*[model(f"{number:05}", "x" * 2000) for number in range(300)])
        lines = [json.loads(line) for line in self.succeed("call", "StreamModelsSnapshot").lines]
        self.assertGreater(len(lines), 1)
        self.assertEqual([model for line in lines for model in line["iterable"]], self.pieces.models)

    def test_the_gateways_own_services_can_be_called(self):
        status = self.succeed("call", "Status").json()
        self.assertEqual(status["pid"], self.served.pid)
        self.assertIn("startTime", status)
        self.assertEqual(self.succeed("call", "Check").json(), {"status": "SERVING"})
        self.assertEqual(self.succeed("call", "Check", json.dumps({"service": SERVICE})).json(), {"status": "SERVING"})
        self.assertEqual(self.expect(FAILED, "call", "Check", '{"service":"x"}', "--json").error()["code"], "NOT_FOUND")
        self.assertEqual(self.succeed("call", "Cancel").json(), {})
        watched = self.expect(DEADLINE, "call", "Watch", "--timeout", "500ms")
        self.assertEqual(watched.json(), {"status": "SERVING"})

    def test_what_cannot_be_called_is_a_wrong_command_line(self):
        for arguments, text in (
            (["ModelSnapshot"], "did you mean 'ModelsSnapshot'?"), (["x"], "models-gateway methods"), ([], "method"),
            (["UnloadModels", '{"x": 1}'], '{"x":1}'), (["ModelsDeleteSpecificModel", '{"model": 1}'], "model"),
            (["UnloadModels", "{"], "JSON"), (["ModelsSnapshot\x1b", "{}"], "\\u001b"),
        ):  # fmt: skip
            with self.subTest(arguments):
                self.assertIn(text, self.expect(WRONG_COMMAND_LINE, "call", *arguments).err)
        self.assertEqual(self.pieces.targets(), [])

    def test_methods_say_what_they_take_and_answer_and_whether_they_are_allowed(self):
        lines = {line.split()[0]: line.split()[1:] for line in self.succeed("methods").lines}
        self.assertEqual(lines["RPC"], ["ALLOWED", "TAKES", "ANSWERS", "SERVICE"])
        self.assertEqual(lines["ModelsCreateNewModel"], ["yes", "ModelsCreateNewModelRequest", "Model", SERVICE])
        self.assertEqual(lines["StreamModelsSnapshot"][2:], ["stream", "Models", SERVICE])
        self.assertIn(f"{SERVICE}/UnloadModels", self.succeed("methods", "-q").lines)

    def test_methods_of_a_socket_that_allows_less(self):
        directory = self.directory()
        gateway = self.gateway(self.upstream(), "--listen", f"path={directory}/s,allow=read")
        listed = self.succeed("methods", "--json", "--socket", f"{directory}/s").json()["methods"]
        allowed = {method["method"]: method["allowed"] for method in listed}
        self.assertIs(allowed[f"{SERVICE}/ModelsSnapshot"], True)
        self.assertIs(allowed[f"{SERVICE}/UnloadModels"], False)
        error = self.expect(FAILED, "unload", "--json", "--socket", f"{directory}/s").error()
        self.assertEqual((error["code"], error["reason"]), ("PERMISSION_DENIED", "POLICY_DENIED"))
        gateway.stop()


class ErrorTests(CommandTest):
    def test_an_error_is_a_sentence_and_what_to_do(self):
        self.serve().refusal = (401, "Nobody is signed in\x1b[31m\nat all.")
        ended = self.expect(FAILED, "unload")
        self.assertEqual(
            ended.err, "Error: Nobody is signed in\\u001b[31m\nat all.\nNext: sign in to Pieces OS\n"
        )
        self.assertEqual(ended.out, "")

    def test_where_the_gateway_has_no_hint_it_says_what_to_type_next(self):
        pieces = self.serve(options=("--listen", f"path={self.directory()}/s,allow=ModelsSnapshot+Watch"))
        pieces.health = "migrating"
        narrow = self.served.log[-1].split("socket=")[1].split()[0].split(",")[1]
        for command, text in (("unload", "models-gateway methods"), ("methods", "--socket PATH")):
            error = self.expect(FAILED, command, "--socket", narrow).err
            self.assertRegex(error, rf"^Error: .*may not be called.*\nNext: .*{text}")
            self.assertNotIn("hint", self.expect(FAILED, command, "--json", "--socket", narrow).error()["metadata"])
        self.assertNotIn("models-gateway methods", self.expect(FAILED, "methods", "--socket", narrow).err)
        watching = self.terminal("call", "Watch", "--socket", narrow)
        watching.wait_for("NOT_SERVING")
        self.served.stop()
        self.assertEqual(watching.wait(), FAILED)
        self.assertIn("Next: start the gateway again: models-gateway serve", watching.output)

    def test_with_json_an_error_is_an_object_on_standard_error(self):
        self.serve().refusal = (401, "Nobody is signed in\u0085.")
        for command in (["unload"], ["list"], ["call", "UnloadModels"], ["create", "{}"], ["rm", "x", "--yes"]):
            error = self.expect(FAILED, *command, "--json").error()
            self.assertEqual(error["code"], "UNAUTHENTICATED")
            self.assertEqual(error["reason"], "UPSTREAM_HTTP_STATUS")
            self.assertEqual(error["message"], "Nobody is signed in\u0085.")
            self.assertEqual(error["metadata"]["http_status"], "401")
            self.assertEqual(error["metadata"]["hint"], "sign in to Pieces OS")
        self.assertIn("\\u0085", self.expect(FAILED, "unload", "--json").err)

    def test_every_command_takes_the_shared_options(self):
        self.serve(model("a1", "one"), model("b2", "two"))
        for command in (
            ["list"], ["ps"], ["show", "a1"], ["create", "{}"], ["rm", "b2"], ["clear-cache", "a1"], ["unload"],
            ["call", "UnloadModels"], ["methods"], ["status"], ["health"],
        ):  # fmt: skip
            with self.subTest(command):
                ended = self.succeed(*command, "--json", "--no-trunc", "--yes", "--timeout", "20")
                self.assertEqual(len(ended.lines), 1)
                self.assertIsInstance(ended.json(), dict)
                self.run_command(*command, "-q", "--yes")

    def test_a_wrong_command_line_says_what_was_meant(self):
        for arguments, text in (
            (["lits"], "did you mean 'list'?"), (["list", "--jsn"], "--json"), (["show"], "model"),
            (["list", "--timeout", "0"], "5s"), (["list", "--timeout", "x"], "5s"), (["list", "a", "b"], "'b'"),
            (["list", "--socket", "/" + "x" * 108], "107"), (["rm", "--yes"], "models"),
        ):  # fmt: skip
            with self.subTest(arguments):
                self.assertIn(text, self.expect(WRONG_COMMAND_LINE, *arguments).err)
        error = self.expect(WRONG_COMMAND_LINE, "list", "--json", "--jsn").error()
        self.assertEqual(error["code"], "INVALID_ARGUMENT")


class TimeoutTests(CommandTest):
    def test_a_deadline_is_exit_code_3(self):
        held = Held()
        gateway = self.gateway(self.upstream(held))
        for timeout in ("1", "1s", "1000ms"):
            begin = time.monotonic()
            error = self.expect(DEADLINE, "unload", "--json", "--timeout", timeout, "--socket", gateway.path).error()
            self.assertEqual(error["code"], "DEADLINE_EXCEEDED")
            self.assertGreaterEqual(time.monotonic() - begin, 1)
            held.wait_until_given_up()
        ended = self.expect(DEADLINE, "unload", "--timeout", "100ms", "--socket", gateway.path)
        self.assertRegex(ended.err, r"\nNext: .*models-gateway status; .*--timeout 2m\n$")


class HelpTests(CommandTest):
    def test_the_page_and_the_help_name_the_same_commands(self):
        rows = re.findall(r"^\| `([a-z][a-z-]*)", PAGE.read_text(), re.MULTILINE)
        listed = re.findall(r"^  ([a-z-]+)(?:, ls)? {2,}\S", self.succeed("--help").out.partition("SUBCOMMANDS")[2], re.M)
        self.assertEqual(set(rows), set(listed))

    def test_help_has_examples_for_every_command(self):
        for command in (
            "list", "ps", "show", "create", "rm", "clear-cache", "unload", "call", "methods", "status", "health",
        ):  # fmt: skip
            text = self.succeed(command, "--help").out
            self.assertRegex(text, rf"Examples?:\s+models-gateway {command}")
            self.assertEqual(self.succeed("help", command).out, text)
            self.assertIn(f"  {command}", self.succeed("--help").out)
