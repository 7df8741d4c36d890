"""An HTTP server that behaves exactly as badly as a test's script says."""

from __future__ import annotations

import os
import re
import select
import socket
import struct
import threading
from dataclasses import dataclass
from typing import Callable

PATIENCE = 20.0
EMPTY_LIST = b'{"iterable":[]}'


@dataclass
class Request:
    """A request as it came, byte for byte."""

    raw: bytes
    method: str
    target: str
    version: str
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """The only header of that name; None if there is none."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        if len(values) > 1:
            raise AssertionError(f"{name} comes {len(values)} times")
        return values[0] if values else None


class Connection:
    """One connection that the gateway has made."""

    def __init__(self, sock: socket.socket, index: int):
        self.socket = sock
        self.index = index
        self.requests = 0
        self.is_open = True
        self._bytes = b""
        sock.settimeout(PATIENCE)
        if sock.family != socket.AF_UNIX:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def read_head(self) -> bytes | None:
        """Up to and with the empty line; None at the end of the connection."""
        while b"\r\n\r\n" not in self._bytes:
            if not self._read():
                return None
        head, _, self._bytes = self._bytes.partition(b"\r\n\r\n")
        return head + b"\r\n\r\n"

    def read_body(self, head: bytes) -> bytes | None:
        """As much as the head says; None if the connection ends before."""
        match = re.search(rb"\r\nContent-Length: (\d+)\r\n", head, re.IGNORECASE)
        length = int(match[1]) if match else 0
        body = bytearray(self._bytes)
        while len(body) < length:
            received = self.socket.recv(1 << 20)
            if not received:
                return None
            body += received
        self._bytes = bytes(body[length:])
        return bytes(body[:length])

    def read_request(self) -> Request | None:
        head = self.read_head()
        body = self.read_body(head) if head else None
        if head is None or body is None:
            return None
        lines = head.decode("latin-1").split("\r\n")[:-2]
        method, target, version = lines[0].split(" ")
        headers = [tuple(line.split(": ", 1)) for line in lines[1:]]
        self.requests += 1
        return Request(head + body, method, target, version, headers, body)

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def shut_down(self) -> None:
        """Ends the connection from another thread than its own: what that waits for comes to an end."""
        self.is_open = False
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def close(self) -> None:
        self.shut_down()
        self.socket.close()

    def reset(self) -> None:
        """Closes with RST instead of FIN."""
        self.is_open = False
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def wait_until_closed(self, timeout: float = PATIENCE) -> bytes:
        """Waits for the gateway to close, and says what it sent until then."""
        self.socket.settimeout(timeout)
        while self._read():
            pass
        return self._bytes

    def _read(self) -> bool:
        try:
            received = self.socket.recv(1 << 20)
        except ConnectionResetError:
            return False
        self._bytes += received
        return bool(received)


@dataclass
class Exchange:
    """A request and the connection that its answer has to take."""

    request: Request
    connection: Connection
    number: int

    def answer(self, body: bytes | str = b"", status: int | str = 200, headers: tuple[str, ...] = ()) -> None:
        data = body.encode() if isinstance(body, str) else body
        self.send(response(data, status, headers))

    def send(self, data: bytes) -> None:
        self.connection.send(data)

    def send_byte_by_byte(self, data: bytes) -> None:
        for at in range(len(data)):
            self.send(data[at : at + 1])


def response(body: bytes = b"", status: int | str = 200, headers: tuple[str, ...] = ()) -> bytes:
    """A well-formed response; 204 goes without a body."""
    line = f"HTTP/1.1 {status}" + (" Whatever" if isinstance(status, int) else "")
    if status == 204:
        return "\r\n".join([line, *headers, "", ""]).encode()
    lines = [line, "Content-Type: application/json", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


Script = Callable[[Exchange], None]


def answering(body: bytes | str = EMPTY_LIST, status: int | str = 200, headers: tuple[str, ...] = ()) -> Script:
    return lambda exchange: exchange.answer(body, status, headers)


def sending(data: bytes) -> Script:
    return lambda exchange: exchange.send(data)


def sending_and_closing(data: bytes) -> Script:
    def script(exchange: Exchange) -> None:
        exchange.send(data)
        exchange.connection.close()

    return script


class Held:
    """A script that keeps every request waiting until it is released, and notices when the gateway gives one up."""

    def __init__(self, script: Script = answering()):
        self.script = script
        self._given_up = threading.Semaphore(0)
        self._released = os.eventfd(0, os.EFD_SEMAPHORE | os.EFD_NONBLOCK)

    def __del__(self) -> None:
        os.close(self._released)

    def release(self, count: int = 1) -> None:
        os.eventfd_write(self._released, count)

    def wait_until_given_up(self, count: int = 1) -> None:
        for _ in range(count):
            if not self._given_up.acquire(timeout=PATIENCE):
                raise TimeoutError("the gateway holds on to its upstream connection")

    def __call__(self, exchange: Exchange, script: Script | None = None) -> None:
        sock = exchange.connection.socket
        while True:
            readable, _, _ = select.select([sock, self._released], [], [], 2 * PATIENCE)
            if sock in readable or not readable:
                break
            try:
                os.eventfd_read(self._released)
            except BlockingIOError:
                continue
            return (script or self.script)(exchange)
        if exchange.connection.wait_until_closed():
            raise AssertionError("bytes after a request that has no answer yet")
        exchange.connection.close()
        self._given_up.release()


class ScriptedUpstream:
    """Listens, records every request, and lets the script answer: a function of the exchange, called in a thread of the
    connection. `on_accept` is called before anything is read."""

    def __init__(
        self,
        script: Script = answering(),
        *,
        path: str | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        on_accept: Callable[[Connection], None] | None = None,
    ):
        self.script = script
        self.on_accept = on_accept
        self.requests: list[Request] = []
        self.connections: list[Connection] = []
        self.faults: list[BaseException] = []
        self._changed = threading.Condition()
        self._threads: list[threading.Thread] = []
        if path is None:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            self._listener = socket.socket(family, socket.SOCK_STREAM)
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._listener.bind((host, port))
            self.port = self._listener.getsockname()[1]
            self.authority = f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"
            self.url = f"http://{self.authority}"
        else:
            self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self._listener.bind(path)
            self.url = f"unix:{path}"
        self._listener.listen(128)
        self._start(self._accept)

    def stop_listening(self) -> None:
        """Refuses further connections; those that are there stay."""
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._listener.close()

    def close(self) -> None:
        """Closes everything. A script that failed fails the test here."""
        self.stop_listening()
        with self._changed:
            connections = list(self.connections)
        for connection in connections:
            connection.shut_down()
        for thread in list(self._threads):
            thread.join(PATIENCE)
        if self.faults:
            raise self.faults[0]

    def wait_for_requests(self, count: int) -> list[Request]:
        with self._changed:
            if not self._changed.wait_for(lambda: len(self.requests) >= count, PATIENCE):
                raise TimeoutError(f"{len(self.requests)} requests, not {count}")
            return list(self.requests)

    def wait_for_connections(self, count: int) -> list[Connection]:
        with self._changed:
            if not self._changed.wait_for(lambda: len(self.connections) >= count, PATIENCE):
                raise TimeoutError(f"{len(self.connections)} connections, not {count}")
            return list(self.connections)

    def _start(self, function: Callable, *arguments) -> None:
        thread = threading.Thread(target=function, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                accepted, _ = self._listener.accept()
            except OSError:
                return
            with self._changed:
                connection = Connection(accepted, len(self.connections))
                self.connections.append(connection)
                self._changed.notify_all()
            self._start(self._serve, connection)

    def _serve(self, connection: Connection) -> None:
        try:
            if self.on_accept:
                self.on_accept(connection)
            while connection.is_open and (request := connection.read_request()):
                with self._changed:
                    number = len(self.requests)
                    self.requests.append(request)
                    self._changed.notify_all()
                self.script(Exchange(request, connection, number))
        except OSError:
            pass  # The gateway closed first, or the test has ended.
        except BaseException as fault:
            self.faults.append(fault)
        finally:
            connection.close()
