import http.client
import json
import socket
import unittest

from pieces_os_client.exceptions import ApiException, UnauthorizedException
from pydantic import ValidationError
from simulator import Simulator, SimulatorTestCase


class StateTests(unittest.TestCase):
    """What Pieces OS says while it does not serve."""

    def ask(self, simulator, method, path):
        connection = http.client.HTTPConnection("127.0.0.1", simulator.port)
        self.addCleanup(connection.close)
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.headers.get_content_type(), answer.read().decode()

    def assert_calls_are_refused(self, state, status, health):
        with Simulator("--state", state) as simulator:
            code, _, text = self.ask(simulator, "GET", "/.well-known/health")
            self.assertEqual(code, 200)
            self.assertRegex(text, health)
            self.assertEqual(self.ask(simulator, "HEAD", "/.well-known/health")[0], 200)
            self.assertEqual(self.ask(simulator, "GET", "/.well-known/version")[0], 200)
            for method, path in (
                ("GET", "/models"),
                ("POST", "/models/create"),
                ("POST", "/models/a/delete"),
                ("POST", "/models/a/delete/cache"),
                ("POST", "/models/unload"),
            ):
                with self.subTest(path):
                    code, content_type, text = self.ask(simulator, method, path)
                    self.assertEqual((code, content_type), (status, "text/plain"))
                    self.assertNotEqual(text, "")

    def test_while_it_migrates_it_says_so_and_serves_nothing(self):
        self.assert_calls_are_refused("migrating", 503, r"\Amigrating\Z")

    def test_while_nobody_is_signed_in_calls_are_unauthorized(self):
        self.assert_calls_are_refused("signed-out", 401, r"\Aok:")

    def test_while_an_update_is_required_calls_get_its_own_593(self):
        self.assert_calls_are_refused("update-required", 593, r"\Aok:")

    def test_while_it_starts_connections_are_accepted_and_not_answered(self):
        with Simulator("--state", "starting") as simulator:
            for path in ("/.well-known/health", "/models"):
                with socket.create_connection(("127.0.0.1", simulator.port), timeout=10) as connection:
                    connection.sendall(b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n" % path.encode())
                    connection.settimeout(0.5)
                    with self.assertRaises(TimeoutError):
                        connection.recv(1)

    def test_serving_is_what_it_does_unless_told(self):
        with Simulator() as silent, Simulator("--state", "serving") as told:
            for simulator in (silent, told):
                self.assertEqual(self.ask(simulator, "GET", "/models")[0], 200)


class SignedOutTests(SimulatorTestCase):
    arguments = ("--state", "signed-out")

    def test_the_sdk_raises_what_it_has_for_it(self):
        self.assertRaises(UnauthorizedException, self.api.models_snapshot)


class UpdateRequiredTests(SimulatorTestCase):
    arguments = ("--state", "update-required")

    def test_the_sdk_raises_the_status(self):
        with self.assertRaises(ApiException) as raised:
            self.api.models_snapshot()
        self.assertEqual(raised.exception.status, 593)


class IncompleteCatalogueTests(SimulatorTestCase):
    arguments = ("--models", "5", "--incomplete", "2")

    def test_the_last_models_lack_what_real_ones_do_and_nothing_else(self):
        def models(simulator):
            connection = http.client.HTTPConnection("127.0.0.1", simulator.port)
            self.addCleanup(connection.close)
            connection.request("GET", "/models")
            return json.load(connection.getresponse())["iterable"]

        with Simulator("--models", "5") as complete:
            expected = models(complete)
        for model in expected[3:]:
            del model["cloud"], model["maxTokens"]
        self.assertEqual(models(self.simulator), expected)

    def test_the_sdk_refuses_a_catalogue_that_the_gateway_must_carry(self):
        self.assertRaises(ValidationError, self.api.models_snapshot)
