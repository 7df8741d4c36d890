"""What can be called: the RPCs of the contract, with what goes out for each and what comes back."""

from google.protobuf.message import DecodeError

from . import _arguments, _wire
from ._errors import Internal, ResourceExhausted
from ._generated import models_pb2
from ._wire import HEADER_SIZE, RESPONSE, field, varint

MODELS_SERVICE = b"pieces.models.v1.ModelsService"
CONTROL_SERVICE = b"pieces.gateway.v1.Control"


class Method:
    """An RPC. One that only asks may be asked again when nobody knows what became of it."""

    __slots__ = ("_answer", "asks_only", "first_read", "name", "prefix")

    def __init__(self, service, name, answer=None, asks_only=False):
        self.name = name.decode()
        self.prefix = field(1, service) + field(2, name)
        self.asks_only = asks_only
        # How much is read at first, as the arguments of `recv`: an answer of nothing is a header.
        self.first_read = (HEADER_SIZE,) if answer is None else (65536,) if asks_only else (4096,)
        self._answer = answer

    def request(self, payload, timeout, metadata):
        """The data of a request frame: ttrpc.Request {service = 1; method = 2; payload = 3; timeout_nano = 4;
        metadata = 5}."""
        data = self.prefix + (b"\x1a" + varint(len(payload)) + payload if payload else b"") + timeout + metadata
        if len(data) > _wire.LARGEST_DATA:
            raise ResourceExhausted(
                f"a request of {len(data)} bytes, {_wire.LARGEST_DATA} are allowed",
                reason="FRAME_TOO_LARGE",
                metadata={"operation": self.name},
                request_sent=False,
            )
        return data

    def parse(self, payload):
        if self._answer is None:
            return None
        try:
            return self._answer(payload)
        except DecodeError:
            raise Internal(f"the gateway's answer to {self.name} is not the protobuf that it should be") from None

    def answer(self, kind, data):
        """What a unary call returns for the frame that came."""
        if kind != RESPONSE:
            raise _wire.not_ttrpc("a data frame in answer to a call that is no stream")
        if not data and self._answer is None:
            return None
        return self.parse(self.payload(data))

    def part(self, kind, flags, data):
        """A message of a stream, or None at its end."""
        if kind != _wire.DATA:
            self.payload(data)
            raise _wire.not_ttrpc("a response without an error inside a stream")
        if flags & _wire.NO_DATA:
            if data or not flags & _wire.REMOTE_CLOSED:
                raise _wire.not_ttrpc("a frame without data that has some, or that ends nothing")
            return None
        return self.parse(data)

    def payload(self, data):
        try:
            return _wire.response(data)
        except _wire.Malformed:
            raise _wire.not_ttrpc("a response frame that holds no ttrpc.Response") from None


def _status_response(payload):
    from ._generated.control_pb2 import StatusResponse

    return StatusResponse.FromString(payload)


SNAPSHOT = Method(MODELS_SERVICE, b"ModelsSnapshot", models_pb2.Models.FromString, asks_only=True)
STREAM = Method(MODELS_SERVICE, b"StreamModelsSnapshot", models_pb2.Models.FromString, asks_only=True)
CREATE = Method(MODELS_SERVICE, b"ModelsCreateNewModel", models_pb2.Model.FromString)
DELETE = Method(MODELS_SERVICE, b"ModelsDeleteSpecificModel")
DELETE_CACHE = Method(
    MODELS_SERVICE, b"ModelsDeleteSpecificModelCache", models_pb2.ModelDeleteCacheOutput.FromString
)
UNLOAD = Method(MODELS_SERVICE, b"UnloadModels")
STATUS = Method(CONTROL_SERVICE, b"Status", _status_response)
CANCEL = Method(CONTROL_SERVICE, b"Cancel")


def create_payload(seeded_model):
    _arguments.message(seeded_model, models_pb2.SeededModel, "seeded_model")
    return b"" if seeded_model is None else field(1, seeded_model.SerializeToString())


def delete_payload(model_id):
    return field(1, _arguments.model_id(model_id))


def delete_cache_payload(model_id, model_delete_cache_input):
    _arguments.message(model_delete_cache_input, models_pb2.ModelDeleteCacheInput, "model_delete_cache_input")
    payload = delete_payload(model_id)
    if model_delete_cache_input is not None:
        payload += field(2, model_delete_cache_input.SerializeToString())
    return payload


def cancel_request(stream_id):
    """Control/Cancel {uint32 stream_id = 1}"""
    return CANCEL.request(b"\x08" + varint(stream_id), b"", b"")
