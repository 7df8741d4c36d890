"""The simulator as a process of its own, and the published SDK pointed at it."""

import os
import re
import subprocess
import unittest
from pathlib import Path

from pieces_os_client.api.models_api import ModelsApi
from pieces_os_client.api_client import ApiClient
from pieces_os_client.configuration import Configuration
from pieces_os_client.exceptions import ApiException

REPOSITORY = Path(__file__).resolve().parents[2]
BINARY = os.environ.get("SIMULATOR", str(REPOSITORY / ".build/debug/pieces-os-simulator"))
READY = re.compile(r"pieces-os-simulator ready on (http://127\.0\.0\.1:(\d+)) \((\d+) models, seed (\d+)\)\n")


class Simulator:
    """A running simulator: ended, and waited for, when the `with` ends."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen([BINARY, "--port", "0", *arguments], stdout=subprocess.PIPE, text=True)
        self.ready_line = self.process.stdout.readline()
        ready = READY.fullmatch(self.ready_line)
        if ready is None:
            self.close()
            raise AssertionError(f"not a ready line: {self.ready_line!r}")
        self.url, self.port = ready[1], int(ready[2])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


class SimulatorTestCase(unittest.TestCase):
    """Each test has a simulator of its own."""

    arguments = ()

    def setUp(self):
        self.simulator = Simulator(*self.arguments)
        self.addCleanup(self.simulator.close)
        client = ApiClient(Configuration(host=self.simulator.url))
        self.addCleanup(client.rest_client.pool_manager.clear)
        self.api = ModelsApi(client)

    def models(self):
        return self.api.models_snapshot().iterable

    def model(self, of):
        """The first model that `of` says yes to."""
        return next(model for model in self.models() if of(model))

    def assert_refused(self, sentence, call, *arguments):
        """The API documents one failure: status 500 and a sentence as text."""
        with self.assertRaises(ApiException) as raised:
            call(*arguments)
        self.assertEqual(raised.exception.status, 500)
        self.assertTrue(raised.exception.headers["Content-Type"].startswith("text/plain"))
        self.assertIn(sentence, raised.exception.body)
