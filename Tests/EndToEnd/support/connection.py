"""What clients of every protocol have in common: a socket, and that they fail instead of waiting for ever."""

from __future__ import annotations

import fcntl
import select
import socket
import struct
import termios
import time

PATIENCE = 20.0


class ConnectionClosed(Exception):
    """The gateway closed the connection while an answer was waited for."""


class Connection:
    """One connection to the gateway."""

    def __init__(self, path: str):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(path)
        self._bytes = bytearray()

    def close(self) -> None:
        self.socket.close()

    def stop_writing(self) -> None:
        self.socket.shutdown(socket.SHUT_WR)

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def send_byte_by_byte(self, data: bytes) -> None:
        for at in range(len(data)):
            self.send(data[at : at + 1])
            self.wait_until_read()

    def wait_until_read(self) -> None:
        """Waits until the gateway has taken every byte out of the socket."""
        end = time.monotonic() + PATIENCE
        while struct.unpack("i", fcntl.ioctl(self.socket, termios.TIOCOUTQ, bytes(4)))[0] > 0:
            if time.monotonic() > end:
                raise TimeoutError("the gateway does not read")
            time.sleep(0)

    def wait_until_answered(self) -> None:
        """Waits until there is something to be read, and reads nothing."""
        if not select.select([self.socket], [], [], PATIENCE)[0]:
            raise TimeoutError("the gateway does not answer")

    def wait_until_hung_up(self) -> None:
        """Waits until the gateway closes the connection, and reads nothing."""
        poll = select.poll()
        poll.register(self.socket, 0)
        if not poll.poll(PATIENCE * 1000):
            raise TimeoutError("the gateway keeps the connection")

    def _take(self, length: int) -> bytes:
        while len(self._bytes) < length:
            try:
                received = self.socket.recv(1 << 20)
            except ConnectionResetError:
                received = b""
            if not received:
                raise ConnectionClosed
            self._bytes += received
        taken = bytes(self._bytes[:length])
        del self._bytes[:length]
        return taken
