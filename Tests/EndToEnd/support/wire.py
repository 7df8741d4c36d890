"""Frames and protobuf written and read by hand, from the specifications and not from anybody's encoder."""

from __future__ import annotations

import struct
from typing import Iterator, NamedTuple

REQUEST, RESPONSE, DATA = 1, 2, 3
REMOTE_CLOSED, REMOTE_OPEN, NO_DATA = 1, 2, 4
MAX_DATA = 4 * 1024 * 1024

_HEADER = struct.Struct(">IIBB")
HEADER_LENGTH = _HEADER.size


class Frame(NamedTuple):
    """One ttrpc frame as it was on the wire."""

    stream_id: int
    type: int
    flags: int
    data: bytes


def frame(stream_id: int, type: int, flags: int, data: bytes = b"") -> bytes:
    return header(len(data), stream_id, type, flags) + data


def header(length: int, stream_id: int, type: int, flags: int) -> bytes:
    return _HEADER.pack(length, stream_id, type, flags)


def parse_header(data: bytes) -> tuple[int, int, int, int]:
    return _HEADER.unpack(data)


def varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def field(number: int, value: int | bytes | str) -> bytes:
    """One protobuf field: an int as a varint, anything else with its length in front."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Every field of a protobuf message: its number and its value. Raises ValueError for what is none."""
    at = 0
    while at < len(data):
        key, at = _read_varint(data, at)
        wire_type = key & 7
        if wire_type == 0:
            value, at = _read_varint(data, at)
        elif wire_type in (1, 2, 5):
            length = {1: 8, 5: 4}.get(wire_type)
            if length is None:
                length, at = _read_varint(data, at)
            if at + length > len(data):
                raise ValueError("field longer than its message")
            value = data[at : at + length]
            at += length
        else:
            raise ValueError(f"wire type {wire_type}")
        yield key >> 3, value


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise ValueError("varint without an end")
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at += 1
        shift += 7
        if byte < 0x80:
            return value, at
