"""Everything one attack needs: a gateway of its own, a stand-in for Pieces OS behind it, a bystander beside it."""

import contextlib
import json
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import time

from attack import Findings
from processes import AROUND, MIDDLE, Process
from support import envelope
from support.upstream import ScriptedUpstream
from upstreams import LONGEST

BASELINE = 1.0  # seconds of peace before an attack

# What the bystander calls, and how often.
ASKS = {
    "Cancel": (envelope.CONTROL, "Cancel", 2),  # of no call that exists: the gateway answers by itself
    "UnloadModels": (envelope.MODELS, "UnloadModels", 50),  # needs a connection to Pieces OS
}


class Scene(contextlib.ExitStack):
    def __init__(self, binary, attack):
        super().__init__()
        self.attack = attack
        directory = self.enter_context(tempfile.TemporaryDirectory(prefix="attack-"))
        self.path = str(pathlib.Path(directory) / "gateway.sock")
        self.upstream = ScriptedUpstream(**attack.upstream)
        self.callback(self.upstream.close)
        arguments = [binary, "serve", "--socket", self.path, "--upstream", self.upstream.url, "--log-level", "error"]
        self.gateway = Process(arguments, MIDDLE)
        self.callback(self.gateway.stop, patience=0.2)  # a loop that is away hears no signal
        self.gateway.wait_for_socket(self.path)
        program = pathlib.Path(__file__).with_name("bystander.py")
        arguments = [sys.executable, program, self.path, *ASKS[attack.asks]]
        self.bystander = Process(arguments, AROUND, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.callback(self._stop_bystander)

    def _stop_bystander(self):
        self.bystander.stop()
        with contextlib.suppress(BrokenPipeError):
            self.bystander.process.stdin.close()
        self.bystander.process.stdout.close()

    def measure(self):
        self.waits()  # until it has connected
        time.sleep(BASELINE)
        before = self.waits()
        memory_before = self.gateway.memory()
        self.gateway.reset_peak_memory()
        cpu_before, delay_before, began = self.gateway.cpu_ns(), self.gateway.delay_ns(), time.monotonic()
        self.deadline = began + LONGEST
        self.shots = []
        more = self.attack.run(self) or {}
        during = self.waits()
        return Findings(
            before=before,
            during=max([during, *self.shots], key=lambda waits: waits["most"]),
            memory_before=memory_before,
            memory_most=self.gateway.peak_memory(),
            cpu=(self.gateway.cpu_ns() - cpu_before) / 1e9,
            delay=(self.gateway.delay_ns() - delay_before) / 1e9,
            seconds=time.monotonic() - began,
            more=more,
        )

    # What attacks are made of

    def waits(self):
        """What the bystander has waited since it was last asked."""
        with contextlib.suppress(BrokenPipeError):
            self.bystander.process.stdin.write(b"\n")
            self.bystander.process.stdin.flush()
        line = self.bystander.process.stdout.readline()
        if not line:
            code = self.gateway.process.poll()
            lost = "the bystander's connection was closed" if code is None else f"the gateway ended with {code}"
            raise EOFError(lost)
        return json.loads(line)

    def shoot(self, shot):
        """One of several repetitions; notes what the bystander waited in it."""
        shot()
        self.settle()
        self.shots.append(self.waits())

    def connect(self, count):
        """Connections that are closed when the attack is over."""
        return [self.enter_context(self._connection()) for _ in range(count)]

    def _connection(self):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(self.path)
        connection.settimeout(self.remaining())
        return connection

    def remaining(self):
        return max(0.1, self.deadline - time.monotonic())

    def send(self, connections, data):
        """The same to each, at once; goes on without those that do not take it, or are closed, within 5 s."""

        def send(connection):
            with contextlib.suppress(OSError):
                connection.sendall(data)

        threads = [threading.Thread(target=send, args=[one], daemon=True) for one in connections]
        for thread in threads:
            thread.start()
        end = time.monotonic() + 5
        for thread in threads:
            thread.join(max(0, end - time.monotonic()))

    def settle(self, quiet=0.4):
        """Waits until the gateway has had nothing to do for a while, or the attack's time is over."""
        interval, idle, used = 0.05, 0.0, self.gateway.cpu_ns()
        while idle < quiet and time.monotonic() < self.deadline:
            time.sleep(interval)
            now = self.gateway.cpu_ns()
            idle = idle + interval if now - used < 1e8 * interval else 0.0
            used = now

    def rest(self, seconds):
        """Lets the attack go on for so long, as far as its time allows."""
        time.sleep(max(0, min(seconds, self.deadline - time.monotonic())))
