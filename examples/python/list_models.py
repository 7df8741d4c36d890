#!/usr/bin/env python3
"""Prints every model that Pieces OS knows. The gateway's socket is $MODELS_GATEWAY_SOCKET, or where it is by default.

Needs the package: pip install ./Sources/python
"""

import sys

from models_gateway import Client, ModelsError

# Text from elsewhere must not drive the terminal: control characters come out as blanks.
CONTROL_CHARACTERS = dict.fromkeys([*range(32), *range(127, 160)], " ")


def row(model):
    where = "cloud" if model.cloud else "local"
    tokens = f"{model.max_tokens.total:.8g}" if model.max_tokens.HasField("total") else "-"
    line = f"{model.name:30.30} {model.provider or '-':14.14} {where:5} {tokens:>8} {model.id}"
    return line.translate(CONTROL_CHARACTERS)


def main():
    with Client() as gateway:
        # In parts, so that there may be any number of models.
        count = 0
        for part in gateway.stream_models_snapshot():
            count += len(part.iterable)
            print(*map(row, part.iterable), sep="\n")
        print(count, "models")


if __name__ == "__main__":
    try:
        main()
    except ModelsError as error:
        sys.exit(str(error))
