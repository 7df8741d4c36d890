"""Connecting to the gateway's socket, and the words for it when that fails."""

import errno
import os
import stat

# The module socket is three milliseconds of enums on top of this one.
from _socket import AF_UNIX, SOCK_STREAM, socket

from ._errors import Unreachable

# How often a connection is tried again while the gateway's queue of new ones is full: nothing tells when it is not.
RETRY_INTERVAL = 0.01

NAME_IT = "or name its socket with path= or MODELS_GATEWAY_SOCKET"
START_IT = f"start it with 'models-gateway serve', {NAME_IT}"


def try_to_connect(path, kind=socket):
    """A socket that does not block, or None if the gateway's queue of new connections is full."""
    sock = _above_standard(kind(AF_UNIX, SOCK_STREAM), kind)
    try:
        sock.setblocking(False)
        sock.connect(path)
        return sock
    except BlockingIOError:
        sock.close()
        return None
    except OSError as error:
        sock.close()
        raise unreachable(path, error) from error
    except BaseException:
        sock.close()
        raise


def _above_standard(sock, kind):
    """The same socket under another number, where its own is that of a standard descriptor that was closed: whatever is
    printed then would go to the gateway."""
    if sock.fileno() > 2:
        return sock
    import fcntl

    try:
        return kind(AF_UNIX, SOCK_STREAM, 0, fcntl.fcntl(sock.fileno(), fcntl.F_DUPFD_CLOEXEC, 3))
    finally:
        sock.close()


def handed_over(sock):
    """Checks a socket that the caller has connected."""
    if not isinstance(sock, socket):
        raise TypeError(f"sock has to be a connected socket, not {type(sock).__name__}")
    if sock.type != SOCK_STREAM:
        raise ValueError("sock has to be a stream socket")
    return sock


def unreachable(path, error):
    problem, next_step = _explain(os.fsdecode(path), error)
    message = f"cannot connect to the gateway at {os.fsdecode(path)}: {problem}; {next_step}"
    return Unreachable(message, hint=next_step, request_sent=False)


def _explain(path, error):
    if error.errno == errno.ENOENT:
        return "there is no such socket", START_IT
    if error.errno == errno.ECONNREFUSED:
        if not _is_socket(path):
            return "that is not a socket", NAME_IT.replace("or ", "", 1)
        return "the socket is there, but nobody listens", START_IT
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"access is refused ({_owner(path)})", "be that user, or ask for a socket that is open to you (--listen)"
    return str(error.strerror or error), START_IT


def _is_socket(path):
    try:
        return stat.S_ISSOCK(os.stat(path).st_mode)
    except OSError:
        return True


def _owner(path):
    """Owner and mode of what refuses: the first directory that cannot be entered, or the socket."""
    parts = os.path.abspath(path).split(os.sep)
    for count in range(2, len(parts)):
        directory = os.sep.join(parts[:count])
        if not os.access(directory, os.X_OK, effective_ids=True):
            path = directory
            break
    try:
        status = os.stat(path)
    except OSError as error:
        return f"{path}: {error.strerror}"
    return f"{path} belongs to user {status.st_uid} and has mode {stat.S_IMODE(status.st_mode):04o}"


def no_second_connection():
    message = "the connection that was handed over with sock= is lost, and only who made it can make another"
    return Unreachable(message, hint="connect again, and make a new client of that socket", request_sent=False)


def lost(problem, request_sent):
    message = f"the gateway went away before it answered: {problem}"
    return Unreachable(message, request_sent=request_sent)
