from typing import TypeVar

from _socket import socket

from ._errors import Unreachable

RETRY_INTERVAL: float
NAME_IT: str
START_IT: str

_Socket = TypeVar("_Socket", bound=socket)

def try_to_connect(path: bytes, kind: type[_Socket] = ...) -> _Socket | None: ...
def handed_over(sock: _Socket) -> _Socket: ...
def unreachable(path: bytes, error: OSError) -> Unreachable: ...
def no_second_connection() -> Unreachable: ...
def lost(problem: str, request_sent: bool | None) -> Unreachable: ...
