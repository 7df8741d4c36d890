import seeded
from pieces_os_client.models.embedded_model_schema import EmbeddedModelSchema
from pieces_os_client.models.embedded_model_schema_semantic_version_enum import (
    EmbeddedModelSchemaSemanticVersionEnum as SemanticVersion,
)
from pieces_os_client.models.model_delete_cache_input import ModelDeleteCacheInput
from simulator import SimulatorTestCase


class DeleteTests(SimulatorTestCase):
    def test_a_custom_model_is_deleted_without_a_body(self):
        created = self.api.models_create_new_model(seeded.smallest())
        answer = self.api.models_delete_specific_model_with_http_info(created.id)
        self.assertEqual((answer.status_code, answer.raw_data), (204, b""))
        self.assertNotIn(created.id, [model.id for model in self.models()])
        self.assert_refused(created.id, self.api.models_delete_specific_model, created.id)

    def test_a_model_of_the_catalogue_is_not_deleted(self):
        model = self.models()[0]
        self.assert_refused("Only custom models", self.api.models_delete_specific_model, model.id)
        self.assertEqual(self.models()[0], model)

    def test_an_unknown_model_is_named_in_the_answer_as_it_was_sent(self):
        for model in ("a/b?c#d %2F é", "no-such-model", "🦊", "'\"&"):
            with self.subTest(model):
                self.assert_refused(f"There is no model '{model}'.", self.api.models_delete_specific_model, model)
                self.assert_refused(
                    f"There is no model '{model}'.", self.api.models_delete_specific_model_cache, model
                )


class DeleteCacheTests(SimulatorTestCase):
    def test_a_downloaded_model_is_no_longer_downloaded_nor_loaded(self):
        before = self.model(lambda model: model.downloaded and model.loaded)
        output = self.api.models_delete_specific_model_cache(before.id)
        self.assertEqual(output.model.id, before.id)
        after = self.model(lambda model: model.id == before.id)
        self.assertEqual((after.downloaded, after.downloading, after.loaded), (False, False, False))

    def test_a_model_that_could_be_downloaded_is_accepted_with_a_body(self):
        before = self.model(lambda model: not model.cloud and not model.downloaded)
        schema = EmbeddedModelSchema(migration=0, semantic=SemanticVersion.MAJOR_0_MINOR_0_PATCH_1)
        for body in (ModelDeleteCacheInput(), ModelDeleteCacheInput(schema=schema)):
            output = self.api.models_delete_specific_model_cache(before.id, body)
            self.assertEqual(output.model.id, before.id)

    def test_a_cloud_model_is_refused(self):
        model = self.model(lambda model: model.cloud)
        self.assert_refused("cloud", self.api.models_delete_specific_model_cache, model.id)


class UnloadTests(SimulatorTestCase):
    def test_every_model_is_unloaded_and_nothing_else_changes(self):
        before = self.models()
        self.assertTrue(any(model.loaded for model in before))
        answer = self.api.unload_models_with_http_info()
        self.assertEqual((answer.status_code, answer.raw_data), (204, b""))
        for model in before:
            model.loaded = False
        self.assertEqual(self.models(), before)
