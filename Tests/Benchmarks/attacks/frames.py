"""Frames as they come, read for their headers alone."""

from support import wire


class FrameReader:
    def __init__(self):
        self._header = bytearray()
        self._rest = 0  # bytes of data that are to be skipped

    def read(self, connection):
        """Reads once, and says the types of the frames that begin in what has come."""
        received = connection.recv(1 << 20)
        if not received:
            raise EOFError("closed")
        types, at = [], 0
        while at < len(received):
            if self._rest:
                skipped = min(self._rest, len(received) - at)
                self._rest -= skipped
                at += skipped
                continue
            missing = wire.HEADER_LENGTH - len(self._header)
            self._header += received[at : at + missing]
            at += missing
            if len(self._header) == wire.HEADER_LENGTH:
                self._rest, _, type, _ = wire.parse_header(self._header)
                self._header.clear()
                types.append(type)
        return types
