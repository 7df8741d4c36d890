"""Makes sure that the gateway's answer and one over gRPC are the same models, so that their costs are those of the same job.

    check.py DIRECTORY GRPC-SOCKET GATEWAY-ANSWER PACKAGE

Runs in the virtual environment. GATEWAY-ANSWER is the data of a response frame; PACKAGE is where the
Python package is. Envoy drops what `additional_properties` carries, so that is left out of the comparison.
"""

import pathlib
import sys

directory, socket, answer, package = sys.argv[1:]
sys.path[:0] = [directory, package]

import grpc  # noqa: E402
import models_pb2  # noqa: E402
from google.protobuf.message import Message  # noqa: E402
from models_gateway._wire import response  # noqa: E402


def without_additional_properties(message):
    if "additional_properties" in message.DESCRIPTOR.fields_by_name:
        message.ClearField("additional_properties")
    for field, value in message.ListFields():
        if field.message_type:
            for part in [value] if isinstance(value, Message) else value:
                without_additional_properties(part)
    return message


options = [("grpc.max_receive_message_length", 1 << 24)]
over_grpc = grpc.insecure_channel(f"unix:{socket}", options=options).unary_unary(
    "/pieces.models.v1.ModelsService/ModelsSnapshot",
    request_serializer=lambda _: b"",
    response_deserializer=models_pb2.Models.FromString,
)(None)
gateways = models_pb2.Models.FromString(response(pathlib.Path(answer).read_bytes()))
if not gateways.iterable or without_additional_properties(gateways) != without_additional_properties(over_grpc):
    sys.exit(f"the gateway answers other models over ttrpc than come from {socket}")
