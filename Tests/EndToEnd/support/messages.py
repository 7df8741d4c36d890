"""The messages of the Models API, in Google's own Python runtime."""

import sys

from .gateway import ROOT

sys.path.insert(0, str(ROOT / "examples/python/generated"))

from pieces.models.v1.models_pb2 import (  # noqa: E402
    Model,
    ModelDeleteCacheInput,
    ModelDeleteCacheOutput,
    Models,
    ModelsCreateNewModelRequest,
    ModelsDeleteSpecificModelCacheRequest,
    ModelsDeleteSpecificModelRequest,
    SeededModel,
)

__all__ = [
    "Model",
    "ModelDeleteCacheInput",
    "ModelDeleteCacheOutput",
    "Models",
    "ModelsCreateNewModelRequest",
    "ModelsDeleteSpecificModelCacheRequest",
    "ModelsDeleteSpecificModelRequest",
    "SeededModel",
]
