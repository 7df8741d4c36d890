"""The four ways in which a user meets a gateway: the command line, Python, C and gRPC. Each says what went wrong."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from .gateway import BINARY, ROOT

PATIENCE = 120.0
#: What the programs can be asked for.
CALLS = {"list": "ModelsSnapshot", "unload": "UnloadModels", "delete": "ModelsDeleteSpecificModel"}

PYTHON = """
import sys
from models_gateway import Client, ModelsError

calls = {"list": Client.models_snapshot, "unload": Client.unload_models, "delete": Client.models_delete_specific_model}
try:
    with Client() as gateway:
        calls[sys.argv[1]](gateway, *sys.argv[2:])
except ModelsError as error:
    print(f"{type(error).__name__}: {error}")
"""

C = """
#include <models_client.h>
#include <stdio.h>
#include <string.h>

int main(int count, char **words) {
    models_error *error = NULL;
    models_client *client = models_client_new(NULL, &error);
    if (!client) return 1;
    if (strcmp(words[1], "list") == 0) models_free(models_snapshot(client, NULL, &error));
    else if (strcmp(words[1], "unload") == 0) models_unload(client, NULL, &error);
    else if (count > 2) models_delete(client, words[2], NULL, &error);
    if (error) printf("%s: %s\\n", models_code_name(models_error_code(error)), models_error_message(error));
    if (error && models_error_metadata(error, "hint")) printf("hint: %s\\n", models_error_metadata(error, "hint"));
    models_error_free(error);
    models_client_free(client);
}
"""

GRPC = """
import json, sys
import grpc

sys.path.append(sys.argv[1])
messages, services = grpc.protos_and_services("pieces/models/v1/models.proto")
gateway = services.ModelsServiceStub(grpc.insecure_channel(f"unix:{sys.argv[2]}"))
request = getattr(messages, sys.argv[3] + "Request")(**dict(zip(["model"], sys.argv[4:])))
try:
    getattr(gateway, sys.argv[3])(request)
except grpc.RpcError as error:
    print(f"{error.code().name}: {error.details()}")
"""


class Speakers:
    """Programs in a directory of their own, which others may read: another user can be asked to run them."""

    def __init__(self, directory: Path):
        directory.chmod(0o755)
        self.directory = directory
        for name, text in (("client.py", PYTHON), ("grpc_client.py", GRPC), ("client.c", C)):
            (directory / name).write_text(text.lstrip())
        self.build()

    def build(self) -> None:
        prefix, library = self.directory / "prefix", str(ROOT / "Sources/CModelsClient")
        make = ["make", "--silent", "-C", library, "install", f"PREFIX={prefix}", f"OUT={self.directory}/built"]
        subprocess.run(make, check=True, timeout=PATIENCE)
        asked = ["pkg-config", "--cflags", "--libs", "models-client"]
        environment = {**os.environ, "PKG_CONFIG_PATH": str(prefix / "lib/pkgconfig")}
        flags = subprocess.check_output(asked, env=environment, text=True).split()
        flags += [f"-Wl,-rpath,{prefix}/lib", "-o", f"{self.directory}/client"]
        compiler = ["cc", "-Wall", "-Wextra", "-Werror", f"{self.directory}/client.c"]
        subprocess.run([*compiler, *flags], check=True, timeout=PATIENCE)

    def say(self, path: str, call: str, *words: str, user: int | None = None) -> dict[str, str]:
        """What each says of a call over a socket, by who says it."""
        grpc = [f"{self.directory}/grpc_client.py", str(ROOT / "Protos"), path, CALLS[call]]
        commands = {
            "Python": [sys.executable, f"{self.directory}/client.py", call, *words],
            "C": [f"{self.directory}/client", call, *words],
            "gRPC": [sys.executable, *grpc, *words],
        }
        return {name: self.run(path, command, user) for name, command in commands.items()}

    def command(self, path: str, *words: str, user: int | None = None) -> str:
        """What the command line says."""
        return self.run(path, [BINARY, *words], user)

    def grpcurl(self, path: str, call: str) -> str | None:
        """None where it is not installed."""
        beside = Path(sys.executable).with_name("grpcurl")
        found = str(beside) if beside.exists() else shutil.which("grpcurl")
        method = f"pieces.models.v1.ModelsService/{CALLS[call]}"
        return found and self.run(path, [found, "-plaintext", "-unix", path, method], None)

    def run(self, path: str, command: list[str], user: int | None) -> str:
        result = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "MODELS_GATEWAY_SOCKET": path, "LC_ALL": "C.UTF-8", "NO_COLOR": "1"},
            user=user,
            extra_groups=None if user is None else [],
        )
        return result.stdout + result.stderr
