"""A typed snapshot in Python: the Python package beside the published SDK, objects in hand at the end of both.

    python_clients.py CONTROL-PAGE GATEWAY-SOCKET UPSTREAM-PORT SECONDS

Runs in the virtual environment and prints JSON: milliseconds of every call, by number of models and kind of body.
"""

import json
import pathlib
import sys
import time

from control import Control

control_path, socket_path, port, seconds = sys.argv[1:]
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "Sources/python"))

from models_gateway import Client  # noqa: E402
from pieces_os_client.api.models_api import ModelsApi  # noqa: E402
from pieces_os_client.api_client import ApiClient  # noqa: E402
from pieces_os_client.configuration import Configuration  # noqa: E402

control = Control(pathlib.Path(control_path))
gateway = Client(socket_path)
sdk = ModelsApi(ApiClient(Configuration(host=f"http://127.0.0.1:{port}")))


def timed(snapshot, models):
    began = time.perf_counter()
    answer = snapshot()
    took = time.perf_counter() - began
    if len(answer.iterable) != models:
        sys.exit(f"{len(answer.iterable)} models instead of {models}")
    return took * 1000


def measure(models, different):
    """Both clients in turn; the quick one as often in each turn as the slow one's time allows, up to ten times."""
    control.answer(models, models * different)
    timed(gateway.models_snapshot, models)
    timed(sdk.models_snapshot, models)
    found = {"sdk": [], "gateway": []}
    end = time.perf_counter() + float(seconds)
    while len(found["sdk"]) < 3 or time.perf_counter() < end:
        found["sdk"].append(timed(sdk.models_snapshot, models))
        found["gateway"] += [timed(gateway.models_snapshot, models) for _ in range(10)]
    return found


print(json.dumps([
    {"models": models, "different": different, **measure(models, different)}
    for models in (1, 60, 1000)
    for different in (False, True)
]))  # fmt: skip
