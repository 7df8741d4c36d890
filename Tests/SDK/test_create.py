import uuid

import seeded
from pieces_os_client.models.external_ml_provider_enum import ExternalMLProviderEnum
from pieces_os_client.models.model_foundation_enum import ModelFoundationEnum
from pieces_os_client.models.model_type_enum import ModelTypeEnum
from pieces_os_client.models.model_usage_enum import ModelUsageEnum
from simulator import SimulatorTestCase


class CreateTests(SimulatorTestCase):
    def test_the_smallest_model_comes_back_custom_with_an_id_and_is_listed(self):
        created = self.api.models_create_new_model(seeded.smallest())
        self.assertTrue(created.custom)
        self.assertEqual(str(uuid.UUID(created.id)), created.id)
        self.assertEqual(created.name, "Own Model")
        self.assertEqual(created.created, seeded.smallest().created)
        self.assertEqual(self.models()[-1], created)
        self.assertEqual(len(self.models()), 61)

    def test_every_member_of_the_largest_model_comes_back(self):
        model = seeded.largest()
        created = self.api.models_create_new_model(model)
        self.assertTrue(created.custom)
        for name in type(model).model_fields:
            if name != "custom":
                with self.subTest(name):
                    self.assertIsNotNone(getattr(model, name))
                    self.assertEqual(getattr(created, name), getattr(model, name))

    def test_every_value_of_every_enumeration_is_accepted(self):
        lists = {
            "foundation": ModelFoundationEnum,
            "provider": ExternalMLProviderEnum,
            "type": ModelTypeEnum,
            "usage": ModelUsageEnum,
        }
        for member, enumeration in lists.items():
            for value in enumeration:
                with self.subTest(member=member, value=value.value):
                    name = f"{member} {value.value}"
                    created = self.api.models_create_new_model(seeded.smallest(name=name, **{member: value}))
                    self.assertEqual(getattr(created, member), value)
        self.assertEqual(len(self.models()), 60 + sum(map(len, lists.values())))

    def test_a_null_that_is_legal_comes_back(self):
        created = self.api.models_create_new_model(seeded.smallest(parameters=None))
        self.assertIsNone(created.parameters)

    def test_a_second_model_of_the_same_unique_name_is_refused(self):
        first = self.api.models_create_new_model(seeded.smallest(unique="own-model"))
        again = seeded.smallest(unique="own-model", name="Another Name")
        self.assert_refused(first.id, self.api.models_create_new_model, again)
        self.assertEqual(len(self.models()), 61)

    def test_a_second_model_of_the_same_name_and_version_is_refused(self):
        self.api.models_create_new_model(seeded.smallest())
        self.assert_refused("exists already", self.api.models_create_new_model, seeded.smallest())
        self.api.models_create_new_model(seeded.smallest(version="2.0.0"))
        self.assertEqual(len(self.models()), 62)

    def test_a_model_of_the_catalogue_cannot_be_created_again(self):
        unique = self.models()[0].unique
        self.assert_refused("exists already", self.api.models_create_new_model, seeded.smallest(unique=unique))

    def test_a_model_can_be_created_again_once_it_is_deleted(self):
        created = self.api.models_create_new_model(seeded.smallest())
        self.api.models_delete_specific_model(created.id)
        self.assertNotEqual(self.api.models_create_new_model(seeded.smallest()).id, created.id)

    def test_without_a_seeded_model_nothing_is_created(self):
        self.assert_refused("no body", self.api.models_create_new_model)
        self.assertEqual(len(self.models()), 60)
