"""How calls fail: a class for each code of google.rpc."""

import enum


class Code(enum.IntEnum):
    """How a call ended, as in gRPC."""

    CANCELLED = 1
    UNKNOWN = 2
    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    ABORTED = 10
    OUT_OF_RANGE = 11
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14
    DATA_LOSS = 15
    UNAUTHENTICATED = 16

    @classmethod
    def _missing_(cls, value):
        return cls.UNKNOWN if isinstance(value, int) else None


class ModelsError(Exception):
    """A call failed. What is raised is always a subclass, by the code.

    `message` is for people, `reason` and `metadata` are for programs, and `hint` says what the user can do; without one
    `reason` and `hint` are "". `request_sent` tells if Pieces OS may have seen the call; None where nobody can say.
    """

    code = Code.UNKNOWN

    def __init__(self, message="", *, reason="", metadata=None, hint="", request_sent=None):
        super().__init__(message)
        self.message = message
        self.reason = reason
        self.metadata = dict(metadata or {})
        self.hint = hint
        self.request_sent = request_sent

    def __str__(self):
        reason = f" ({self.reason})" if self.reason else ""
        hint = f"; {self.hint}" if self.hint and self.hint not in self.message else ""
        return f"{self.code.name}{reason}: {self.message or 'no message'}{hint}"

    def __reduce__(self):
        return type(self), (self.message,), self.__dict__.copy()


class Cancelled(ModelsError):
    code = Code.CANCELLED


class Unknown(ModelsError):
    code = Code.UNKNOWN


class InvalidArgument(ModelsError):
    code = Code.INVALID_ARGUMENT


class DeadlineExceeded(ModelsError, TimeoutError):
    code = Code.DEADLINE_EXCEEDED


class NotFound(ModelsError):
    code = Code.NOT_FOUND


class AlreadyExists(ModelsError):
    code = Code.ALREADY_EXISTS


class PermissionDenied(ModelsError):
    code = Code.PERMISSION_DENIED


class ResourceExhausted(ModelsError):
    code = Code.RESOURCE_EXHAUSTED


class FailedPrecondition(ModelsError):
    code = Code.FAILED_PRECONDITION


class Aborted(ModelsError):
    code = Code.ABORTED


class OutOfRange(ModelsError):
    code = Code.OUT_OF_RANGE


class Unimplemented(ModelsError):
    code = Code.UNIMPLEMENTED


class Internal(ModelsError):
    code = Code.INTERNAL


class Unavailable(ModelsError):
    code = Code.UNAVAILABLE


class DataLoss(ModelsError):
    code = Code.DATA_LOSS


class Unauthenticated(ModelsError):
    code = Code.UNAUTHENTICATED


class Unreachable(Unavailable, ConnectionError):
    """The gateway itself cannot be reached, or went away before it answered."""


_BY_CODE = {one.code: one for one in ModelsError.__subclasses__()}


def from_status(code, message, reason, metadata):
    """The error that an answer of the gateway tells of."""
    sent = {"true": True, "false": False}.get(metadata.get("request_sent"))
    return _BY_CODE[Code(code)](
        message, reason=reason, metadata=metadata, hint=metadata.get("hint", ""), request_sent=sent
    )


def expired(request_sent):
    return DeadlineExceeded("the time is up, and the gateway has not answered", request_sent=request_sent)
