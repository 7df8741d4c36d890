"""HTTP/1.1 over the gateway's sockets: bytes that may be as wrong as a test wants, answers read strictly."""

import re
import socket
from dataclasses import dataclass

PATIENCE = 20.0


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def samples(self) -> dict[str, float]:
        """Every sample of a page of metrics, by its name with labels."""
        lines = [line for line in self.text.splitlines() if not line.startswith("#")]
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def connect(address: str) -> socket.socket:
    """To a path, or to `127.0.0.1:PORT` or `[::1]:PORT`."""
    host, _, port = address.rpartition(":")
    if "/" in address:
        connection = socket.socket(socket.AF_UNIX)
    else:
        connection = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    connection.settimeout(PATIENCE)
    connection.connect(address if "/" in address else (host.strip("[]"), int(port)))
    return connection


def read_to_end(connection: socket.socket) -> bytes:
    received = b""
    while part := connection.recv(1 << 20):
        received += part
    return received


def exchange(address: str, request: bytes) -> bytes:
    """Everything that is answered until the gateway closes the connection."""
    with connect(address) as connection:
        connection.sendall(request)
        return read_to_end(connection)


def parse(answer: bytes, *, is_head: bool = False) -> Answer:
    head, separator, body = answer.partition(b"\r\n\r\n")
    if not separator:
        raise ValueError(f"no head: {answer!r}")
    first, *lines = head.decode("ascii").split("\r\n")
    match = re.fullmatch(r"HTTP/1\.1 (\d{3}) [A-Z][A-Za-z ]+", first)
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    if not match or len(headers) != len(lines) or headers.get("connection") != "close":
        raise ValueError(f"not a head: {head!r}")
    if len(body) != (0 if is_head else int(headers["content-length"])):
        raise ValueError(f"a body of {len(body)} bytes: {head!r}")
    return Answer(int(match[1]), headers, body)


def request(target: str, method: str = "GET", *headers: str, host: str | None = "localhost") -> bytes:
    lines = [f"{method} {target} HTTP/1.1", *([] if host is None else [f"Host: {host}"]), *headers, "", ""]
    return "\r\n".join(lines).encode()


def ask(address: str, target: str, method: str = "GET", *headers: str, host: str | None = "localhost") -> Answer:
    answer = exchange(address, request(target, method, *headers, host=host))
    return parse(answer, is_head=method == "HEAD")
