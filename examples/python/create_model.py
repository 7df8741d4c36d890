#!/usr/bin/env python3
"""usage: create_model.py NAME

Makes a custom model and prints its id. The gateway's socket is $MODELS_GATEWAY_SOCKET, or where it is by default.
"""

import sys

import models_gateway
from models_gateway import Client, ModelsError, SeededModel


def seed(name):
    """The least that Pieces OS asks of a new model."""
    model = SeededModel(
        name=name,
        version="1",
        type=models_gateway.MODEL_TYPE_SPEED,
        usage=models_gateway.MODEL_USAGE_CODE_GENERATION,
        cloud=False,
    )
    model.created.value.GetCurrentTime()
    return model


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        with Client(timeout=10) as gateway:
            print(gateway.models_create_new_model(seed(sys.argv[1])).id)
    except ModelsError as error:
        # Whoever tries this again after True may have two of them.
        sys.exit(f"{error} (Pieces OS may have made it: {error.request_sent})")
