"""What is measured once: many clients at one moment, many idle connections, a list larger than the memory allowed."""

import json
import resource
import time

import h2
from client import Client, count_models
from processes import run

LATENCY_MS = 5
CLIENTS = 64
LIST = 100_000
MEGABYTE = 1_000_000


def measure_clients(stage, path, seconds):
    """Clients that ask for a snapshot at once, in waves and staggered, while the upstream takes its time."""

    def ask(*pace):
        stage.control.answer(60, different=60, latency_ns=LATENCY_MS * 1_000_000)
        found = json.loads(run([
            stage.tools.programs / "load", "--connections", CLIENTS, *pace, "--seconds", seconds,
            "--control", stage.control.path, "ttrpc", path, "ModelsSnapshot",
        ]))  # fmt: skip
        return {
            "calls": found["calls"],
            "calls_per_upstream_call": found["calls"] / max(1, found["upstream_calls"]),
            "p50_latencies": found["p50_us"] / 1000 / LATENCY_MS,
            "p99_latencies": found["p99_us"] / 1000 / LATENCY_MS,
            "stale": found["stale"],
        }

    return {"in_step": ask("--waves"), "staggered": ask("--pause", LATENCY_MS / 2)}


CLIENTS_OF = {"ttrpc": Client, "gRPC": h2.Client}


def measure_idle_connections(stage, wire):
    """Resident memory of connections that are open and say nothing, then one call on each of many more."""
    make_client = CLIENTS_OF[wire]
    most = min(10_000, resource.getrlimit(resource.RLIMIT_NOFILE)[1] - 100)
    gateway, path = stage.start_gateway("idle", ["--max-connections", str(most + 100)])
    stage.control.answer(1)
    first = make_client(path)
    first.call("UnloadModels")
    before = gateway.memory()
    clients = [make_client(path) for _ in range(1000)]
    clients[-1].call("UnloadModels")  # connections are accepted in order: all have been
    each = (gateway.memory() - before) / len(clients)

    clients += [make_client(path) for _ in range(most - len(clients))]
    for client in clients:
        client.call("UnloadModels")
    served = len(clients)
    after_calls = (gateway.memory() - before) / served
    for client in [first, *clients]:
        client.close()
    gateway.stop()
    return {"kib_each": each / 1024, "served": served, "kib_each_after_a_call": after_calls / 1024}


def measure_stream(stage):
    """A list that is far larger than the memory allowed: peak memory, the first frame, a client that stops reading."""
    whole = _read_everything(stage)
    first = 100 * _bytes_before_first_frame(stage) / (whole["body_mb"] * MEGABYTE)
    return {**whole, "first_frame_percent": first, "stopped": _stop_reading(stage)}


def _read_everything(stage):
    gateway, path = stage.start_gateway("stream")
    client = Client(path)
    stage.control.answer(LIST)
    sent_before = stage.control["list_bytes"]
    began, cpu_before = time.monotonic(), gateway.cpu_ns()
    models = sum(map(count_models, client.stream("StreamModelsSnapshot")))
    elapsed, cpu = time.monotonic() - began, gateway.cpu_ns() - cpu_before
    peak = gateway.peak_memory()
    client.close()
    gateway.stop()
    return {
        "models": models,
        "body_mb": (stage.control["list_bytes"] - sent_before) / MEGABYTE,
        "seconds": elapsed,
        "cpu_seconds": cpu / 1e9,
        "peak_mb": peak / MEGABYTE,
    }


def _bytes_before_first_frame(stage):
    """The upstream sends 64 KB a millisecond: what it has sent when the first frame is here is what that needs."""
    gateway, path = stage.start_gateway("first")
    client = Client(path)
    stage.control.answer(LIST, bytes_per_ms=1)
    sent_before = stage.control["list_bytes"]
    client.send("StreamModelsSnapshot")
    client.read_head()
    sent = stage.control["list_bytes"] - sent_before
    client.close()
    gateway.stop()
    return sent


def _stop_reading(stage):
    gateway, path = stage.start_gateway("stopped")
    client = Client(path)
    stage.control.answer(LIST)
    start = stage.control["list_bytes"]
    stream = client.stream("StreamModelsSnapshot")
    models = sum(count_models(next(stream)) for _ in range(20))
    stopped_at = _wait_until_still(stage)
    memory = gateway.memory()
    time.sleep(1)
    sent_meanwhile = stage.control["list_bytes"] - stopped_at
    growth = gateway.memory() - memory
    models += sum(map(count_models, stream))
    peak = gateway.peak_memory()
    client.close()
    gateway.stop()
    return {
        "sent_before_mb": (stopped_at - start) / MEGABYTE,
        "sent_meanwhile": sent_meanwhile,
        "growth_kib": growth / 1024,
        "models": models,
        "peak_mb": peak / MEGABYTE,
    }


def _wait_until_still(stage, interval=0.2, limit=10):
    """Waits until the upstream sends nothing any more and returns how much it has sent."""
    sent, end = -1, time.monotonic() + limit
    while sent != stage.control["list_bytes"] and time.monotonic() < end:
        sent = stage.control["list_bytes"]
        time.sleep(interval)
    return sent
