#!/usr/bin/env python3
"""usage: models_client.py [--timeout SECONDS] SOCKET COMMAND [ARGUMENT]

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

import os
import sys

from models_gateway import GatewayError, ModelsGateway, ProtocolError, models_pb2

ROW = "{:30.30} {:14.14} {:5} {:>8} {:9.9} {:11} {}"

# Text from elsewhere must not drive the terminal: control characters come out as blanks.
CONTROL_CHARACTERS = dict.fromkeys([*range(32), 127], " ")


def main():
    path, timeout, command, arguments = parse(sys.argv[1:])
    try:
        with ModelsGateway(path, timeout) as gateway:
            command(gateway, *arguments)
    except GatewayError as error:
        sys.exit(sentence(error))
    except ProtocolError as error:
        sys.exit(f"The gateway sent {error}.")
    except UnicodeEncodeError:
        sys.exit("What is not UTF-8 cannot be sent.")
    except OSError as error:
        sys.exit(f"{path}: {error.strerror or error}")


def parse(words):
    if "--help" in words:
        print(__doc__, end="")
        sys.exit(0)
    timeout = None
    try:
        if words[0] == "--timeout":
            timeout = float(words[1])
            words = words[2:]
        path, name, *arguments = words
        command, argument_count = COMMANDS[name]
    except (IndexError, KeyError, ValueError):
        usage_error()
    if len(arguments) != argument_count or timeout is not None and not 1e-9 <= timeout < 1e9:
        usage_error()
    return path, timeout, command, arguments


def usage_error():
    print(__doc__.splitlines()[0], "More with --help.", sep="\n", file=sys.stderr)
    sys.exit(64)


def snapshot(gateway, rows=sys.maxsize):
    print("--- ModelsSnapshot: GET /models")
    models = gateway.models_snapshot().iterable
    print_models(models, 0, rows)
    print(len(models), "models")
    return models


def stream(gateway, rows=sys.maxsize):
    print("--- StreamModelsSnapshot: GET /models")
    count = messages = 0
    for part in gateway.stream_models_snapshot():
        print_models(part.iterable, count, rows)
        count += len(part.iterable)
        messages += 1
    print(f"{count} models, in messages: {messages}")


def create(gateway, name):
    print("--- ModelsCreateNewModel: POST /models/create")
    # The least that Pieces OS asks of a new model.
    seed = models_pb2.SeededModel(
        name=name,
        version="1",
        type=models_pb2.MODEL_TYPE_SPEED,
        usage=models_pb2.MODEL_USAGE_CODE_GENERATION,
        cloud=False,
    )
    seed.created.value.GetCurrentTime()
    model = gateway.models_create_new_model(seed)
    print_models([model])
    return model


def delete(gateway, model):
    print("--- ModelsDeleteSpecificModel: POST /models/{model}/delete")
    gateway.models_delete_specific_model(model)
    print("deleted", printable(model))


def delete_cache(gateway, model):
    print("--- ModelsDeleteSpecificModelCache: POST /models/{model}/delete/cache")
    output = gateway.models_delete_specific_model_cache(model)
    # Some releases of Pieces OS leave the model out.
    print("deleted the cache of", printable(output.model.id if output.HasField("model") else model))


def unload(gateway):
    print("--- UnloadModels: POST /models/unload")
    gateway.unload_models()
    print("unloaded all models")


def run_all(gateway):
    models = snapshot(gateway, rows=5)
    created = create(gateway, f"Made by Python {os.getpid()}")
    stream(gateway, rows=5)
    downloaded = [model.id for model in models if model.downloaded and not model.cloud]
    if downloaded:
        delete_cache(gateway, downloaded[0])
    else:
        print("No model has been downloaded, so there is no cache to delete.")
    unload(gateway)
    delete(gateway, created.id)
    try:
        delete(gateway, created.id)
    except GatewayError as error:
        print(sentence(error))
    else:
        sys.exit("A model that was gone has been deleted again.")


COMMANDS = {
    "snapshot": (snapshot, 0),
    "stream": (stream, 0),
    "create": (create, 1),
    "delete": (delete, 1),
    "delete-cache": (delete_cache, 1),
    "unload": (unload, 0),
    "all": (run_all, 0),
}


def print_models(models, already=0, rows=sys.maxsize):
    """At most `rows` of the table, of which `already` have been printed or counted."""
    if already == 0:
        print(ROW.format("NAME", "PROVIDER", "WHERE", "TOKENS", "SIZE", "STATE", "ID"))
    for model in models[: max(0, rows - already)]:
        states = [state for state in ("loaded", "downloading", "downloaded", "custom") if getattr(model, state)]
        tokens = model.max_tokens
        row = ROW.format(
            printable(model.name),
            printable(model.provider),
            "cloud" if model.cloud else "local",
            f"{tokens.total:.8g}" if tokens.HasField("total") else "-",
            printable(model.bytes.readable),
            states[0] if states else "-",
            printable(model.id),
        )
        print(row)


def printable(text):
    return text.translate(CONTROL_CHARACTERS) or "-"


def sentence(error):
    reason = f" ({error.reason})" if error.reason else ""
    return f"The gateway answered {error.code.name}{reason}: {printable(error.message or 'no message')}"


if __name__ == "__main__":
    main()
