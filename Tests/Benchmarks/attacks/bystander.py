"""A client that does nothing wrong, and sees how long it waits while others do.

    bystander.py SOCKET SERVICE METHOD INTERVAL-MS

A process of its own, so that no attacker's Python is in its way. It sends a call every INTERVAL-MS, whether those
before it have been answered or not: a gateway that is away for a second has kept many waiting, not one. To each line on
standard input it prints the waits since the line before, as JSON; calls without an answer count with their age.
"""

import json
import os
import pathlib
import select
import socket
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "EndToEnd"))

from support import envelope, wire  # noqa: E402


def percentile(values, share):
    return values[min(len(values) - 1, int(share * len(values)))] if values else 0.0


class Bystander:
    def __init__(self, path, service, method, interval):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.socket.setblocking(False)
        self.data = envelope.request(service, method)
        self.interval = interval
        self.next_id = 1
        self.unsent = bytearray()
        self.received = bytearray()
        self.asked = {}  # when, by stream id
        self.forget()

    def forget(self):
        self.waits = []
        self.errors = 0

    def run(self):
        poll = select.poll()
        poll.register(0, select.POLLIN)
        poll.register(self.socket, select.POLLIN)
        next_call = time.monotonic()
        while True:
            ready = dict(poll.poll(max(0, 1000 * (next_call - time.monotonic()))))
            if self.socket.fileno() in ready:
                self.receive()
            if time.monotonic() >= next_call:
                self.ask()
                next_call = max(next_call + self.interval, time.monotonic())
            if 0 in ready:
                if not os.read(0, 64):
                    return
                self.report()

    def ask(self):
        self.unsent += wire.frame(self.next_id, wire.REQUEST, wire.REMOTE_CLOSED, self.data)
        self.asked[self.next_id] = time.monotonic()
        self.next_id += 2
        try:
            del self.unsent[: self.socket.send(self.unsent)]
        except BlockingIOError:
            pass

    def receive(self):
        received = self.socket.recv(1 << 18)
        now = time.monotonic()
        if not received:
            sys.exit("the gateway has closed the bystander's connection")
        self.received += received
        at = 0
        while len(self.received) - at >= wire.HEADER_LENGTH:
            length, stream_id, type, flags = wire.parse_header(self.received[at : at + wire.HEADER_LENGTH])
            end = at + wire.HEADER_LENGTH + length
            if len(self.received) < end:
                break
            data = bytes(self.received[at + wire.HEADER_LENGTH : end])
            self.errors += envelope.parse_response(wire.Frame(stream_id, type, flags, data)).code != envelope.OK
            self.waits.append(now - self.asked.pop(stream_id))
            at = end
        del self.received[:at]

    def report(self):
        now = time.monotonic()
        waits = sorted([*self.waits, *(now - asked for asked in self.asked.values())])
        found = {
            "calls": len(waits),
            "unanswered": len(self.asked),
            "errors": self.errors,
            "p99": percentile(waits, 0.99),
            "most": percentile(waits, 1),
        }
        self.forget()
        print(json.dumps(found), flush=True)


def main():
    path, service, method, interval = sys.argv[1:]
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))  # what it waits for is the gateway, not the core
    except PermissionError:
        pass
    Bystander(path, service, method, float(interval) / 1000).run()


main()
