"""What attackers and the stand-in for Pieces OS send, made once and as bytes."""

import functools
import itertools
import json

from support import envelope, wire
from support.envelope import MODELS
from support.upstream import response

MEBIBYTE = 1 << 20
# Longer than any attack: no call of an attacker ends by itself.
TIMEOUT = 600 * 10**9


# Requests


def request(method, stream_id=1, payload=b"", alone=False):
    """A request frame; `alone`: with a traceparent that no other has, so that no answer is shared."""
    metadata = [("traceparent", new_traceparent())] if alone else []
    data = envelope.request(MODELS, method, payload, TIMEOUT, metadata)
    return wire.frame(stream_id, wire.REQUEST, wire.REMOTE_CLOSED, data)


def new_traceparent():
    return next(_traceparents)


_traceparents = (f"00-{number:032x}-00000000000000a1-01" for number in itertools.count(1))
_ENVELOPE = 256  # more than what is around a payload


@functools.cache
def new_model():
    """The payload of a create of 4 MiB whose description is all control characters: six bytes each in JSON."""
    return wire.field(1, wire.field(11, b"\x01" * (wire.MAX_DATA - _ENVELOPE)))


@functools.cache
def create():
    return request("ModelsCreateNewModel", payload=new_model())


def create_with(members):
    """A create of 4 MiB with as many members in its additional_properties as have room there."""
    room = wire.MAX_DATA - _ENVELOPE
    text = ",".join(itertools.islice(members, room // 5)).encode()[:room]
    return request("ModelsCreateNewModel", payload=wire.field(1, wire.field(1000, b"{%s}" % text[: text.rindex(b",")])))


def empty_metadata():
    """A request of 4 MiB that is nothing but entries of metadata without key and value."""
    data = envelope.request(MODELS, "UnloadModels", b"", TIMEOUT, [])
    data += wire.field(5, b"") * ((wire.MAX_DATA - len(data)) // 2)
    return wire.frame(1, wire.REQUEST, wire.REMOTE_CLOSED, data)


@functools.cache
def unknown_fields():
    """A request of 4 MiB that is nothing but fields nobody knows, as short as fields can be."""
    return request("ModelsDeleteSpecificModel", payload=wire.field(15, 1) * ((wire.MAX_DATA - _ENVELOPE) // 2))


# The shortest that is answered: a request with an even stream id, and nothing in it.
BAD_FRAME = wire.frame(2, wire.REQUEST, wire.REMOTE_CLOSED)


# Answers


@functools.cache
def models(size):
    """A list of ordinary models whose JSON has some `size` bytes, no more; its message has a third of them."""
    return _list([_model(number) for number in range(20)], size)


@functools.cache
def long_models(size):
    """A list of models with long descriptions, whose message is nearly as long as its JSON."""
    return _list([b'{"id":"%d","description":"%s"}' % (number, b"d" * 10_000) for number in range(20)], size)


@functools.cache
def unfinished_element(size):
    """The beginning of a response whose first model does not end."""
    return _endless_head() + b'{"iterable":[{"description":"' + b"d" * size


@functools.cache
def endless_list():
    """The beginning of a response that is a list, and a part that may follow as often as one likes."""
    part = b",".join(_model(number) for number in range(200))
    return _endless_head() + b'{"iterable":[' + part, b"," + part


def _list(texts, size):
    head, tail = b'{"iterable":[', b'],"score":{"manual":0,"automatic":60}}'
    count = (size - len(head) - len(tail)) // (max(map(len, texts)) + 1)
    return response(head + b",".join(itertools.islice(itertools.cycle(texts), count)) + tail)


def _endless_head():
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (1 << 40)


def _model(number):
    """A model as Pieces OS writes it, of a kilobyte."""
    schema = {"schema": {"migration": 0, "semantic": "MAJOR_0_MINOR_0_PATCH_1"}}
    size = {**schema, "readable": "4.10 GB", "value": 4402341478 + number}
    model = {
        **schema, "id": f"67499ecc-b05a-486d-9de9-{number:012d}", "version": f"0.0.{number}",
        "created": {**schema, "value": f"2024-02-{1 + number:02d}T12:34:56.123456Z", "readable": "9 months ago"},
        "name": f"Granite Code {number}B", "cloud": number % 2 == 0, "type": "SPEED", "usage": "CODE_CONVERSATION",
        "description": 'Trained on code under licences that permit it: "enterprise-ready".',
        "foundation": "GRANITE_8B", "provider": "IBM", "unique": "granite-8b-code-instruct-128k-q4f16_1-MLC",
        "custom": False, "denied": False, "bytes": size, "ram": size, "quantization": "q4f16_1", "cpu": False,
        "downloaded": True, "downloading": False, "loaded": False, "parameters": 8.1,
        "maxTokens": {**schema, "total": 131072, "input": 126976, "output": 4096},
        "capabilities": {**schema, "images": False, "temporal": True, "codebases": True, "documents": True},
    }  # fmt: skip
    return json.dumps(model, separators=(",", ":")).encode()
