import http.client
import json
import re
import statistics
import time

from pieces_os_client.api.well_known_api import WellKnownApi
from simulator import SimulatorTestCase

SMALLEST = {
    "cloud": False,
    "created": {"value": "2025-03-01T12:30:15.123456Z"},
    "name": "Own Model",
    "type": "SPEED",
    "usage": "CODE_CONVERSATION",
    "version": "1.0.0",
}


class HTTPTests(SimulatorTestCase):
    """What the SDK has no way to send."""

    def setUp(self):
        super().setUp()
        self.connection = http.client.HTTPConnection("127.0.0.1", self.simulator.port)
        self.addCleanup(self.connection.close)

    def ask(self, method, path, body=None, headers={}):
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        return answer.status, answer.headers.get_content_type(), answer.read().decode()

    def create(self, body):
        return self.ask("POST", "/models/create", body if isinstance(body, str) else json.dumps(body))

    def test_health_says_ok_and_a_uuid_that_stays(self):
        text = WellKnownApi(self.api.api_client).get_well_known_health()
        self.assertRegex(text, re.compile(r"ok:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z"))
        self.assertEqual(self.ask("GET", "/.well-known/health"), (200, "text/plain", text))

    def test_the_version_is_three_numbers(self):
        text = WellKnownApi(self.api.api_client).get_well_known_version()
        self.assertRegex(text, r"\A\d+\.\d+\.\d+\Z")
        self.assertEqual(self.ask("GET", "/.well-known/version"), (200, "text/plain", text))

    def test_head_is_answered_as_get_is_without_the_body(self):
        for path in ("/.well-known/health", "/.well-known/version", "/models", "/nowhere"):
            with self.subTest(path):
                answers = []
                for method in ("GET", "HEAD"):
                    self.connection.request(method, path)
                    answer = self.connection.getresponse()
                    body = answer.read()
                    answers.append((answer.status, answer.headers["Content-Type"], answer.headers["Content-Length"]))
                self.assertEqual(body, b"")
                self.assertEqual(answers[0][:2], answers[1][:2])
                if path != "/nowhere":  # The text names the method.
                    self.assertEqual(answers[0], answers[1])

    def test_an_unknown_path_or_method_is_not_found(self):
        for method, path in (
            ("GET", "/"),
            ("GET", "/model"),
            ("GET", "/models/"),
            ("GET", "/models/create"),
            ("POST", "/models"),
            ("POST", "/models/a/b/delete"),
            ("POST", "/models/%FF/delete"),
            ("DELETE", "/models/unload"),
        ):
            with self.subTest(method=method, path=path):
                status, content_type, text = self.ask(method, path)
                self.assertEqual((status, content_type), (404, "text/plain"))
                self.assertIn(f"{method} {path}", text)

    def test_dots_are_model_ids_like_any_other(self):
        for model in (".", ".."):
            for path in ("delete", "delete/cache"):
                answer = self.ask("POST", f"/models/{model}/{path}")
                purpose = {"delete": "delete the model", "delete/cache": "delete the cache of the model"}[path]
                text = f"Unable to {purpose}, internal server error. (error: There is no model '{model}'.)"
                self.assertEqual(answer, (500, "text/plain", text))

    def test_members_that_the_api_does_not_know_come_back_as_they_were(self):
        unknown = {
            "temperature": 0.7,
            "least": -(2**63),
            "most": 2**64 - 1,
            "nothing": None,
            "empty": [{}, [], ""],
            "nested": {"text": "é\u0000🦊", "true": True, "list": [1, 2.5, "3", None]},
        }
        status, content_type, text = self.create({**SMALLEST, **unknown, "foundation": "NOT_YET_THOUGHT_OF"})
        self.assertEqual((status, content_type), (200, "application/json"))
        created = json.loads(text)
        self.assertEqual(created["foundation"], "NOT_YET_THOUGHT_OF")
        for name, value in unknown.items():
            with self.subTest(name):
                self.assertEqual(created[name], value)

    def test_id_and_custom_are_not_the_clients_to_choose(self):
        created = json.loads(self.create({**SMALLEST, "id": "mine", "custom": False})[2])
        self.assertTrue(created["custom"])
        self.assertNotEqual(created["id"], "mine")

    def test_a_missing_or_wrong_member_is_named(self):
        for name in SMALLEST:
            with self.subTest(name):
                missing = {member: value for member, value in SMALLEST.items() if member != name}
                for seeded in (missing, {**SMALLEST, name: None}, {**SMALLEST, name: 1}):
                    status, content_type, text = self.create(seeded)
                    self.assertEqual((status, content_type), (500, "text/plain"))
                    self.assertIn(f"'{name}'", text)

    def test_what_is_no_json_object_is_refused(self):
        for body in ("{", "[]", "null", '"text"', '{"name": }', "\x00"):
            with self.subTest(body):
                self.assertEqual(self.create(body)[:2], (500, "text/plain"))
                local = self.model(lambda model: not model.cloud).id
                cache = self.ask("POST", f"/models/{local}/delete/cache", body)
                self.assertEqual(cache[:2], (500, "text/plain"))

    def test_a_body_of_megabytes_arrives_whole(self):
        description = "é" * 2_000_000
        status, _, text = self.create({**SMALLEST, "description": description})
        self.assertEqual((status, json.loads(text)["description"]), (200, description))

    def test_forwarded_headers_are_accepted(self):
        headers = {
            "application": "7b8f1c5e-0000-4000-8000-000000000001",
            "X-Application-ID": "7b8f1c5e-0000-4000-8000-000000000001",
            "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "tracestate": "a=1,b=2",
        }
        self.assertEqual(self.ask("POST", "/models/unload", headers=headers)[0], 204)
        self.assertEqual(self.ask("GET", "/models", headers=headers)[0], 200)

    def test_a_hundred_answers_on_one_connection_do_not_wait_for_acknowledgements(self):
        times = []
        for _ in range(100):
            start = time.monotonic()
            self.assertEqual(self.ask("GET", "/.well-known/health")[0], 200)
            times.append(time.monotonic() - start)
        # Each would wait forty milliseconds; a machine that is busy makes only some of them slow.
        self.assertLess(statistics.median(times), 0.03)


class LatencyTests(SimulatorTestCase):
    arguments = ("--latency", "200")

    def test_every_answer_is_held_back(self):
        health = WellKnownApi(self.api.api_client).get_well_known_health
        for call in (self.api.models_snapshot, self.api.unload_models, health):
            start = time.monotonic()
            call()
            self.assertGreaterEqual(time.monotonic() - start, 0.2)
