from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor
UPSTREAM_STATE_DISTRUSTED: UpstreamState
UPSTREAM_STATE_NOT_ASKED: UpstreamState
UPSTREAM_STATE_NOT_READY: UpstreamState
UPSTREAM_STATE_SERVING: UpstreamState
UPSTREAM_STATE_UNKNOWN: UpstreamState
UPSTREAM_STATE_UNREACHABLE: UpstreamState

class CallCount(_message.Message):
    __slots__ = ["code", "count", "method"]
    CODE_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    code: str
    count: int
    method: str
    def __init__(self, method: _Optional[str] = ..., code: _Optional[str] = ..., count: _Optional[int] = ...) -> None: ...

class CancelRequest(_message.Message):
    __slots__ = ["stream_id"]
    STREAM_ID_FIELD_NUMBER: _ClassVar[int]
    stream_id: int
    def __init__(self, stream_id: _Optional[int] = ...) -> None: ...

class ErrorCount(_message.Message):
    __slots__ = ["count", "reason"]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    count: int
    reason: str
    def __init__(self, reason: _Optional[str] = ..., count: _Optional[int] = ...) -> None: ...

class SocketStatus(_message.Message):
    __slots__ = ["connections", "path", "policy"]
    CONNECTIONS_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    connections: int
    path: str
    policy: str
    def __init__(self, path: _Optional[str] = ..., policy: _Optional[str] = ..., connections: _Optional[int] = ...) -> None: ...

class StatusRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class StatusResponse(_message.Message):
    __slots__ = ["allowed_methods", "calls", "calls_in_flight", "calls_waiting", "errors", "pid", "resident_memory", "revision", "sockets", "start_time", "upstream", "version", "waiting_bytes"]
    ALLOWED_METHODS_FIELD_NUMBER: _ClassVar[int]
    CALLS_FIELD_NUMBER: _ClassVar[int]
    CALLS_IN_FLIGHT_FIELD_NUMBER: _ClassVar[int]
    CALLS_WAITING_FIELD_NUMBER: _ClassVar[int]
    ERRORS_FIELD_NUMBER: _ClassVar[int]
    PID_FIELD_NUMBER: _ClassVar[int]
    RESIDENT_MEMORY_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    SOCKETS_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    UPSTREAM_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    WAITING_BYTES_FIELD_NUMBER: _ClassVar[int]
    allowed_methods: _containers.RepeatedScalarFieldContainer[str]
    calls: _containers.RepeatedCompositeFieldContainer[CallCount]
    calls_in_flight: int
    calls_waiting: int
    errors: _containers.RepeatedCompositeFieldContainer[ErrorCount]
    pid: int
    resident_memory: int
    revision: str
    sockets: _containers.RepeatedCompositeFieldContainer[SocketStatus]
    start_time: _timestamp_pb2.Timestamp
    upstream: UpstreamStatus
    version: str
    waiting_bytes: int
    def __init__(self, version: _Optional[str] = ..., revision: _Optional[str] = ..., start_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., pid: _Optional[int] = ..., upstream: _Optional[_Union[UpstreamStatus, _Mapping]] = ..., sockets: _Optional[_Iterable[_Union[SocketStatus, _Mapping]]] = ..., allowed_methods: _Optional[_Iterable[str]] = ..., calls_in_flight: _Optional[int] = ..., calls_waiting: _Optional[int] = ..., calls: _Optional[_Iterable[_Union[CallCount, _Mapping]]] = ..., errors: _Optional[_Iterable[_Union[ErrorCount, _Mapping]]] = ..., waiting_bytes: _Optional[int] = ..., resident_memory: _Optional[int] = ...) -> None: ...

class UpstreamStatus(_message.Message):
    __slots__ = ["endpoint", "last_answer_nanos", "last_answer_time", "location", "message", "state"]
    ENDPOINT_FIELD_NUMBER: _ClassVar[int]
    LAST_ANSWER_NANOS_FIELD_NUMBER: _ClassVar[int]
    LAST_ANSWER_TIME_FIELD_NUMBER: _ClassVar[int]
    LOCATION_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    endpoint: str
    last_answer_nanos: int
    last_answer_time: _timestamp_pb2.Timestamp
    location: str
    message: str
    state: UpstreamState
    def __init__(self, location: _Optional[str] = ..., endpoint: _Optional[str] = ..., state: _Optional[_Union[UpstreamState, str]] = ..., message: _Optional[str] = ..., last_answer_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., last_answer_nanos: _Optional[int] = ...) -> None: ...

class UpstreamState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
