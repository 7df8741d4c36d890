import signal
import subprocess
import unittest

from simulator import BINARY, Simulator


def run(*arguments):
    return subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=30)


class CommandLineTests(unittest.TestCase):
    def test_the_ready_line_names_address_models_and_seed(self):
        with Simulator("--models", "3", "--seed", "18446744073709551615") as simulator:
            self.assertEqual(
                simulator.ready_line,
                f"pieces-os-simulator ready on http://127.0.0.1:{simulator.port} "
                "(3 models, seed 18446744073709551615)\n",
            )

    def test_interrupting_and_terminating_end_it_with_success(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number.name), Simulator() as simulator:
                simulator.process.send_signal(number)
                self.assertEqual(simulator.process.wait(timeout=10), 0)

    def test_a_port_that_is_taken_is_an_error_that_says_so(self):
        with Simulator() as simulator:
            second = run("--port", str(simulator.port))
        self.assertEqual((second.returncode, second.stdout), (1, ""))
        self.assertIn(f"cannot listen on 127.0.0.1:{simulator.port}", second.stderr)

    def test_a_wrong_command_line_is_an_error_that_names_the_option(self):
        for option, value in (
            ("--host", "localhost"),
            ("--port", "65536"),
            ("--models", "-1"),
            ("--latency", "soon"),
            ("--seed", "-1"),
            ("--incomplete", "61"),
            ("--state", "asleep"),
        ):
            with self.subTest(option):
                refused = run(f"{option}={value}")
                self.assertEqual((refused.returncode, refused.stdout), (64, ""))
                self.assertIn(option, refused.stderr)

    def test_help_names_every_option(self):
        text = run("--help").stdout
        for option in ("--host", "--port", "--models", "--latency", "--seed", "--incomplete", "--state"):
            self.assertIn(option, text)
