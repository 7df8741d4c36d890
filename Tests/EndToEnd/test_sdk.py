"""The published SDK as oracle: what its classes accept is carried, and what is carried they accept."""

import json
import re
import subprocess
import unittest
import urllib.request

from support import oracle
from support.case import EndToEndTest
from support.gateway import SIMULATOR
from support.messages import Model, Models, ModelsCreateNewModelRequest, SeededModel
from support.wire import field

try:
    from pieces_os_client.models import model as sdk_model, seeded_model as sdk_seeded_model
except ImportError:
    sdk_model = None

MODEL = SeededModel(
    name="Mine", version="1.0.0", type=1, usage=14, cloud=False, foundation="LLAMA_3_8B", provider="META",
    unique="mine", description="A model of mine", downloaded=False, custom=True, quantization="q8f16_1",
    parameters=8, cpu=True,
    created={"readable": "now", "value": {"seconds": 1_700_000_000, "nanos": 123_456_000}},
    max_tokens={"input": 4096, "output": 1024.5},
    bytes={"readable": "4 GB", "value": 4_000_000_000},
    ram={"readable": "6 GB", "value": 2**40},
    capabilities={"codebases": True, "images": False},
    organization={"id": "o"},
    schema={"migration": 1, "semantic": 1},
)  # fmt: skip


@unittest.skipIf(sdk_model is None, "pieces-os-client is not installed")
class SDKTests(EndToEndTest):
    def setUp(self):
        self.document = "{}"
        self.connected, self.scripted = self.start(lambda exchange: exchange.answer(self.document))

    def sent(self, model: SeededModel) -> dict:
        self.assert_ok(self.connected.call("ModelsCreateNewModel", ModelsCreateNewModelRequest(seeded_model=model)))
        return json.loads(self.scripted.requests[-1].body)

    def written(self, model) -> str:
        return json.dumps(model.to_dict(), default=lambda time: time.isoformat())

    def test_a_model_to_be_created_is_what_the_sdk_would_send(self):
        sent = self.sent(MODEL)
        seeded = sdk_seeded_model.SeededModel.from_dict(sent)
        self.assertEqual(seeded.created.value.timestamp(), 1_700_000_000.123456)
        self.assertIsNone(seeded.max_tokens.total)
        expected = oracle.meaning(json.dumps(sent), "SeededModel")
        self.assertEqual(oracle.meaning(self.written(seeded), "SeededModel"), expected)

    def test_every_settled_enum_value_is_accepted(self):
        for usage, name in enumerate(oracle.ENUMS["ModelUsageEnum"]):
            model = SeededModel(name="", version="", type=usage % 4, usage=usage, cloud=True, created={"value": {}})
            with self.subTest(usage=name):
                seeded = sdk_seeded_model.SeededModel.from_dict(self.sent(model))
                self.assertEqual(seeded.usage.value, name)
                self.assertEqual(seeded.type.value, oracle.ENUMS["ModelTypeEnum"][usage % 4])

    def test_what_the_sdk_writes_is_carried(self):
        model = sdk_model.Model.from_dict({"id": "i", "loaded": False, "downloading": True, **self.sent(MODEL)})
        self.document = self.written(model)
        payload = self.assert_ok(self.connected.call("ModelsCreateNewModel"))
        self.assertEqual(oracle.contents(Model.FromString(payload)), oracle.meaning(self.document, "Model"))


@unittest.skipUnless(SIMULATOR.exists(), "the simulator is not built")
class SimulatorTests(EndToEndTest):
    def setUp(self):
        command = [SIMULATOR, "--port", "0", "--models", "200", "--seed", "1"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(lambda: self.assertEqual(process.wait(), 0))
        self.addCleanup(process.terminate)
        self.url = re.search(r"http://\S+", process.stdout.readline())[0]
        self.connected = self.client(self.gateway(self.url))

    def test_its_models_come_through_the_gateway_as_they_are(self):
        with urllib.request.urlopen(f"{self.url}/models", timeout=20) as answer:
            text = answer.read()
        models = Models.FromString(self.assert_ok(self.connected.call("ModelsSnapshot")))
        self.assertEqual(len(models.iterable), 200)
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
        deletion = field(1, model.id)
        self.assert_ok(self.connected.call("ModelsDeleteSpecificModel", deletion))
        self.assertEqual(self.connected.call("ModelsDeleteSpecificModel", deletion).reason, "UPSTREAM_HTTP_STATUS")
        self.assert_ok(self.connected.call("UnloadModels"))
