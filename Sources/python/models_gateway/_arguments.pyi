import os
from collections.abc import Iterable, Mapping
from typing import SupportsFloat, SupportsIndex, TypeVar, Union
from uuid import UUID

Path = Union[str, bytes, os.PathLike[str], os.PathLike[bytes]]
Timeout = Union[SupportsFloat, SupportsIndex, None]
Metadata = Union[Mapping[str, str], Iterable[tuple[str, str]], None]
ModelID = Union[str, UUID]

class Default: ...

DEFAULT: Default
LONGEST_NANOS: int

_Message = TypeVar("_Message")

def timeout(value: Timeout) -> tuple[float, bytes]: ...
def metadata(value: Metadata) -> dict[str, bytes]: ...
def model_id(value: ModelID) -> bytes: ...
def message(value: _Message | None, kind: type[_Message], name: str) -> _Message | None: ...
def path(value: Path | None) -> bytes: ...
