"""The messages of the Models API and of the gateway's status, in Google's own Python runtime."""

from models_gateway import (
    Model,
    ModelDeleteCacheInput,
    ModelDeleteCacheOutput,
    Models,
    ModelsCreateNewModelRequest,
    ModelsDeleteSpecificModelCacheRequest,
    ModelsDeleteSpecificModelRequest,
    SeededModel,
    StatusResponse,
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
    "StatusResponse",
]
