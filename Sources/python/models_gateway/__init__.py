"""A client of the Models Gateway: the Models API of Pieces OS over a Unix socket.

    with Client() as gateway:
        for model in gateway.models_snapshot().iterable:
            print(model.name)
"""

try:
    from google.protobuf.internal import builder
except ImportError:
    needed = "models_gateway needs protobuf 3.20.2 or later: pip install --upgrade protobuf"
    raise ImportError(needed) from None
del builder

from ._client import Client, Stream
from ._errors import (
    Aborted,
    AlreadyExists,
    Cancelled,
    Code,
    DataLoss,
    DeadlineExceeded,
    FailedPrecondition,
    Internal,
    InvalidArgument,
    ModelsError,
    NotFound,
    OutOfRange,
    PermissionDenied,
    ResourceExhausted,
    Unauthenticated,
    Unavailable,
    Unimplemented,
    Unknown,
    Unreachable,
)
from ._generated.models_pb2 import *  # noqa: F403

__version__ = "0.1.0"

# What not every program needs is imported when it is asked for.
_LATER = {
    "AsyncClient": "_aio",
    "AsyncStream": "_aio",
    "CallCount": "_generated.control_pb2",
    "ErrorCount": "_generated.control_pb2",
    "SocketStatus": "_generated.control_pb2",
    "StatusRequest": "_generated.control_pb2",
    "StatusResponse": "_generated.control_pb2",
    "UpstreamState": "_generated.control_pb2",
    "UpstreamStatus": "_generated.control_pb2",
    "UPSTREAM_STATE_DISTRUSTED": "_generated.control_pb2",
    "UPSTREAM_STATE_NOT_ASKED": "_generated.control_pb2",
    "UPSTREAM_STATE_NOT_READY": "_generated.control_pb2",
    "UPSTREAM_STATE_SERVING": "_generated.control_pb2",
    "UPSTREAM_STATE_UNKNOWN": "_generated.control_pb2",
    "UPSTREAM_STATE_UNREACHABLE": "_generated.control_pb2",
}

del DESCRIPTOR, google_dot_protobuf_dot_timestamp__pb2  # noqa: F821
__all__ = sorted([name for name in globals() if not name.startswith("_")] + list(_LATER))


def __getattr__(name):
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    value = getattr(importlib.import_module(f"{__name__}.{_LATER[name]}"), name)
    globals()[name] = value
    return value


def __dir__():
    return __all__
