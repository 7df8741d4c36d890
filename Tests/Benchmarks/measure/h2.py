"""HTTP/2 as bytes, without any library, as far as measurements need it."""

import socket
import struct

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = 0, 1, 3, 4, 6, 7, 8, 9
END_STREAM, END_HEADERS = 1, 4
INITIAL_WINDOW_SIZE = 4
CANCEL = 8
HEADER_LENGTH = 9
LARGEST_FRAME = 16_384
DEFAULT_WINDOW = 65_535
LARGEST_WINDOW = (1 << 31) - 1


def frame(type, stream_id, payload=b"", flags=0):
    return struct.pack(">I", len(payload))[1:] + bytes([type, flags]) + struct.pack(">I", stream_id) + payload


def greeting(window=LARGEST_WINDOW):
    """What a client says first, with the window that the other side has on each stream; altogether it has all there is."""
    settings = frame(SETTINGS, 0, struct.pack(">HI", INITIAL_WINDOW_SIZE, window))
    return PREFACE + settings + frame(WINDOW_UPDATE, 0, struct.pack(">I", LARGEST_WINDOW - DEFAULT_WINDOW))


def head(method, stream_id, fields=()):
    """In HPACK whose fields are all literals, so that it means the same anywhere."""
    path = b"/pieces.models.v1.ModelsService/" + method.encode()
    every = [(b":method", b"POST"), (b":scheme", b"http"), (b":path", path), (b"te", b"trailers")]
    every += [(b"content-type", b"application/grpc"), *fields]
    block = b"".join(b"\0" + _text(name) + _text(value) for name, value in every)
    return frame(HEADERS, stream_id, block, END_HEADERS)


def _text(text):
    return bytes([len(text)]) + text  # everything here is shorter than 127 bytes


def message(payload, is_compressed=False):
    return struct.pack(">BI", is_compressed, len(payload)) + payload


def request(method, stream_id, fields=()):
    """A call with an empty message."""
    return head(method, stream_id, fields) + frame(DATA, stream_id, message(b""), END_STREAM)


def reset(stream_id):
    return frame(RST_STREAM, stream_id, struct.pack(">I", CANCEL))


class Client:
    """Calls one after the other, and requests as large as the other side's windows let them be."""

    def __init__(self, path=None, connection=None):
        """Connects, or speaks over what is connected; waits until the other side's settings have come."""
        if path:
            connection = socket.socket(socket.AF_UNIX)
            connection.connect(str(path))
            connection.settimeout(20)
        self.socket = connection
        self.stream_id = 1
        self._received = bytearray()
        self._initial = DEFAULT_WINDOW
        self._windows = {0: DEFAULT_WINDOW}
        self.socket.sendall(greeting())
        while self._read_frame()[0] != SETTINGS:
            pass

    def call(self, method):
        """One unary call; the data of its answer."""
        self.socket.sendall(request(method, self.stream_id))
        type, flags, data = None, 0, None
        while type != HEADERS or not flags & END_STREAM:
            type, flags, stream_id, payload = self._read_frame()
            if type == DATA:
                data = (data or b"") + payload
            elif type in (RST_STREAM, GOAWAY):
                break
        if data is None:  # the head is the end, as it is of an error
            raise ValueError(f"{method} has no answer")
        self.stream_id += 2
        return data

    def send_data(self, stream_id, data):
        while data:
            windows = [self._windows.setdefault(number, self._initial) for number in (0, stream_id)]
            most = min(LARGEST_FRAME, *windows)
            if most <= 0:
                self._read_frame()
                continue
            part, data = data[:most], data[most:]
            for number in (0, stream_id):
                self._windows[number] -= len(part)
            self.socket.sendall(frame(DATA, stream_id, part))

    def close(self):
        self.socket.close()

    def _read_frame(self):
        """Type, flags, stream and payload of the next one; of windows it is taken notice."""
        head = self._read(HEADER_LENGTH)
        type, flags, stream_id = head[3], head[4], int.from_bytes(head[5:], "big")
        payload = self._read(int.from_bytes(head[:3], "big"))
        if type == WINDOW_UPDATE:
            window = self._windows.setdefault(stream_id, self._initial)
            self._windows[stream_id] = window + int.from_bytes(payload, "big")
        elif type == SETTINGS:
            self._initial = dict(struct.iter_unpack(">HI", payload)).get(INITIAL_WINDOW_SIZE, self._initial)
        return type, flags, stream_id, payload

    def _read(self, count):
        while len(self._received) < count:
            received = self.socket.recv(1 << 16)
            if not received:
                raise EOFError("closed")
            self._received += received
        taken = bytes(self._received[:count])
        del self._received[:count]
        return taken
