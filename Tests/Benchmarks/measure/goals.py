"""What the gateway is held to, and where it stands."""

import statistics
from collections import namedtuple

from throughput import Case

UNLOAD = Case(0, 0, 32)
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
        _at_most("CPU per UnloadModels, 32 in flight, against nginx", 0.65, ratios(results, UNLOAD, "gateway", "nginx")),
        _at_most("the same against Envoy", 1 / 5, ratios(results, UNLOAD, "gateway", "Envoy"), "≤ 1/5"),
    ]
    limits = {Case(60, 0, 1): 0.75, Case(60, 0, 32): 0.75, Case(60, 60, 1): 4.0, Case(60, 60, 32): 2.0}
    limits[Case(1000, 0, 32)] = 0.65
    for case, limit in limits.items():
        if case in results:
            what = f"CPU per snapshot, {case.name}, alone, against nginx"
            goals.append(_at_most(what, limit, ratios(results, case, "gateway, alone", "nginx")))
    if case in results:
        faults = spread([found["page_faults"] for found in results[case]["gateway, alone"]])
        goals.append(Goal(f"page faults a snapshot, {case.name}, alone", "≤ 10", faults, faults.median <= 10))
    changed, case = Case(60, 1, 32), Case(60, 60, 32)
    what = f"CPU per snapshot, {changed.name}, alone, against {case.call}"
    pairs = zip(results[changed]["gateway, alone"], results[case]["gateway, alone"], strict=True)
    goals.append(_at_most(what, 0.5, spread([one["cpu_us"] / two["cpu_us"] for one, two in pairs])))
    for in_flight in (1, 32):
        case = Case(60, 60, in_flight)
        what = f"CPU per snapshot, {case.name}, alone, against Envoy"
        goals.append(_at_most(what, 1 / 12, ratios(results, case, "gateway, alone", "Envoy"), "≤ 1/12"))
    case = Case(60, 60, 32)
    what = f"CPU per snapshot, {case.name}, shared, against nginx"
    goals.append(_at_most(what, 0.7, ratios(results, case, "gateway", "nginx")))
    for case in (Case(0, 0, 1), Case(60, 0, 1)):
        what = f"p50, {case.name}, against nginx"
        goals.append(_at_most(what, 1.1, ratios(results, case, "gateway", "nginx", "p50_us")))
    return goals


def grpc_goals(results):
    limits = {UNLOAD: 1.25, Case(0, 0, 1): 1.2, Case(60, 0, 1): 1.2, Case(60, 0, 32): 1.2}
    goals = [
        _at_most(f"CPU, {case.name}, gRPC against ttrpc", limit, ratios(results, case, "gateway, gRPC", "gateway"))
        for case, limit in limits.items()
    ]
    against_envoy = ratios(results, UNLOAD, "gateway, gRPC", "Envoy")
    goals.append(_at_most("CPU per UnloadModels, 32 in flight, gRPC against Envoy", 1 / 5, against_envoy, "≤ 1/5"))
    servers = results[UNLOAD]["gRPC server"]
    for case, limit in {UNLOAD: 0.95, Case(1, 0, 32): 0.45}.items():
        if case in results:
            pairs = zip(results[case]["gateway, gRPC"], servers, strict=True)
            what = f"CPU, {case.name}, gRPC, against a gRPC server in C++ that does nothing"
            goals.append(_at_most(what, limit, spread([one["cpu_us"] / two["cpu_us"] for one, two in pairs])))
    return goals


def transcoding_goals(transcoding):
    return [
        _at_most(f"JSON → protobuf of {found['models']:,} models, against simdjson's DOM", 1.5, found["ratio"])
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
    limits = {False: {1: 6, 60: 25, 1000: 60}, True: {1: 6, 60: 15, 1000: 20}}
    goals = []
    for found in python:
        limit = limits[found["different"]][found["models"]]
        case = Case(found["models"], found["models"] * found["different"], 1)
        what = f"Python, typed snapshot, {case.call}{where}: faster than the SDK"
        goals.append(Goal(what, f"≥ {limit} ×", f"{found['ratio']:.1f}", found["ratio"] >= limit))
    return goals


def import_goals(imports):
    goals = []
    for what, measure, unit, limit in [("time", "ms", "ms", 20), ("peak memory", "peak_mb", "MB", 5)]:
        sdk, package = (statistics.median(imports[way][measure]) for way in ("sdk", "package"))
        ratio = sdk / package
        goals.append(Goal(f"Python, import of the client, {what}: less than the SDK", f"≥ {limit} ×",
                          f"{ratio:.1f} ({sdk:,.0f} and {package:,.0f} {unit})", ratio >= limit))
    return goals  # fmt: skip


def idle_goals(idle):
    goals = []
    for wire, new, used in (("ttrpc", 1, 4), ("gRPC", 20, 20)):
        found = idle[wire]
        for what, key, limit in (("", "kib_each", new), (" after a call", "kib_each_after_a_call", used)):
            goals.append(_kib_at_most(f"idle connections, {wire}, resident each{what}", limit, found[key]))
        what = f"connections accepted and served, {wire}"
        goals.append(Goal(what, "10,000", f"{found['served']:,}", found["served"] >= 10_000))
    return goals


def _kib_at_most(what, limit, value):
    return Goal(what, f"≤ {limit} KiB", f"{value:.2f} KiB", value <= limit)


def stream_goals(stream):
    stopped = stream["stopped"]
    what = f"StreamModelsSnapshot of {stream['models']:,} models ({stream['body_mb']:.0f} MB)"
    goes_on = stopped["models"] == stream["models"] and stopped["sent_meanwhile"] == 0 and stopped["growth_kib"] <= 64
    return [
        Goal(what + ", peak memory", "≤ 16 MB", f"{stream['peak_mb']:.1f} MB", stream["peak_mb"] <= 16),
        Goal("the same, CPU", "≤ 0.15 s", f"{stream['cpu_seconds']:.2f} s", stream["cpu_seconds"] <= 0.15),
        Goal("the same, share of the body sent when the first frame arrives", "< 1 %",
             f"{stream['first_frame_percent']:.2f} %", stream["first_frame_percent"] < 1),
        Goal("the same, the client stops reading and goes on", "upstream is not read meanwhile, memory stays",
             f"{stopped['sent_meanwhile']} bytes, {stopped['growth_kib']:.0f} KiB, then {stopped['models']:,} models",
             goes_on),
    ]  # fmt: skip
