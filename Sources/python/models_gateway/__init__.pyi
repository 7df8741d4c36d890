from ._aio import AsyncClient as AsyncClient, AsyncStream as AsyncStream
from ._client import Client as Client, Stream as Stream
from ._errors import (
    Aborted as Aborted,
    AlreadyExists as AlreadyExists,
    Cancelled as Cancelled,
    Code as Code,
    DataLoss as DataLoss,
    DeadlineExceeded as DeadlineExceeded,
    FailedPrecondition as FailedPrecondition,
    Internal as Internal,
    InvalidArgument as InvalidArgument,
    ModelsError as ModelsError,
    NotFound as NotFound,
    OutOfRange as OutOfRange,
    PermissionDenied as PermissionDenied,
    ResourceExhausted as ResourceExhausted,
    Unauthenticated as Unauthenticated,
    Unavailable as Unavailable,
    Unimplemented as Unimplemented,
    Unknown as Unknown,
    Unreachable as Unreachable,
)
from ._generated.control_pb2 import (
    UPSTREAM_STATE_DISTRUSTED as UPSTREAM_STATE_DISTRUSTED,
    UPSTREAM_STATE_NOT_ASKED as UPSTREAM_STATE_NOT_ASKED,
    UPSTREAM_STATE_NOT_READY as UPSTREAM_STATE_NOT_READY,
    UPSTREAM_STATE_SERVING as UPSTREAM_STATE_SERVING,
    UPSTREAM_STATE_UNKNOWN as UPSTREAM_STATE_UNKNOWN,
    UPSTREAM_STATE_UNREACHABLE as UPSTREAM_STATE_UNREACHABLE,
    CallCount as CallCount,
    ErrorCount as ErrorCount,
    SocketStatus as SocketStatus,
    StatusRequest as StatusRequest,
    StatusResponse as StatusResponse,
    UpstreamState as UpstreamState,
    UpstreamStatus as UpstreamStatus,
)
from ._generated.models_pb2 import *

__version__: str
