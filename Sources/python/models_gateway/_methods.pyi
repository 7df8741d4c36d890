from collections.abc import Callable
from typing import Any

from ._arguments import ModelID
from ._generated.models_pb2 import ModelDeleteCacheInput, SeededModel

MODELS_SERVICE: bytes
CONTROL_SERVICE: bytes

class Method:
    name: str
    prefix: bytes
    asks_only: bool
    first_read: tuple[int]
    def __init__(
        self, service: bytes, name: bytes, answer: Callable[[bytes], Any] | None = None, asks_only: bool = False
    ) -> None: ...
    def request(self, payload: bytes, timeout: bytes, metadata: bytes) -> bytes: ...
    def parse(self, payload: bytes) -> Any: ...
    def answer(self, kind: int, data: bytes) -> Any: ...
    def part(self, kind: int, flags: int, data: bytes) -> Any: ...
    def payload(self, data: bytes) -> bytes: ...

SNAPSHOT: Method
STREAM: Method
CREATE: Method
DELETE: Method
DELETE_CACHE: Method
UNLOAD: Method
STATUS: Method
CANCEL: Method

def create_payload(seeded_model: SeededModel | None) -> bytes: ...
def delete_payload(model_id: ModelID) -> bytes: ...
def delete_cache_payload(model_id: ModelID, model_delete_cache_input: ModelDeleteCacheInput | None) -> bytes: ...
def cancel_request(stream_id: int) -> bytes: ...
