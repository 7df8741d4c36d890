"""The messages of the Models API, in Google's own Python runtime."""

from models_gateway import (
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
