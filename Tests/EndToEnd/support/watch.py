"""What happens to the files of a directory, one event after the other (inotify(7))."""

import ctypes
import os
import select
import struct

ATTRIBUTES, CREATED, DELETED = 0x4, 0x100, 0x200

_EVENT = struct.Struct("iIII")
_libc = ctypes.CDLL(None, use_errno=True)


class Watch:
    """Notices that files come and go, and that their modes or owners change."""

    def __init__(self, directory: str):
        self._descriptor = self._check(_libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC))
        wanted = ATTRIBUTES | CREATED | DELETED
        self._check(_libc.inotify_add_watch(self._descriptor, os.fsencode(directory), wanted))

    def close(self) -> None:
        os.close(self._descriptor)

    def events(self) -> list[tuple[int, str]]:
        """What has happened so far, and the name of the file that it happened to."""
        data = os.read(self._descriptor, 1 << 16)
        events = []
        while data:
            _, mask, _, length = _EVENT.unpack_from(data)
            name = data[_EVENT.size : _EVENT.size + length].rstrip(b"\0")
            events.append((mask, os.fsdecode(name)))
            data = data[_EVENT.size + length :]
        return events

    def wait(self, timeout: float) -> None:
        """Waits until something happens, or has happened already."""
        if not select.select([self._descriptor], [], [], timeout)[0]:
            raise TimeoutError("nothing happens in the directory")

    @staticmethod
    def _check(result: int) -> int:
        if result < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        return result
