"""The page that upstream, load generator and scripts share: control.h says what its members mean."""

import mmap
import struct

MEMBERS = (
    "models", "different", "latency_ns", "bytes_per_ms",
    "snapshots", "posts", "list_bytes", "connections",
)  # fmt: skip


class Control:
    def __init__(self, path):
        """Maps the page at `path`, which is made if it is not there."""
        self.path = path
        if not path.exists():
            path.write_bytes(bytes(8 * len(MEMBERS)))
        with path.open("r+b") as file:
            self.page = mmap.mmap(file.fileno(), 8 * len(MEMBERS))

    def __getitem__(self, member):
        return struct.unpack_from("=Q", self.page, 8 * MEMBERS.index(member))[0]

    def __setitem__(self, member, value):
        struct.pack_into("=Q", self.page, 8 * MEMBERS.index(member), value)

    def answer(self, models, different=0, latency_ns=0, bytes_per_ms=0):
        """Tells the upstream what to answer from now on."""
        self["models"] = models
        self["different"] = different
        self["latency_ns"] = latency_ns
        self["bytes_per_ms"] = bytes_per_ms
