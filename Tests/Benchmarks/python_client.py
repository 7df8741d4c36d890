"""What the Python package costs: the CPU time of a call, and its import.

    python_client.py [--calls N]

Runs with the package installed; needs no gateway, as a process of its own answers every call with nothing. A call is
UnloadModels, beside that of a class for one thread that does nothing but send and read with MSG_WAITALL. The import
stands beside that of the parts of protobuf that the package needs. Prints figures and exits with 1 over a goal.
"""

import argparse
import os
import socket
import statistics
import struct
import subprocess
import sys
import time

import models_gateway

HEADER = struct.Struct(">IIBB")
CALL_GOAL, IMPORT_GOAL = 1.05, 1.3
ROUNDS = 31

PROTOBUF = """
import google.protobuf.descriptor, google.protobuf.descriptor_pool, google.protobuf.symbol_database
import google.protobuf.internal.builder, google.protobuf.timestamp_pb2, google.protobuf.message
"""


class Bare:
    """Nothing but send and read: no deadline of its own, no second thread, no interruption."""

    def __init__(self, sock):
        self.sock = sock
        self.next_id = 1

    def unload_models(self):
        self.call(b"UnloadModels", b"", 30)

    def call(self, method, payload, timeout):
        service = b"pieces.models.v1.ModelsService"
        data = b"\x0a%c%b\x12%c%b" % (len(service), service, len(method), method)
        if payload:
            data += b"\x1a" + varint(len(payload)) + payload
        data += b"\x20" + varint(int(timeout * 1e9))
        stream_id = self.next_id
        self.next_id += 2
        self.sock.sendall(HEADER.pack(len(data), stream_id, 1, 1) + data)
        length, answered, kind, _ = HEADER.unpack(self.sock.recv(10, socket.MSG_WAITALL))
        if answered != stream_id or kind != 2:
            raise ValueError("another frame")
        return self.sock.recv(length, socket.MSG_WAITALL) if length else b""


def varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def answer_everything(sock):
    while data := sock.recv(65536):
        sock.sendall(HEADER.pack(0, HEADER.unpack_from(data)[1], 2, 0))


def connected():
    ours, theirs = socket.socketpair()
    if os.fork() == 0:
        ours.close()
        answer_everything(theirs)
        os._exit(0)
    theirs.close()
    return ours


def cpu_of(call, calls):
    began = time.process_time_ns()
    for _ in range(calls):
        call()
    return (time.process_time_ns() - began) / calls / 1000


def measure_calls(calls):
    """Rounds of both, in turn; the ratio of each pair."""
    bare = Bare(connected())
    with models_gateway.Client(sock=connected()) as gateway:
        pairs = []
        for number in range(ROUNDS + 1):
            ways = [bare.unload_models, gateway.unload_models]
            times = {way: cpu_of(way, calls) for way in (ways if number % 2 else ways[::-1])}
            pairs.append(tuple(times[way] for way in ways))
    pairs = pairs[1:]
    bare_us, ours_us = (statistics.median(column) for column in zip(*pairs))
    ratio = statistics.median(ours / bare for bare, ours in pairs)
    print(f"UnloadModels: {ours_us:.2f} µs of CPU, the bare class {bare_us:.2f} µs: {ratio:.3f} (goal {CALL_GOAL})")
    return ratio <= CALL_GOAL


def import_time(code):
    timed = f"import time; began = time.process_time_ns()\n{code}\nprint(time.process_time_ns() - began)"
    return int(subprocess.run([sys.executable, "-c", timed], check=True, capture_output=True).stdout) / 1e6


def measure_import():
    pairs = [(import_time(PROTOBUF), import_time("import models_gateway")) for _ in range(ROUNDS + 1)][1:]
    protobuf_ms, ours_ms = (statistics.median(column) for column in zip(*pairs))
    ratio = statistics.median(ours / protobuf for protobuf, ours in pairs)
    print(f"import: {ours_ms:.1f} ms, the parts of protobuf {protobuf_ms:.1f} ms: {ratio:.2f} (goal {IMPORT_GOAL})")
    return ratio <= IMPORT_GOAL


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=3000)
    arguments = parser.parse_args()
    sys.exit(not all([measure_calls(arguments.calls), measure_import()]))


main()
