"""A service manager as far as a service sees it: passes sockets on, and hears how the service is."""

import contextlib
import fcntl
import os
import socket

PATIENCE = 20.0

# Clear of the descriptors from 3 on, where the service looks for its sockets.
HIGH_DESCRIPTOR = 100


class NotificationSocket:
    """What NOTIFY_SOCKET names: by a path, or with an @ by an abstract name."""

    def __init__(self, address: str):
        self.address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("\0" + address[1:] if address.startswith("@") else address)

    def receive(self, timeout: float = PATIENCE) -> str:
        self._socket.settimeout(timeout)
        return self._socket.recv(4096).decode()

    def fill(self) -> None:
        """Leaves no room for anything to come."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other, contextlib.suppress(BlockingIOError):
            other.setblocking(False)
            while True:
                other.sendto(b"x", self._socket.getsockname())

    def waiting(self) -> list[str]:
        """What has come so far."""
        messages = []
        with contextlib.suppress(BlockingIOError):
            while True:
                messages.append(self.receive(timeout=0))
        return messages

    def close(self) -> None:
        self._socket.close()


def high(sock: socket.socket) -> int:
    """A copy of the socket's descriptor that the service's own do not collide with."""
    return fcntl.fcntl(sock.fileno(), fcntl.F_DUPFD_CLOEXEC, HIGH_DESCRIPTOR)


def activation(sockets: list[socket.socket], names: str | None = None, **environment: str) -> dict:
    """The options of `Gateway` that start it as the service manager would. `$$` in a value is the pid of the gateway."""
    descriptors = tuple(high(sock) for sock in sockets)
    variables = {"LISTEN_PID": "$$", "LISTEN_FDS": str(len(sockets)), **environment}
    if names is not None:
        variables["LISTEN_FDNAMES"] = names
    lines = [f"exec {3 + index}<&{number} {number}<&-" for index, number in enumerate(descriptors)]
    lines += [f'export {name}="{value}"' for name, value in variables.items()]
    script = "\n".join([*lines, 'exec "$@"'])
    return {"wrapper": ("/bin/bash", "-c", script, "bash"), "passed": descriptors}


def close_all(descriptors: tuple[int, ...]) -> None:
    for number in descriptors:
        os.close(number)
