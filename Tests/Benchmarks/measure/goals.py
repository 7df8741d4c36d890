"""What the gateway is held to, and where it stands."""

import statistics
from collections import namedtuple

from throughput import Case

UNLOAD = Case(0, False, 32)
Spread = namedtuple("Spread", "median min max")
Goal = namedtuple("Goal", "what goal value met")  # value: a text, or a Spread


def spread(values):
    return Spread(statistics.median(values), min(values), max(values))


def ratios(results, case, way, other, metric="cpu_us"):
    """One ratio a repetition: the two were measured one after the other."""
    pairs = zip(results[case][way], results[case][other], strict=True)
    return spread([one[metric] / two[metric] for one, two in pairs])


def _at_most(what, limit, value, text=None):
    return Goal(what, text or f"≤ {limit:g} ×", value, value.median <= limit)


def throughput_goals(results):
    goals = [
        _at_most("CPU per UnloadModels, 32 in flight, against nginx", 0.8, ratios(results, UNLOAD, "gateway", "nginx")),
        _at_most("the same against Envoy", 1 / 5, ratios(results, UNLOAD, "gateway", "Envoy"), "≤ 1/5"),
    ]
    for different, limits in ((False, {1: 1.0, 32: 1.0}), (True, {1: 4.0, 32: 4.5})):
        for in_flight, limit in limits.items():
            case = Case(60, different, in_flight)
            what = f"CPU per snapshot, {case.name}, alone, against nginx"
            goals.append(_at_most(what, limit, ratios(results, case, "gateway, alone", "nginx")))
    for in_flight in (1, 32):
        case = Case(60, True, in_flight)
        what = f"CPU per snapshot, {case.name}, alone, against Envoy"
        goals.append(_at_most(what, 1 / 12, ratios(results, case, "gateway, alone", "Envoy"), "≤ 1/12"))
    case = Case(60, True, 32)
    what = f"CPU per snapshot, {case.name}, shared, against nginx"
    goals.append(_at_most(what, 0.7, ratios(results, case, "gateway", "nginx")))
    for case in (Case(0, False, 1), Case(60, False, 1)):
        what = f"p50, {case.name}, against nginx"
        goals.append(_at_most(what, 1.1, ratios(results, case, "gateway", "nginx", "p50_us")))
    return goals


def transcoding_goals(transcoding):
    return [
        _at_most(f"JSON → protobuf of {found['models']:,} models, against simdjson's DOM", limit, found["ratio"])
        for limit in (3.5, 2.5)
        for found in transcoding
    ]


def clients_goals(clients):
    waves = clients["in_step"]
    stale = waves["stale"] + clients["staggered"]["stale"]
    what = "64 clients at once, upstream latency 5 ms: "
    return [
        Goal(what + "client calls per upstream call", "≥ 30", f"{waves['calls_per_upstream_call']:.1f}",
             waves["calls_per_upstream_call"] >= 30),
        Goal(what + "p50", "≤ 3 × latency", f"{waves['p50_latencies']:.2f}", waves["p50_latencies"] <= 3),
        Goal(what + "p99", "≤ 5 × latency", f"{waves['p99_latencies']:.2f}", waves["p99_latencies"] <= 5),
        Goal(what + "answers older than their question, in step and staggered", "0", str(stale), stale == 0),
    ]  # fmt: skip


def python_goals(python, where=""):
    limits = {False: {1: 8, 60: 20, 1000: 40}, True: {1: 8, 60: 15, 1000: 20}}
    goals = []
    for found in python:
        limit = limits[found["different"]][found["models"]]
        case = Case(found["models"], found["different"], 1)
        what = f"Python, typed snapshot, {case.call}{where}: faster than the SDK"
        goals.append(Goal(what, f"≥ {limit} ×", f"{found['ratio']:.1f}", found["ratio"] >= limit))
    return goals


def idle_goals(idle):
    return [
        Goal("1,000 idle connections, resident each", "≤ 2 KiB", f"{idle['kib_each']:.2f} KiB",
             idle["kib_each"] <= 2),
        Goal("connections accepted and served", "10,000", f"{idle['served']:,}", idle["served"] >= 10_000),
    ]  # fmt: skip


def stream_goals(stream):
    stopped = stream["stopped"]
    what = f"StreamModelsSnapshot of {stream['models']:,} models ({stream['body_mb']:.0f} MB)"
    goes_on = stopped["models"] == stream["models"] and stopped["sent_meanwhile"] == 0 and stopped["growth_kib"] <= 64
    return [
        Goal(what + ", peak memory", "≤ 16 MB", f"{stream['peak_mb']:.1f} MB", stream["peak_mb"] <= 16),
        Goal("the same, share of the body sent when the first frame arrives", "< 1 %",
             f"{stream['first_frame_percent']:.2f} %", stream["first_frame_percent"] < 1),
        Goal("the same, the client stops reading and goes on", "upstream is not read meanwhile, memory stays",
             f"{stopped['sent_meanwhile']} bytes, {stopped['growth_kib']:.0f} KiB, then {stopped['models']:,} models",
             goes_on),
    ]  # fmt: skip
