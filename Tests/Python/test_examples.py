"""The programs in examples/python, run from elsewhere with the package as it is installed."""

import os
import subprocess
import sys
import unittest

from scripted import ROOT, EndToEndTest, PackageTest, answering

PROGRAMS = ROOT / "examples/python"
MODELS = '{"iterable":[{"id":"a","name":"One\\u001b[2J"},{"id":"b","name":"Two"}],"id":"made"}'


class ExampleTests(EndToEndTest, PackageTest):
    def setUp(self):
        self.scripted_upstream = self.upstream(answering(MODELS))
        self.socket = self.gateway(self.scripted_upstream).path

    def run_program(self, name, *arguments, socket=None):
        environment = {**os.environ, "MODELS_GATEWAY_SOCKET": socket or self.socket}
        command = [sys.executable, PROGRAMS / name, *arguments]
        result = subprocess.run(command, capture_output=True, text=True, env=environment, cwd="/", timeout=60)
        return result.returncode, result.stdout, result.stderr

    def test_each_has_at_most_60_lines(self):
        programs = list(PROGRAMS.glob("*.py"))
        self.assertEqual(len(programs), 5)
        self.assertEqual([one.name for one in programs if len(one.read_text().splitlines()) > 60], [])

    def test_list_models(self):
        code, printed, _ = self.run_program("list_models.py")
        self.assertEqual(code, 0)
        self.assertRegex(printed, r"^One \[2J +- +local +- a\nTwo +- +local +- b\n2 models\n$")

    def test_list_models_async(self):
        self.assertEqual(self.run_program("list_models_async.py"), (0, "2 models\n", ""))

    def test_create_model(self):
        self.assertEqual(self.run_program("create_model.py", "Name"), (0, "made\n", ""))
        self.assertIn(b'"name":"Name"', self.scripted_upstream.requests[-1].body)

    def test_delete_model(self):
        self.assertEqual(self.run_program("delete_model.py", "a/b"), (0, "deleted a/b\n", ""))
        self.assertEqual(self.scripted_upstream.requests[-1].target, "/models/a%2Fb/delete")

    def test_every_call(self):
        def script(exchange):
            gone = exchange.request.target == "/models/made/delete" and len(self.scripted_upstream.requests) > 5
            exchange.answer("gone" if gone else MODELS, status=404 if gone else 200)

        self.scripted_upstream.script = script
        code, printed, problem = self.run_program("every_call.py")
        self.assertEqual((code, problem), (0, ""))
        self.assertEqual(printed.count("--- "), 6)
        self.assertIn("NOT_FOUND (UPSTREAM_HTTP_STATUS): gone", printed)

    def test_a_gateway_that_is_not_there_is_one_line(self):
        for name, *arguments in (["list_models.py"], ["create_model.py", "n"], ["list_models_async.py"]):
            code, printed, problem = self.run_program(name, *arguments, socket="/nowhere/gateway.sock")
            self.assertEqual((code, printed, problem.count("\n")), (1, "", 1))
            self.assertIn("/nowhere/gateway.sock: there is no such socket", problem)


if __name__ == "__main__":
    unittest.main()
