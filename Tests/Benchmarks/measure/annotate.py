"""Makes the contract that Envoy's transcoder needs out of ours: the same messages with the same numbers, with the HTTP
rule of each call beside it, as a descriptor set.

    annotate.py Protos/pieces/models/v1/models.proto DIRECTORY

Runs in the virtual environment (grpcio-tools, googleapis-common-protos) and writes DIRECTORY/models.pb, besides a
Python module to read the answers with. Two things must change: Envoy reads enum values by their name alone, so the
prefixes go (each enum moves into a message of its own, where names cannot collide), and it has no answer in parts.
"""

import importlib.resources
import pathlib
import re
import sys

from grpc_tools import protoc

RULES = {
    "ModelsSnapshot": 'get: "/models"',
    "ModelsCreateNewModel": 'post: "/models/create" body: "seeded_model"',
    "ModelsDeleteSpecificModel": 'post: "/models/{model}/delete"',
    "ModelsDeleteSpecificModelCache": 'post: "/models/{model}/delete/cache" body: "model_delete_cache_input"',
    "UnloadModels": 'post: "/models/unload"',
}


def annotate(text):
    for name, rule in RULES.items():
        text, count = re.subn(rf"(rpc {name}\(.*\));", rf"\1 {{ option (google.api.http) = {{ {rule} }}; }}", text)
        if count != 1:
            sys.exit(f"{name} is not in the contract, or more than once")
    text = re.sub(r"rpc \w+\(.*returns \(stream .*;", "", text)
    for name in re.findall(r"^enum (\w+)", text, re.MULTILINE):
        prefix = re.sub(r"(?<=.)(?=[A-Z])", "_", name).upper() + "_"
        text = text.replace(prefix, "").replace(f"optional {name} ", f"optional {name}.Value ")
        text = re.sub(rf"^enum {name} (\{{.*?^\}})", rf"message {name} {{ enum Value \1 }}", text, flags=re.M | re.S)
    return text.replace("import ", 'import "google/api/annotations.proto";\nimport ', 1)


def main():
    contract, directory = map(pathlib.Path, sys.argv[1:])
    (directory / "models.proto").write_text(annotate(contract.read_text()))
    packages = importlib.resources.files("google.api").joinpath("../..")
    wellknown = importlib.resources.files("grpc_tools").joinpath("_proto")
    status = protoc.main(
        ["protoc", f"-I{directory}", f"-I{packages}", f"-I{wellknown}", "--include_imports"]
        + [f"--descriptor_set_out={directory}/models.pb", f"--python_out={directory}", "models.proto"]
    )
    sys.exit(status)


main()
