"""Thousands of made-up documents through one gateway, over ttrpc and gRPC by turns, against an oracle of our own and
Google's runtime."""

import itertools

from support import oracle
from support.case import EndToEndTest
from support.client import Client
from support.documents import Documents
from support.grpc_client import GRPCClient
from support.messages import Model, ModelDeleteCacheOutput, Models
from support.wire import field

COUNT = 3000
SHOWN = 3


class RoundTripTest(EndToEndTest):
    def setUp(self):
        self.document = "{}"
        self.scripted = self.upstream(lambda exchange: exchange.answer(self.document))
        path = self.gateway(self.scripted).path
        clients = [Client(path), GRPCClient(path)]
        for client in clients:
            self.addCleanup(client.close)
        self.clients = itertools.cycle(clients)
        self.disagreements: list[str] = []

    def tearDown(self):
        shown = "\n\n".join(self.disagreements[:SHOWN])
        self.assertEqual(self.disagreements, [], f"{len(self.disagreements)} disagreements:\n{shown}")

    def compare(self, found, expected):
        if found != expected and len(self.disagreements) < 100:
            self.disagreements.append(f"{self.document!r}\nbecame   {found}\nand not {expected}")

    def meaning(self, text: str | bytes) -> dict:
        """A model's JSON, in which a total that is absent and one that is null are alike."""
        found = oracle.meaning(text, "SeededModel")
        limits = found.get("maxTokens")
        if limits is not None and "total" not in limits:
            limits.setdefault(oracle.EXTRAS, {}).setdefault("total", None)
        return found

    def answer(self, method: str, payload: bytes = b"") -> bytes | None:
        response = next(self.clients).call(method, payload)
        if response.code != 0:
            self.disagreements.append(f"{self.document!r}\nwas answered with {response}")
            return None
        return response.payload


class JSONToProtobufRoundTripTests(RoundTripTest):
    def test_models_mean_what_the_json_means(self):
        documents = Documents(2024)
        for _ in range(COUNT):
            self.document = documents.document("Models")
            payload = self.answer("ModelsSnapshot")
            if payload is not None:
                self.compare(oracle.contents(Models.FromString(payload)), oracle.meaning(self.document, "Models"))

    def test_answers_to_a_cache_deletion_mean_what_the_json_means(self):
        documents = Documents(2025)
        for _ in range(COUNT // 10):
            self.document = documents.document("ModelDeleteCacheOutput")
            payload = self.answer("ModelsDeleteSpecificModelCache", field(1, "a"))
            if payload is not None:
                found = oracle.contents(ModelDeleteCacheOutput.FromString(payload))
                self.compare(found, oracle.meaning(self.document, "ModelDeleteCacheOutput"))


class JSONToProtobufToJSONRoundTripTests(RoundTripTest):
    def test_what_came_as_a_model_and_goes_out_again_is_the_same_json(self):
        documents = Documents(2026)
        for _ in range(COUNT):
            self.document = documents.document("SeededModel")
            model = self.answer("ModelsCreateNewModel")
            if model is None:
                continue
            self.compare(oracle.contents(Model.FromString(model)), oracle.meaning(self.document, "Model"))
            if self.answer("ModelsCreateNewModel", field(1, model)) is not None:
                sent = self.scripted.requests[-1].body
                self.compare(self.meaning(sent), self.meaning(self.document))
