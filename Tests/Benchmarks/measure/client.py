"""A client of the gateway for what the load generator does not do: holding connections, reading a stream slowly."""

import socket
import struct

REQUEST, RESPONSE, DATA = 1, 2, 3
NO_DATA = 4


def _field(number, value):
    return bytes([number << 3 | 2, len(value)]) + value  # everything here is shorter than 128 bytes


class Client:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(str(path))  # waits while the backlog is full, which it would not do with a timeout set
        self.socket.settimeout(20)
        self.stream_id = -1

    def send(self, method):
        data = _field(1, b"pieces.models.v1.ModelsService") + _field(2, method.encode())
        self.stream_id += 2
        self.socket.sendall(struct.pack(">IIBB", len(data), self.stream_id, REQUEST, 1) + data)

    def read_head(self):
        """Length, type and flags of the next frame; the data is still to be read."""
        length, _, kind, flags = struct.unpack(">IIBB", self.read(10))
        return length, kind, flags

    def read(self, count):
        data = bytearray(count)
        view = memoryview(data)
        while view:
            received = self.socket.recv_into(view)
            if received == 0:
                raise EOFError("the gateway closed the connection")
            view = view[received:]
        return data

    def call(self, method):
        """One unary call; the data of its answer."""
        self.send(method)
        length, kind, _ = self.read_head()
        data = self.read(length)
        if kind != RESPONSE or data[:1] == b"\x0a" and data[2:3] == b"\x08":
            raise ValueError(f"{method}: {bytes(data[:200])}")
        return data

    def stream(self, method):
        """The messages of one server-streaming call."""
        self.send(method)
        while True:
            length, kind, flags = self.read_head()
            data = self.read(length)
            if kind != DATA:
                raise ValueError(f"{method}: {bytes(data[:200])}")
            if flags & NO_DATA:
                return
            yield data

    def close(self):
        self.socket.close()


def count_models(message):
    """How many elements of `iterable` (field 1) a Models message has."""
    at = count = 0
    while at < len(message):
        key, at = _varint(message, at)
        length, at = _varint(message, at)
        at += length
        count += key == 1 << 3 | 2
    return count


def _varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
