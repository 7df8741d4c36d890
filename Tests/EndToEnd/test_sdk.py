"""The published SDK as oracle: what its classes accept is carried, and what is carried they accept."""

import json
import socket
import subprocess
import unittest
import urllib.request
from pathlib import Path

from support import oracle
from support.case import EndToEndTest
from support.gateway import BINARY
from support.messages import Model, Models, ModelsCreateNewModelRequest, SeededModel
from support.upstream import answering

try:
    from pieces_os_client import models as sdk
except ImportError:
    sdk = None

SIMULATOR = Path(BINARY).with_name("pieces-os-simulator")
MODEL = SeededModel(
    name="Mine", version="1.0.0", type=1, usage=14, cloud=False, foundation="LLAMA_3_8B", provider="META", unique="mine",
    description="A model of mine", downloaded=False, custom=True, quantization="q8f16_1", parameters=8, cpu=True,
    created={"readable": "now", "value": {"seconds": 1_700_000_000, "nanos": 123_456_000}},
    max_tokens={"input": 4096, "output": 1024.5},
    bytes={"readable": "4 GB", "value": 4_000_000_000},
    ram={"readable": "6 GB", "value": 2**40},
    capabilities={"codebases": True, "images": False},
    organization={"id": "o"},
    schema={"migration": 1, "semantic": 1},
)  # fmt: skip


@unittest.skipIf(sdk is None, "pieces-os-client is not installed")
class SDKTests(EndToEndTest):
    def sent(self, model: SeededModel) -> dict:
        client, upstream = self.start(answering("{}"))
        self.assert_ok(client.call("ModelsCreateNewModel", ModelsCreateNewModelRequest(seeded_model=model)))
        return json.loads(upstream.requests[0].body)

    def test_a_model_to_be_created_is_what_the_sdk_would_send(self):
        sent = self.sent(MODEL)
        seeded = sdk.SeededModel.from_dict(sent)
        again = json.dumps(seeded.to_dict(), default=lambda value: value.isoformat().replace("+00:00", "Z"))
        self.assertEqual(oracle.meaning(again, "SeededModel"), oracle.meaning(json.dumps(sent), "SeededModel"))
        self.assertEqual(seeded.created.value.timestamp(), 1_700_000_000.123456)
        self.assertIsNone(seeded.max_tokens.total)

    def test_every_settled_enum_value_is_accepted(self):
        for usage in range(len(oracle.ENUMS["ModelUsageEnum"])):
            for type in range(len(oracle.ENUMS["ModelTypeEnum"])):
                model = SeededModel(name="", version="", type=type, usage=usage, cloud=True, created={"value": {}})
                with self.subTest(usage=usage, type=type):
                    seeded = sdk.SeededModel.from_dict(self.sent(model)) if type == 0 or usage == 0 else None
                    self.assertTrue(seeded is None or seeded.usage == oracle.ENUMS["ModelUsageEnum"][usage])

    def test_what_the_sdk_would_read_is_carried(self):
        document = {"id": "i", "loaded": False, "downloading": True, **self.sent(MODEL)}
        expected = sdk.Model.from_dict(document).to_dict()
        client, _ = self.start(answering(json.dumps(expected, default=str)))
        payload = self.assert_ok(client.call("ModelsCreateNewModel"))
        model = Model.FromString(payload)
        self.assertEqual((model.id, model.loaded, model.downloading, model.name), ("i", False, True, "Mine"))


@unittest.skipUnless(SIMULATOR.exists(), "the simulator is not built")
class SimulatorTests(EndToEndTest):
    def setUp(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        process = subprocess.Popen(
            [SIMULATOR, "--port", str(port), "--models", "60", "--seed", "1"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        process.stdout.readline()
        self.connected = self.client(self.gateway(self.url))

    def test_its_models_come_through_the_gateway_as_they_are(self):
        with urllib.request.urlopen(f"{self.url}/models", timeout=20) as answer:
            text = answer.read()
        models = Models.FromString(self.assert_ok(self.connected.call("ModelsSnapshot")))
        self.assertEqual(len(models.iterable), 60)
        self.assertEqual(oracle.contents(models), oracle.meaning(text, "Models"))
        messages, error = self.connected.stream()
        self.assertIsNone(error)
        self.assertEqual(oracle.contents(Models.FromString(b"".join(messages))), oracle.contents(models))

    def test_a_model_can_be_created_and_deleted_through_the_gateway(self):
        create = ModelsCreateNewModelRequest(seeded_model=MODEL)
        model = Model.FromString(self.assert_ok(self.connected.call("ModelsCreateNewModel", create)))
        self.assertTrue(model.custom)
        self.assertEqual(model.name, "Mine")
        again = self.connected.call("ModelsCreateNewModel", create)
        self.assertEqual((again.reason, again.metadata.get("http_status")), ("UPSTREAM_HTTP_STATUS", "500"))
        deletion = b"\x0a" + bytes([len(model.id)]) + model.id.encode()
        self.assert_ok(self.connected.call("ModelsDeleteSpecificModel", deletion))
        self.assertEqual(self.connected.call("ModelsDeleteSpecificModel", deletion).reason, "UPSTREAM_HTTP_STATUS")
        self.assert_ok(self.connected.call("UnloadModels"))
