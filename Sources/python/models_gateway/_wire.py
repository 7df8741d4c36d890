"""ttrpc 1.2, written and read by hand. Bytes in, values out.

A frame is a header of ten bytes and then data:

    0        4            8       9        10
    | length | stream id  | type  | flags  | data, `length` bytes (at most 4 MiB)

google.rpc.Status and ErrorInfo are read here too: a process of Python can define google.rpc only once, and that may be
the program's own.
"""

import struct

from ._errors import Internal, from_status

HEADER = struct.Struct(">IIBB")
HEADER_SIZE = HEADER.size
LARGEST_DATA = 4 << 20
LAST_ID = (1 << 32) - 1
REQUEST, RESPONSE, DATA = 1, 2, 3
REMOTE_CLOSED, NO_DATA = 1, 4

_PAYLOAD = b"\x12"
_ERROR_INFO = b"type.googleapis.com/google.rpc.ErrorInfo"


class Malformed(Exception):
    """What came is not what the gateway sends."""


def varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def field(number, data):
    return varint(number << 3 | 2) + varint(len(data)) + data


def frame(stream_id, data):
    return HEADER.pack(len(data), stream_id, REQUEST, REMOTE_CLOSED) + data


def response(data):
    """The payload of ttrpc.Response {google.rpc.Status status = 1; bytes payload = 2}; an error in it is raised."""
    if data[:1] == _PAYLOAD:
        # Most answers are a payload and nothing else.
        length, at = _read_varint(data, 1)
        if at + length == len(data):
            return data[at:]
    payload = b""
    for number, value in fields(data):
        if number == 1:
            _raise_status(value)
        elif number == 2 and isinstance(value, bytes):
            payload = value
    return payload


def _raise_status(data):
    """Status {int32 code = 1; string message = 2; repeated Any details = 3}"""
    code, message, reason, metadata = 0, "", "", {}
    for number, value in fields(data):
        if number == 1 and isinstance(value, int):
            code = value
        elif number == 2:
            message = _text(value)
        elif number == 3:
            # Any {string type_url = 1; bytes value = 2}
            detail = dict(fields(value))
            if detail.get(1) == _ERROR_INFO:
                reason, metadata = _error_info(detail.get(2, b""))
    if code:
        raise from_status(code, message, reason, metadata)


def _error_info(data):
    """ErrorInfo {string reason = 1; string domain = 2; map<string, string> metadata = 3}"""
    reason, metadata = "", {}
    for number, value in fields(data):
        if number == 1:
            reason = _text(value)
        elif number == 3:
            entry = dict(fields(value))
            metadata[_text(entry.get(1, b""))] = _text(entry.get(2, b""))
    return reason, metadata


def fields(data):
    """Every field of a protobuf message: its number, and an int or bytes."""
    if not isinstance(data, bytes):
        raise Malformed
    at = 0
    while at < len(data):
        key, at = _read_varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = _read_varint(data, at)
        else:
            length = {1: 8, 5: 4}.get(kind)
            if kind == 2:
                length, at = _read_varint(data, at)
            if length is None or at + length > len(data):
                raise Malformed
            value = data[at : at + length]
            at += length
        yield key >> 3, value


def _read_varint(data, at):
    value = shift = 0
    while at < len(data) and shift < 64:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at += 1
        shift += 7
        if byte < 0x80:
            return value, at
    raise Malformed


def _text(value):
    if not isinstance(value, bytes):
        raise Malformed
    return value.decode("utf-8", "replace")


def not_ttrpc(what):
    return Internal(f"the gateway sent {what}, which is not ttrpc as it is spoken here")
