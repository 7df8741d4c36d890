"""The ttrpc envelope: requests that may be as wrong as a test wants, answers read strictly."""

from __future__ import annotations

from dataclasses import dataclass, field as default
from typing import Iterable, Union

from .wire import Frame, field, fields

MODELS = "pieces.models.v1.ModelsService"
CONTROL = "pieces.gateway.v1.Control"

OK = 0
CANCELLED = 1
INVALID_ARGUMENT = 3
DEADLINE_EXCEEDED = 4
NOT_FOUND = 5
ALREADY_EXISTS = 6
PERMISSION_DENIED = 7
RESOURCE_EXHAUSTED = 8
FAILED_PRECONDITION = 9
UNIMPLEMENTED = 12
INTERNAL = 13
UNAVAILABLE = 14
UNAUTHENTICATED = 16

Text = Union[str, bytes]


def request(
    service: Text,
    method: Text,
    payload: bytes = b"",
    timeout_nano: int = 0,
    metadata: Iterable[tuple[Text, Text]] = (),
) -> bytes:
    data = field(1, service) + field(2, method)
    if payload:
        data += field(3, payload)
    if timeout_nano:
        data += field(4, timeout_nano)
    for key, value in metadata:
        data += field(5, field(1, key) + field(2, value))
    return data


@dataclass
class Response:
    """What a response frame says."""

    stream_id: int
    code: int = OK
    message: str = ""
    payload: bytes = b""
    reason: str = ""
    domain: str = ""
    metadata: dict[str, str] = default(default_factory=dict)


def parse_response(frame: Frame) -> Response:
    response = Response(frame.stream_id)
    for number, value in fields(frame.data):
        if number == 1:
            parse_status(value, response)
        elif number == 2:
            response.payload = value
        else:
            raise ValueError(f"field {number} in a Response")
    return response


def parse_status(data: bytes, response: Response) -> None:
    for number, value in fields(data):
        if number == 1:
            response.code = value
        elif number == 2:
            response.message = value.decode()
        elif number == 3:
            detail = dict(fields(value))
            if detail[1] != b"type.googleapis.com/google.rpc.ErrorInfo" or response.reason:
                raise ValueError("details are one ErrorInfo")
            _parse_error_info(detail[2], response)
        else:
            raise ValueError(f"field {number} in a Status")


def _parse_error_info(data: bytes, response: Response) -> None:
    for number, value in fields(data):
        if number == 1:
            response.reason = value.decode()
        elif number == 2:
            response.domain = value.decode()
        elif number == 3:
            entry = dict(fields(value))
            response.metadata[entry.get(1, b"").decode()] = entry.get(2, b"").decode()
        else:
            raise ValueError(f"field {number} in an ErrorInfo")
