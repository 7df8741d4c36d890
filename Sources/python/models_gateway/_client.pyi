from socket import socket

from ._arguments import Default, Metadata, ModelID, Path, Timeout
from ._generated.control_pb2 import StatusResponse
from ._generated.models_pb2 import Model, ModelDeleteCacheInput, ModelDeleteCacheOutput, Models, SeededModel
from ._methods import Method

PATIENCE: float
ASKS: int
PAUSE: float

class Settings:
    sock: socket | None
    path: bytes | None
    plain: dict[Method, tuple[bytes, float]]
    def __init__(self, path: Path | None, sock: socket | None, timeout: Timeout, metadata: Metadata) -> None: ...
    def close_sock(self) -> None: ...
    def request(
        self, method: Method, payload: bytes, timeout: Timeout | Default, metadata: Metadata
    ) -> tuple[bytes, float]: ...

class Client:
    def __init__(
        self,
        path: Path | None = None,
        *,
        sock: socket | None = None,
        timeout: Timeout = 30.0,
        metadata: Metadata = None,
    ) -> None: ...
    def models_snapshot(self, *, timeout: Timeout | Default = ..., metadata: Metadata = None) -> Models: ...
    def stream_models_snapshot(
        self,
        *,
        timeout: Timeout | Default = ...,
        metadata: Metadata = None,
    ) -> Stream: ...
    def models_create_new_model(
        self,
        seeded_model: SeededModel | None = None,
        *,
        timeout: Timeout | Default = ...,
        metadata: Metadata = None,
    ) -> Model: ...
    def models_delete_specific_model(
        self,
        model_id: ModelID,
        *,
        timeout: Timeout | Default = ...,
        metadata: Metadata = None,
    ) -> None: ...
    def models_delete_specific_model_cache(
        self,
        model_id: ModelID,
        model_delete_cache_input: ModelDeleteCacheInput | None = None,
        *,
        timeout: Timeout | Default = ...,
        metadata: Metadata = None,
    ) -> ModelDeleteCacheOutput: ...
    def unload_models(self, *, timeout: Timeout | Default = ..., metadata: Metadata = None) -> None: ...
    def status(self, *, timeout: Timeout | Default = ..., metadata: Metadata = None) -> StatusResponse: ...
    def close(self) -> None: ...
    def __enter__(self) -> Client: ...
    def __exit__(self, *_: object) -> None: ...

class Stream:
    def __init__(
        self,
        client: Client,
        method: Method,
        payload: bytes,
        timeout: Timeout | Default,
        metadata: Metadata,
    ) -> None: ...
    def __iter__(self) -> Stream: ...
    def __next__(self) -> Models: ...
    def close(self) -> None: ...
    def __enter__(self) -> Stream: ...
    def __exit__(self, *_: object) -> None: ...
    def __del__(self) -> None: ...
