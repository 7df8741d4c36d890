"""What callers pass, checked and made into bytes before anything is sent."""

import math
import os
import sys

from ._wire import field, varint

LONGEST_NANOS = (1 << 63) - 1


class Default:
    """The timeout of a call that names none: the client's."""

    def __repr__(self):
        return "<the client's>"


DEFAULT = Default()


def timeout(value):
    """Seconds (infinity for none), and the field `int64 timeout_nano = 4` of the request.

    No field would mean the gateway's own deadline, so 'none' is the longest there is. What is less than a nanosecond
    but has not expired is one.
    """
    seconds = math.inf if value is None else _seconds(value)
    if math.isnan(seconds):
        raise ValueError("timeout is NaN, which is no time")
    nanos = LONGEST_NANOS if seconds >= LONGEST_NANOS / 1e9 else max(1, int(max(0.0, seconds) * 1e9))
    return seconds, b"\x20" + varint(nanos)


def _seconds(value):
    if isinstance(value, (str, bytes, bytearray)) or not (hasattr(value, "__float__") or hasattr(value, "__index__")):
        raise TypeError(f"timeout has to be a number of seconds or None, not {type(value).__name__}")
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def metadata(value):
    """A mapping or pairs as {key in small letters: field `repeated KeyValue metadata = 5`}."""
    if value is None:
        return {}
    if isinstance(value, (str, bytes, bytearray)):
        raise TypeError(f"metadata has to be a mapping or pairs, not {type(value).__name__}")
    encoded = {}
    for pair in value.items() if hasattr(value, "items") else value:
        if isinstance(pair, (str, bytes)):
            raise TypeError("metadata has to be a mapping or pairs, not a sequence of texts")
        key, text = pair
        entry = field(1, _utf8(key, "a metadata key")) + field(2, _utf8(text, "a metadata value"))
        encoded[key.lower()] = field(5, entry)
    return encoded


def model_id(value):
    uuid = sys.modules.get("uuid")
    if uuid and isinstance(value, uuid.UUID):
        value = str(value)
    return _utf8(value, "a model's id")


def message(value, kind, name):
    if value is not None and not isinstance(value, kind):
        raise TypeError(f"{name} has to be a {kind.__name__} or None, not {type(value).__name__}")
    return value


def _utf8(value, name):
    if not isinstance(value, str):
        raise TypeError(f"{name} has to be a str, not {type(value).__name__}")
    return value.encode("utf-8")


def path(value):
    """Where the socket is, as bytes: the daemon's own rule where nobody names it."""
    value = value if value is not None else os.environ.get("MODELS_GATEWAY_SOCKET") or _default_path()
    encoded = os.fsencode(value)
    if b"\0" in encoded:
        raise ValueError("path has a zero byte in it")
    return encoded


def _default_path():
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    # A relative one does not count, as its specification says.
    directory = f"{runtime}/models-gateway" if runtime.startswith("/") else f"/tmp/models-gateway-{os.geteuid()}"
    return f"{directory}/gateway.sock"
