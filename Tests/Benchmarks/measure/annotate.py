"""Makes the contract that Envoy's transcoder needs out of ours: the same messages with the same numbers and routes, as a
descriptor set.

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


def adapt(text):
    text, count = re.subn(r"^  rpc \w+\([^)]*\) returns \(stream .*?^  \}\n", "", text, flags=re.M | re.S)
    if count != 1:
        sys.exit("the contract has not one call with an answer in parts")
    text = re.sub(r'^import "pieces/gateway/.*\n', "", text, flags=re.M)
    text = re.sub(r" \[\([^\]]*\]", "", text)
    for name in re.findall(r"^enum (\w+)", text, re.MULTILINE):
        prefix = re.sub(r"(?<=.)(?=[A-Z])", "_", name).upper() + "_"
        text = text.replace(prefix, "").replace(f"optional {name} ", f"optional {name}.Value ")
        text = re.sub(rf"^enum {name} (\{{.*?^\}})", rf"message {name} {{ enum Value \1 }}", text, flags=re.M | re.S)
    return text


def main():
    contract, directory = map(pathlib.Path, sys.argv[1:])
    (directory / "models.proto").write_text(adapt(contract.read_text()))
    packages = importlib.resources.files("google.api").joinpath("../..")
    wellknown = importlib.resources.files("grpc_tools").joinpath("_proto")
    status = protoc.main(
        ["protoc", f"-I{directory}", f"-I{packages}", f"-I{wellknown}", "--include_imports"]
        + [f"--descriptor_set_out={directory}/models.pb", f"--python_out={directory}", "models.proto"]
    )
    sys.exit(status)


main()
