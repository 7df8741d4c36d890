#!/usr/bin/env python3
"""Every call there is, and an error. The gateway's socket is $MODELS_GATEWAY_SOCKET, or where it is by default.

It deletes the cache of the first downloaded model: for the simulator, not for the Pieces OS that you work with.
"""

import os
import sys

from create_model import seed
from list_models import row
from models_gateway import Client, ModelsError


def main(gateway):
    print("--- ModelsSnapshot: GET /models")
    models = gateway.models_snapshot().iterable
    print(*map(row, models[:5]), f"{len(models)} models", sep="\n")

    print("--- ModelsCreateNewModel: POST /models/create")
    created = gateway.models_create_new_model(seed(f"Made by Python {os.getpid()}"))
    print(row(created))

    print("--- StreamModelsSnapshot: GET /models")
    parts = [len(part.iterable) for part in gateway.stream_models_snapshot()]
    print(f"{sum(parts)} models, in messages: {len(parts)}")

    print("--- ModelsDeleteSpecificModelCache: POST /models/{model}/delete/cache")
    downloaded = [model.id for model in models if model.downloaded and not model.cloud]
    for model_id in downloaded[:1]:
        gateway.models_delete_specific_model_cache(model_id)
        print("deleted the cache of", model_id)

    print("--- UnloadModels: POST /models/unload")
    gateway.unload_models()

    print("--- ModelsDeleteSpecificModel: POST /models/{model}/delete")
    gateway.models_delete_specific_model(created.id)
    try:
        gateway.models_delete_specific_model(created.id)
        sys.exit("A model that was gone has been deleted again.")
    except ModelsError as error:
        print(error)


if __name__ == "__main__":
    try:
        with Client() as gateway:
            main(gateway)
    except ModelsError as error:
        sys.exit(str(error))
