"""Processes that end with the benchmark, each on the core it belongs to."""

import atexit
import ctypes
import os
import pathlib
import re
import resource
import signal
import socket
import subprocess
import sys
import time

# The process in the middle has a core of its own; clients and upstream share another.
MIDDLE = max(os.sched_getaffinity(0))
AROUND = min(os.sched_getaffinity(0))

_running = []
_libc = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1


def _prepare(core):
    def prepare():
        os.sched_setaffinity(0, {core})
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # even if the benchmark is killed

    return prepare


def run(arguments, core=AROUND, limit=60, **options):
    """Runs a program to its end and returns what it printed; ends the benchmark if it fails."""
    done = subprocess.run(
        list(map(str, arguments)), preexec_fn=_prepare(core), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, timeout=limit, **options,
    )  # fmt: skip
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, arguments))}\nended with {done.returncode}: {done.stderr or done.stdout}")
    return done.stdout


class Process:
    def __init__(self, arguments, core, **options):
        self.name = pathlib.Path(arguments[0]).name
        self.process = subprocess.Popen(list(map(str, arguments)), preexec_fn=_prepare(core), **options)
        self.pid = self.process.pid
        _running.append(self)

    def move(self, core):
        """Has all threads run on another core from now on."""
        for thread in pathlib.Path(f"/proc/{self.pid}/task").iterdir():
            os.sched_setaffinity(int(thread.name), {core})

    def memory(self):
        """Resident memory in bytes, exactly: VmRSS of /proc/PID/status may be off by some dozen pages."""
        text = pathlib.Path(f"/proc/{self.pid}/smaps_rollup").read_text()
        return 1024 * int(re.search(r"^Rss:\s+(\d+)", text, re.MULTILINE)[1])

    def peak_memory(self):
        text = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return 1024 * int(re.search(r"^VmHWM:\s+(\d+)", text, re.MULTILINE)[1])

    def reset_peak_memory(self):
        """Has peak_memory() begin again at what is resident now."""
        pathlib.Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def cpu_ns(self):
        """User and system time of all threads, from the process's CPU clock (clock_getcpuclockid)."""
        clock = ctypes.c_int()
        if _libc.clock_getcpuclockid(self.pid, ctypes.byref(clock)) != 0:
            sys.exit(f"{self.name} has ended")
        return time.clock_gettime_ns(clock.value)

    def page_faults(self):
        """Minor ones: pages that the kernel had to give it."""
        return int(pathlib.Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[7])

    def delay_ns(self):
        """How long its threads could have run, and others had the core."""
        tasks = pathlib.Path(f"/proc/{self.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[1]) for task in tasks)

    def wait_for_socket(self, path, limit=10):
        end = time.monotonic() + limit
        while self.process.poll() is None and time.monotonic() < end:
            with socket.socket(socket.AF_UNIX) as connection:
                try:
                    return connection.connect(str(path))
                except (FileNotFoundError, ConnectionRefusedError):
                    time.sleep(0.01)
        sys.exit(f"{self.name} does not listen at {path}")

    def stop(self, patience=6):
        """Ends it, by force if it has not ended after so many seconds."""
        _running.remove(self)
        self.process.terminate()
        try:
            self.process.wait(timeout=patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def prepare():
    """Lets the processes have as many descriptors as the machine permits, and sees that they end."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    atexit.register(lambda: [process.stop() for process in reversed(list(_running))])
