#!/usr/bin/env python3
"""usage: models_client.py [--timeout SECONDS] SOCKET COMMAND [ARGUMENT]

The calls of the Models API from the command line, through the gateway's socket.

  snapshot          every model that Pieces OS knows
  stream            the same, printed as the parts arrive
  create NAME       makes a custom model of that name
  delete ID         deletes a custom model
  delete-cache ID   deletes what was downloaded for a model
  unload            takes all models out of memory
  all               every one of these, and an error. It deletes the cache of the first downloaded
                    model: for the simulator, not for the Pieces OS that you work with

Without --timeout the gateway's own deadline counts. Exit code 0: done; 1: an error, which standard
error tells in a sentence; 64: wrong command line.

  models_client.py $XDG_RUNTIME_DIR/models-gateway/gateway.sock snapshot
  models_client.py --timeout 0.5 gateway.sock create "My model"
"""

import math
import os
import sys

from models_gateway import GatewayError, ModelsGateway, ProtocolError, models_pb2

ARGUMENTS = {"snapshot": 0, "stream": 0, "create": 1, "delete": 1, "delete-cache": 1, "unload": 0, "all": 0}
ROW = "{:30} {:14} {:5} {:>8} {:>9} {:11} {}"
CONTROL_CHARACTERS = dict.fromkeys([*range(32), 127], " ")


def main():
    path, timeout, command, argument = parse(sys.argv[1:])
    try:
        with ModelsGateway(path, timeout) as gateway:
            run(gateway, command, argument)
    except GatewayError as error:
        sys.exit(sentence(error))
    except ProtocolError as error:
        sys.exit(f"The gateway sent {error}.")
    except UnicodeEncodeError:
        sys.exit(f"{argument!a} is not UTF-8.")
    except OSError as error:
        sys.exit(f"{path}: {error.strerror or error}")


def parse(words):
    if "--help" in words or "-h" in words:
        print(__doc__, end="")
        sys.exit(0)
    timeout = None
    if words[:1] == ["--timeout"]:
        timeout = seconds(words[1] if len(words) > 1 else "")
        words = words[2:]
    if len(words) < 2 or words[1] not in ARGUMENTS or len(words) != 2 + ARGUMENTS[words[1]]:
        usage_error(__doc__.splitlines()[0] + "\nMore with --help.")
    return words[0], timeout, words[1], words[2] if len(words) > 2 else None


def seconds(word):
    try:
        value = float(word)
    except ValueError:
        value = 0
    if not 0 < value < 1e9:
        usage_error(f"--timeout needs a number of seconds, not '{word}'")
    return value


def usage_error(message):
    print(message, file=sys.stderr)
    sys.exit(64)


def run(gateway, command, argument):
    if command == "snapshot":
        print_models([gateway.models_snapshot()])
    elif command == "stream":
        print_models(gateway.stream_models_snapshot())
    elif command == "create":
        print_models([models_pb2.Models(iterable=[gateway.models_create_new_model(seed(argument))])])
    elif command == "delete":
        gateway.models_delete_specific_model(argument)
        print("deleted", argument)
    elif command == "delete-cache":
        output = gateway.models_delete_specific_model_cache(argument)
        print("deleted the cache of", output.model.id or argument)
    elif command == "unload":
        gateway.unload_models()
        print("unloaded all models")
    else:
        run_all(gateway)


def run_all(gateway):
    print("--- ModelsSnapshot")
    snapshot = gateway.models_snapshot()
    print_models([snapshot], rows=5)

    print("--- ModelsCreateNewModel")
    created = gateway.models_create_new_model(seed(f"Made by Python {os.getpid()}"))
    print_models([models_pb2.Models(iterable=[created])])

    print("--- StreamModelsSnapshot")
    print_models(gateway.stream_models_snapshot(), rows=5)

    print("--- ModelsDeleteSpecificModelCache")
    downloaded = [model.id for model in snapshot.iterable if model.downloaded and not model.cloud]
    if downloaded:
        run(gateway, "delete-cache", downloaded[0])
    else:
        print("left out: no model has been downloaded")

    print("--- UnloadModels")
    run(gateway, "unload", None)

    print("--- ModelsDeleteSpecificModel")
    run(gateway, "delete", created.id)

    print("--- ModelsDeleteSpecificModel once more, which is an error")
    try:
        run(gateway, "delete", created.id)
    except GatewayError as error:
        print(sentence(error))
    else:
        sys.exit("A model could be deleted twice.")


def seed(name):
    """The least that Pieces OS asks of a new model."""
    model = models_pb2.SeededModel(
        name=name,
        version="1",
        type=models_pb2.MODEL_TYPE_SPEED,
        usage=models_pb2.MODEL_USAGE_CODE_GENERATION,
        cloud=False,
    )
    model.created.value.GetCurrentTime()
    return model


def print_models(parts, rows=math.inf):
    print(ROW.format("NAME", "PROVIDER", "WHERE", "TOKENS", "SIZE", "STATE", "ID"))
    models = messages = 0
    for part in parts:
        messages += 1
        for model in part.iterable:
            models += 1
            if models <= rows:
                print_row(model)
    if models > rows:
        print("and", models - rows, "more")
    print(f"models: {models}, messages: {messages}")


def print_row(model):
    tokens = model.max_tokens
    states = ("loaded", "downloading", "downloaded", "custom")
    print(
        ROW.format(
            cell(model.name, 30),
            cell(model.provider, 14),
            "cloud" if model.cloud else "local",
            f"{tokens.total:.8g}" if tokens.HasField("total") else "-",
            cell(model.bytes.readable, 9),
            next((state for state in states if getattr(model, state)), "-"),
            cell(model.id, 80),
        )
    )


def cell(text, width):
    text = text.translate(CONTROL_CHARACTERS) or "-"
    return text if len(text) <= width else text[: width - 1] + "…"


def sentence(error):
    reason = f" ({error.reason})" if error.reason else ""
    message = error.message.translate(CONTROL_CHARACTERS) or "no message"
    return f"The gateway answered {error.code.name}{reason}: {message}"


if __name__ == "__main__":
    main()
