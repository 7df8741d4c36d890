import json
import re
import urllib.request
from datetime import datetime

from pieces_os_client.models.embedded_model_schema_semantic_version_enum import (
    EmbeddedModelSchemaSemanticVersionEnum,
)
from pieces_os_client.models.external_ml_provider_enum import ExternalMLProviderEnum
from pieces_os_client.models.model import Model
from pieces_os_client.models.model_foundation_enum import ModelFoundationEnum
from pieces_os_client.models.model_type_enum import ModelTypeEnum
from pieces_os_client.models.model_usage_enum import ModelUsageEnum
from simulator import Simulator, SimulatorTestCase


def values(enumeration):
    return {value.value for value in enumeration}


def strings(value, name):
    """Every string that a member of this name has, at any depth."""
    if isinstance(value, list):
        return set().union(*(strings(element, name) for element in value))
    if not isinstance(value, dict):
        return set()
    own = {value[name]} if isinstance(value.get(name), str) else set()
    return own.union(*(strings(member, name) for member in value.values()))


def comparable(value, name=None):
    """Times as instants, and without nulls: the SDK does not tell them from absent members."""
    if isinstance(value, list):
        return [comparable(element) for element in value]
    if isinstance(value, dict):
        return {key: comparable(member, key) for key, member in value.items() if member is not None}
    if name == "value" and isinstance(value, str):
        return datetime.fromisoformat(value)
    return value


class CatalogueTestCase(SimulatorTestCase):
    def setUp(self):
        super().setUp()
        self.text = self.body(self.simulator)
        self.snapshot = json.loads(self.text)
        self.raw = self.snapshot["iterable"]

    def body(self, simulator):
        with urllib.request.urlopen(simulator.url + "/models") as answer:
            self.assertTrue(answer.headers["Content-Type"].startswith("application/json"))
            return answer.read()


class DefaultCatalogueTests(CatalogueTestCase):
    def test_sixty_models_are_about_67_kilobytes(self):
        self.assertEqual(len(self.raw), 60)
        self.assertTrue(62_000 < len(self.text) < 72_000, len(self.text))

    def test_the_sdk_reads_every_member_and_loses_none(self):
        read = self.api.api_client.sanitize_for_serialization(self.api.models_snapshot())
        self.assertEqual(comparable(read), comparable(self.snapshot))

    def test_every_maker_usage_type_and_semantic_version_occurs(self):
        self.assertEqual(strings(self.raw, "provider"), values(ExternalMLProviderEnum))
        self.assertEqual(strings(self.raw, "usage"), values(ModelUsageEnum))
        self.assertEqual(strings(self.raw, "type"), values(ModelTypeEnum))
        self.assertEqual(strings(self.raw, "semantic"), values(EmbeddedModelSchemaSemanticVersionEnum))

    def test_every_member_that_the_sdk_knows_occurs(self):
        self.assertEqual({name for model in self.raw for name in model}, set(Model._Model__properties))

    def test_members_that_may_be_missing_are_missing_somewhere(self):
        optional = ("bytes", "cpu", "foundation", "organization", "parameters", "provider", "quantization", "ram")
        for name in optional:
            with self.subTest(name):
                self.assertTrue(any(name not in model for model in self.raw))

    def test_null_occurs_wherever_it_is_legal(self):
        self.assertTrue(any(model.get("parameters", 0) is None for model in self.raw))
        for name in ("input", "output", "total"):
            with self.subTest(name):
                self.assertTrue(any(model["maxTokens"].get(name, 0) is None for model in self.raw))

    def test_cloud_and_local_models_occur_in_every_state(self):
        for member in ("cloud", "cpu", "denied", "downloaded", "downloading", "loaded"):
            with self.subTest(member):
                self.assertEqual({model[member] for model in self.raw if member in model}, {False, True})
        self.assertFalse(any(model["custom"] for model in self.raw))

    def test_only_local_models_have_a_size(self):
        for model in self.raw:
            with self.subTest(model["name"]):
                self.assertEqual("bytes" in model, not model["cloud"])
                self.assertEqual("ram" in model, not model["cloud"])

    def test_times_are_utc_with_three_or_six_fraction_digits(self):
        digits = set()
        for model in self.raw:
            time = re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.(\d+)Z", model["created"]["value"])
            self.assertIsNotNone(time, model["created"])
            digits.add(len(time[1]))
        self.assertEqual(digits, {3, 6})

    def test_a_seed_makes_the_same_models_every_time(self):
        with Simulator("--seed", "1") as same, Simulator("--seed", "2") as other:
            self.assertEqual(self.body(same), self.text)
            self.assertNotEqual(self.body(other), self.text)


class LargeCatalogueTests(CatalogueTestCase):
    arguments = ("--models", "200", "--seed", "7")

    def test_every_foundation_occurs(self):
        self.assertEqual(strings(self.raw, "foundation"), values(ModelFoundationEnum))
        self.assertEqual(strings(self.raw, "provider"), values(ExternalMLProviderEnum))
        self.assertEqual(strings(self.raw, "usage"), values(ModelUsageEnum))
        self.assertEqual(strings(self.raw, "type"), values(ModelTypeEnum))
        self.assertEqual(strings(self.raw, "semantic"), values(EmbeddedModelSchemaSemanticVersionEnum))

    def test_the_sdk_reads_every_foundation_as_itself(self):
        read = [model.foundation and model.foundation.value for model in self.models()]
        self.assertEqual(read, [model.get("foundation") for model in self.raw])


class ThousandModelsTests(CatalogueTestCase):
    arguments = ("--models", "1000")

    def test_a_thousand_models_are_about_1_1_megabytes_and_the_sdk_reads_them_all(self):
        self.assertTrue(1_000_000 < len(self.text) < 1_200_000, len(self.text))
        self.assertEqual(len(self.models()), 1000)

    def test_no_two_models_share_an_id_or_a_unique_name(self):
        self.assertEqual(len({model["id"] for model in self.raw}), 1000)
        self.assertEqual(len({model["unique"] for model in self.raw}), 1000)


class SmallCatalogueTests(CatalogueTestCase):
    arguments = ("--models", "1")

    def test_one_model_is_about_a_kilobyte(self):
        self.assertEqual(len(self.models()), 1)
        self.assertTrue(800 < len(self.text) < 1500, len(self.text))


class EmptyCatalogueTests(SimulatorTestCase):
    arguments = ("--models", "0")

    def test_no_models_are_an_empty_list(self):
        self.assertEqual(self.models(), [])
