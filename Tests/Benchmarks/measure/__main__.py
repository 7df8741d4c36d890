"""Runs the whole benchmark; run.sh builds and installs what it needs and says what it is called with."""

import argparse
import datetime
import json
import os
import pathlib
import sys
import tempfile
import time

import goals
import occasions
import processes
import report
from chart import draw
from stage import BENCHMARKS, ROOT, Stage, Tools
from throughput import Way, cases, measure


def progress(text):
    print(f"{time.monotonic() - BEGAN:6.1f} s  {text}", file=sys.stderr, flush=True)


def check_answers(stage, gateway, envoy):
    """The gateway's answers, over either wire, and Envoy's must be the same models before anything is compared."""
    stage.control.answer(60)
    answer = stage.directory / "answer"
    load = stage.tools.programs / "load"
    processes.run([load, "--warm-up", 0, "--seconds", 0, "--save", answer, "ttrpc", gateway, "ModelsSnapshot"])
    check, package = BENCHMARKS / "measure/check.py", ROOT / "Sources/python"
    for grpc in (envoy, gateway):
        processes.run([stage.tools.python, check, stage.directory, grpc, answer, package])


def measure_python(stage, gateway, seconds):
    script = BENCHMARKS / "measure/python_clients.py"
    arguments = [stage.tools.python, script, stage.control.path, gateway, stage.port, seconds]
    found = json.loads(processes.run(arguments, limit=120))
    for one in found:
        one["sdk_ms"], one["gateway_ms"] = (goals.spread(one.pop(way))._asdict() for way in ("sdk", "gateway"))
        one["ratio"] = one["sdk_ms"]["median"] / one["gateway_ms"]["median"]
    return found


def measure_import(stage, rounds):
    """Time and peak memory of an interpreter that imports a client and ends: the SDK's, and the package."""
    ways = {"sdk": "from pieces_os_client.wrapper import PiecesClient", "package": "from models_gateway import Client"}
    found = {way: {"ms": [], "peak_mb": []} for way in ways}
    for _ in range(rounds):
        for way, statement in ways.items():
            program = (
                f"import sys, time; sys.path.insert(0, {str(ROOT / 'Sources/python')!r}); began = time.perf_counter()\n"
                f"{statement}\nms = (time.perf_counter() - began) * 1000\n"
                "import resource; print(ms, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
            )
            ms, peak = processes.run([stage.tools.python, "-c", program], limit=120).split()
            found[way]["ms"].append(float(ms))
            found[way]["peak_mb"].append(float(peak))
    return found


def measure_transcoding(stage, program, repetitions):
    """JSON to protobuf beside simdjson's DOM parse, both in one process on the bodies that the upstream answers."""
    bodies = []
    for models in (60, 1000):
        stage.control.answer(models)
        bodies.append(stage.directory / f"{models}.json")
        load = stage.tools.programs / "load"
        processes.run(
            [load, "--warm-up", 0, "--seconds", 0, "--save", bodies[-1], "http", stage.port, "ModelsSnapshot"]
        )
    runs = [json.loads(processes.run([program, *bodies], core=processes.MIDDLE)) for _ in range(repetitions)]
    return [
        {"models": models, "ratio": goals.spread([run[i]["transcode_ns"] / run[i]["dom_ns"] for run in runs])}
        for i, models in enumerate((60, 1000))
    ]


def measure_everything(stage, quick, repetitions, seconds):
    gateway, gateway_path = stage.start_gateway()
    nginx, nginx_path = stage.start_nginx()
    envoy, envoy_path = stage.start_envoy()
    server, server_path = stage.start_grpc_server()
    check_answers(stage, gateway_path, envoy_path)
    ways = [
        Way("gateway", gateway, gateway_path, "ttrpc"),
        Way("gateway, alone", gateway, gateway_path, "ttrpc", alone=True),
        Way("gateway, alone, 32 connections", gateway, gateway_path, "ttrpc", alone=True, spread=True),
        Way("gateway, gRPC", gateway, gateway_path, "h2load"),
        Way("nginx", nginx, nginx_path),
        Way("Envoy", envoy, envoy_path, "h2load"),
        Way("gRPC server", server, server_path, "h2load", methods=("UnloadModels",)),
        Way("upstream itself", stage.upstream, stage.port),
    ]
    results = measure(stage, ways, cases([60] if quick else [1, 60, 1000]), repetitions, seconds, progress)
    nginx.stop()
    envoy.stop()
    server.stop()

    progress("64 clients at once")
    clients = occasions.measure_clients(stage, gateway_path, seconds=0.5 if quick else 2)
    progress("Python")
    python = measure_python(stage, gateway_path, seconds=0.4 if quick else 2)
    gateway.move(processes.AROUND)
    python_on_one_core = measure_python(stage, gateway_path, seconds=0.4 if quick else 2)
    gateway.stop()
    progress("importing the Python clients")
    imports = measure_import(stage, rounds=2 if quick else 5)
    progress("idle connections")
    idle = {wire: occasions.measure_idle_connections(stage, wire) for wire in ("ttrpc", "gRPC")}
    progress("a stream of 100,000 models")
    stream = occasions.measure_stream(stage)
    found = {"clients": clients, "python": python, "python_on_one_core": python_on_one_core}
    found |= {"imports": imports, "idle": idle, "stream": stream}

    program = stage.tools.gateway.parent / "transcoding-benchmark"
    if program.exists():
        progress("JSON to protobuf")
        found["transcoding"] = measure_transcoding(stage, program, repetitions)
    return results, found


def judge(results, found):
    return [
        *goals.throughput_goals(results),
        *goals.grpc_goals(results),
        *goals.transcoding_goals(found.get("transcoding", [])),
        *goals.clients_goals(found["clients"]),
        *goals.python_goals(found["python"]),
        *goals.python_goals(found["python_on_one_core"], ", all on one core"),
        *goals.import_goals(found["imports"]),
        *goals.idle_goals(found["idle"]),
        *goals.stream_goals(found["stream"]),
    ]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--gateway", type=pathlib.Path, required=True)
    parser.add_argument("--programs", type=pathlib.Path, required=True)
    parser.add_argument("--environment", type=pathlib.Path, required=True)
    parser.add_argument("--results", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    repetitions, seconds = (3, 0.2) if arguments.quick else (5, 0.5)
    if os.getloadavg()[0] > 0.5:
        print(
            "Something else is using this machine: what follows will be less exact than it could be.", file=sys.stderr
        )

    processes.prepare()
    tools = Tools(arguments.gateway, arguments.programs, arguments.environment)
    with tempfile.TemporaryDirectory() as directory:
        stage = Stage(tools, pathlib.Path(directory))
        results, found = measure_everything(stage, arguments.quick, repetitions, seconds)
    about = {
        "date": datetime.date.today().isoformat(),
        "command": "Tests/Benchmarks/run.sh" + " --quick" * arguments.quick,
        "repetitions": repetitions,
        "seconds": seconds,
        "cores": os.cpu_count(),
    }
    judged = judge(results, found)
    text = report.markdown(about, results, judged)
    arguments.results.mkdir(parents=True, exist_ok=True)
    (arguments.results / "results.md").write_text(text)
    (arguments.results / "results.json").write_text(report.as_json(about, results, judged, found))
    (arguments.results / "results.svg").write_text(draw(results, about["date"]))
    print(text)


BEGAN = time.monotonic()
main()
