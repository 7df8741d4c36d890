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
)
from models_gateway._generated.control_pb2 import StatusResponse

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
