"""Seeded models to create."""

from datetime import datetime, timezone

from pieces_os_client.models.byte_descriptor import ByteDescriptor
from pieces_os_client.models.embedded_model_schema import EmbeddedModelSchema
from pieces_os_client.models.embedded_model_schema_semantic_version_enum import (
    EmbeddedModelSchemaSemanticVersionEnum as SemanticVersion,
)
from pieces_os_client.models.grouped_timestamp import GroupedTimestamp
from pieces_os_client.models.model_capabilities import ModelCapabilities
from pieces_os_client.models.model_max_tokens import ModelMaxTokens
from pieces_os_client.models.model_type_enum import ModelTypeEnum
from pieces_os_client.models.model_usage_enum import ModelUsageEnum
from pieces_os_client.models.referenced_entity import ReferencedEntity
from pieces_os_client.models.seeded_model import SeededModel


def smallest(**members):
    """Only what the API requires."""
    return SeededModel(
        **{
            "cloud": False,
            "created": GroupedTimestamp(value=datetime(2025, 3, 1, 12, 30, 15, 123456, timezone.utc)),
            "name": "Own Model",
            "type": ModelTypeEnum.SPEED,
            "usage": ModelUsageEnum.CODE_CONVERSATION,
            "version": "1.0.0",
            **members,
        }
    )


def largest():
    """Every member, and in every message within it."""
    schema = EmbeddedModelSchema(migration=2**53 + 1, semantic=SemanticVersion.MAJOR_0_MINOR_0_PATCH_1)
    return smallest(
        bytes=ByteDescriptor(readable="8 EB", value=2**63 - 1, schema=schema),
        capabilities=ModelCapabilities(
            assets=True,
            codebases=False,
            documents=True,
            images=False,
            temporal=True,
            videos=False,
            websites=True,
            schema=schema,
        ),
        cpu=True,
        created=GroupedTimestamp(readable="now", value=datetime(2025, 3, 1, tzinfo=timezone.utc), schema=schema),
        custom=False,
        denied=False,
        description='Quotes ", a backslash \\, a line\nbreak, é and 🦊.',
        downloaded=True,
        foundation="LLAMA_3_8B",
        maxTokens=ModelMaxTokens(input=4096, output=None, total=0.5, schema=schema),
        organization=ReferencedEntity(id="7b8f1c5e-0000-4000-8000-000000000001", schema=schema),
        parameters=1.1,
        provider="META",
        quantization="q4f16_1",
        ram=ByteDescriptor(readable="0 B", value=0, schema=schema),
        schema=schema,
        unique="own-model-8b",
    )
