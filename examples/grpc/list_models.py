#!/usr/bin/env python3
"""Prints every model that Pieces OS knows, with gRPC's own client and nothing of this project but its contract.

    pip install grpcio-tools
    list_models.py SOCKET

Elsewhere, have protoc generate code from Protos/ and point any gRPC client at unix:SOCKET, without TLS.
"""

import pathlib
import sys

import grpc

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "Protos"))
models, services = grpc.protos_and_services("pieces/models/v1/models.proto")


def main(path):
    with grpc.insecure_channel(f"unix:{path}") as channel:
        gateway = services.ModelsServiceStub(channel)
        # In parts, so that there may be any number of models.
        count = 0
        for part in gateway.StreamModelsSnapshot(models.StreamModelsSnapshotRequest(), timeout=30):
            for model in part.iterable:
                print(f"{model.name!r:32} {model.id!r}")
            count += len(part.iterable)
        print(count, "models")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: list_models.py SOCKET")
    try:
        main(sys.argv[1])
    except grpc.RpcError as error:
        sys.exit(f"{error.code().name}: {error.details()}")
