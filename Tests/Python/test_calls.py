"""The calls, what is passed to them, and what they return."""

import json
import os
import pathlib
import socket
import unittest
import uuid
from unittest import mock

import models_gateway
from models_gateway import Client, SeededModel
from scripted import EndToEndTest, PackageTest, answering

MODEL = {"id": "m", "name": "Phi", "version": "1", "type": "SPEED", "usage": "CODE_GENERATION", "cloud": False}


class GatewayCallTests(EndToEndTest):
    """Through the real gateway."""

    def setUp(self):
        self.scripted = self.upstream(answering("{}"))
        self.path = self.gateway(self.scripted).path

    def answer(self, document):
        self.scripted.script = answering(json.dumps(document))

    def last(self):
        request = self.scripted.requests[-1]
        return f"{request.method} {request.target}", request.body

    def test_models_snapshot(self):
        self.answer({"iterable": [MODEL, MODEL]})
        with Client(self.path) as gateway:
            models = gateway.models_snapshot()
        self.assertIsInstance(models, models_gateway.Models)
        self.assertEqual([model.name for model in models.iterable], ["Phi", "Phi"])
        self.assertEqual(self.last(), ("GET /models", b""))

    def test_stream_models_snapshot(self):
        many = [{**MODEL, "id": str(number)} for number in range(20000)]
        self.answer({"iterable": many})
        with Client(self.path) as gateway:
            parts = list(gateway.stream_models_snapshot())
        self.assertGreater(len(parts), 1)
        self.assertEqual([model.id for part in parts for model in part.iterable], [one["id"] for one in many])

    def test_an_answer_of_many_reads_comes_whole(self):
        self.answer({"iterable": [{**MODEL, "id": str(number)} for number in range(20000)]})
        with Client(self.path) as gateway:
            self.assertEqual(len(gateway.models_snapshot().iterable), 20000)
            self.assertEqual(gateway.unload_models(), None)

    def test_models_create_new_model(self):
        self.answer(MODEL)
        seed = SeededModel(name="Phi", version="1", type=models_gateway.MODEL_TYPE_SPEED)
        with Client(self.path) as gateway:
            self.assertEqual(gateway.models_create_new_model(seed).id, "m")
            self.assertEqual(self.last()[0], "POST /models/create")
            self.assertEqual(json.loads(self.last()[1])["name"], "Phi")
            gateway.models_create_new_model()
            self.assertEqual(self.last(), ("POST /models/create", b""))

    def test_models_delete_specific_model_takes_a_text_or_a_uuid(self):
        unique = uuid.uuid4()
        with Client(self.path) as gateway:
            for model_id, segment in (("a b", "a%20b"), (unique, str(unique))):
                self.assertIsNone(gateway.models_delete_specific_model(model_id))
                self.assertEqual(self.last(), (f"POST /models/{segment}/delete", b""))

    def test_models_delete_specific_model_cache(self):
        self.answer({"model": {"id": "m"}})
        with Client(self.path) as gateway:
            output = gateway.models_delete_specific_model_cache("m")
            self.assertEqual(output.model.id, "m")
            self.assertEqual(self.last(), ("POST /models/m/delete/cache", b""))
            gateway.models_delete_specific_model_cache("m", models_gateway.ModelDeleteCacheInput())
            self.assertEqual(self.last(), ("POST /models/m/delete/cache", b"{}"))

    def test_metadata_of_a_call_wins_over_that_of_its_client(self):
        with Client(self.path, metadata={"application": "client", "traceparent": "t"}) as gateway:
            gateway.unload_models(metadata=[("Application", "call")])
            request = self.scripted.requests[-1]
            self.assertEqual((request.header("application"), request.header("traceparent")), ("call", "t"))
            gateway.unload_models()
            self.assertEqual(self.scripted.requests[-1].header("application"), "client")

    def test_what_the_contract_refuses_comes_back_as_invalid_argument(self):
        with Client(self.path) as gateway:
            calls = [lambda model=model: gateway.models_delete_specific_model(model) for model in ("", "..", "a\0b")]
            calls.append(lambda: gateway.unload_models(metadata={"application": "a\nb"}))
            for call in calls:
                with self.assertRaises(models_gateway.InvalidArgument) as caught:
                    call()
                self.assertEqual(caught.exception.reason, "BAD_REQUEST")
        self.assertEqual(self.scripted.requests, [])

    def test_an_upstream_that_refuses_is_told_with_its_text(self):
        self.scripted.script = answering("no such model", status=500)
        with Client(self.path) as gateway, self.assertRaises(models_gateway.Internal) as caught:
            gateway.models_delete_specific_model("m")
        error = caught.exception
        self.assertEqual((error.message, error.reason), ("no such model", "UPSTREAM_HTTP_STATUS"))
        self.assertEqual(error.metadata["http_status"], "500")
        self.assertEqual(error.metadata["operation"], "ModelsDeleteSpecificModel")

    def test_status_says_where_pieces_os_is_and_that_it_answered(self):
        with Client(self.path) as gateway:
            gateway.unload_models()
            status = gateway.status()
        self.assertIsInstance(status, models_gateway.StatusResponse)
        self.assertEqual(status.upstream.state, models_gateway.UPSTREAM_STATE_SERVING)
        self.assertEqual(status.upstream.location, self.scripted.url)
        self.assertGreater(status.pid, 0)


class ScriptedCallTests(PackageTest):
    def test_status_is_answered_with_a_status_response(self):
        response = models_gateway.StatusResponse(version="1.2", pid=42)
        response.upstream.location = "auto"
        response.upstream.state = models_gateway.UPSTREAM_STATE_SERVING
        gateway = self.scripted(lambda request: request.answer(response.SerializeToString()))
        with Client(gateway.path) as client:
            self.assertEqual(client.status(), response)
        self.assertEqual(gateway.requests[0].service, "pieces.gateway.v1.Control")
        self.assertEqual(gateway.requests[0].method, "Status")

    def test_a_path_is_a_text_bytes_or_a_path(self):
        path = self.scripted().path
        for one in (path, path.encode(), pathlib.Path(path)):
            with self.subTest(type(one).__name__), Client(one) as client:
                self.assertIsNone(client.unload_models())

    def test_without_a_path_the_environment_says_it_and_then_the_rule_of_the_gateway(self):
        directory = self.directory()
        (directory / "models-gateway").mkdir()
        named, ruled = self.scripted(), self.scripted(path=str(directory / "models-gateway/gateway.sock"))
        environment = {"XDG_RUNTIME_DIR": str(directory), "MODELS_GATEWAY_SOCKET": named.path}
        with mock.patch.dict(os.environ, environment):
            Client().unload_models()
            del os.environ["MODELS_GATEWAY_SOCKET"]
            Client().unload_models()
            default = f"/tmp/models-gateway-{os.geteuid()}/gateway.sock"
            for unusable in ("", "relative"):
                os.environ["XDG_RUNTIME_DIR"] = unusable
                with self.assertRaisesRegex(models_gateway.Unavailable, default):
                    Client().unload_models()
        self.assertEqual((len(named.requests), len(ruled.requests)), (1, 1))

    def test_it_connects_at_the_first_call(self):
        gateway = self.scripted()
        client = Client(gateway.path)
        self.assertEqual(gateway.connections, [])
        client.unload_models()
        self.assertEqual(len(gateway.connections), 1)

    def test_a_socket_that_is_handed_over_is_used_closed_and_never_connected_again(self):
        gateway = self.scripted()
        for timeout in (None, 0, 5):
            sock = socket.socket(socket.AF_UNIX)
            sock.connect(gateway.path)
            sock.settimeout(timeout)
            client = Client(sock=sock)
            client.unload_models()
            client.unload_models()
            gateway.hang_up()
            for _ in range(2):
                with self.assertRaisesRegex(models_gateway.Unavailable, "sock=") as caught:
                    client.unload_models()
                self.assertIsInstance(caught.exception, ConnectionError)
            self.assertEqual(sock.fileno(), -1)
        self.assertEqual(len(gateway.requests), 6)

    def test_a_client_that_has_not_called_closes_what_was_handed_over_too(self):
        ours, theirs = socket.socketpair()
        with theirs:
            Client(sock=ours).close()
            self.assertEqual(theirs.recv(1), b"")

    def test_a_call_after_close_is_a_value_error(self):
        gateway = self.scripted()
        client = Client(gateway.path)
        client.unload_models()
        client.close()
        client.close()
        for call in (client.unload_models, lambda: next(client.stream_models_snapshot())):
            with self.assertRaises(ValueError):
                call()
        self.assertEqual(len(gateway.requests), 1)

    def test_what_has_the_wrong_type_is_an_error_before_anything_is_sent(self):
        gateway = self.scripted()
        client = Client(gateway.path)
        ours, datagrams = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(ours.close)
        self.addCleanup(datagrams.close)
        wrong = {
            "an id that is a number": lambda: client.models_delete_specific_model(5),
            "an id that is bytes": lambda: client.models_delete_specific_model(b"m"),
            "no id": lambda: client.models_delete_specific_model(None),
            "a dict for a model": lambda: client.models_create_new_model({"name": "n"}),
            "another message": lambda: client.models_create_new_model(models_gateway.Model()),
            "another input": lambda: client.models_delete_specific_model_cache("m", models_gateway.Model()),
            "a timeout that is a text": lambda: client.unload_models(timeout="5"),
            "metadata that is a text": lambda: client.unload_models(metadata="ab"),
            "metadata that is texts": lambda: client.unload_models(metadata=["ab"]),
            "a value that is a number": lambda: client.unload_models(metadata={"application": 1}),
            "a key that is bytes": lambda: client.stream_models_snapshot(metadata={b"application": "a"}),
            "a path that is a number": lambda: Client(5),
            "a sock that is a number": lambda: Client(sock=5),
            "path and sock": lambda: Client(gateway.path, sock=ours),
            "a timeout of the client": lambda: Client(timeout=[]),
            "metadata of the client": lambda: Client(metadata=5),
        }
        for what, call in wrong.items():
            with self.subTest(what), self.assertRaises(TypeError):
                call()
        no_values = {
            "an id that is not UTF-8": lambda: client.models_delete_specific_model("\ud800"),
            "metadata that is not UTF-8": lambda: client.unload_models(metadata={"application": "\ud800"}),
            "metadata that is no pairs": lambda: client.unload_models(metadata=[("a", "b", "c")]),
            "NaN": lambda: client.unload_models(timeout=float("nan")),
            "NaN of the client": lambda: Client(timeout=float("nan")),
            "a path with a zero byte": lambda: Client("a\0b"),
            "a datagram socket": lambda: Client(sock=datagrams),
        }
        for what, call in no_values.items():
            with self.subTest(what), self.assertRaises(ValueError):
                call()
        self.assertEqual((gateway.requests, gateway.connections), ([], []))
        client.unload_models()

    def test_a_request_over_4_mib_is_an_error_of_that_call(self):
        gateway = self.scripted()
        with Client(gateway.path) as client:
            with self.assertRaises(models_gateway.ResourceExhausted) as caught:
                client.models_create_new_model(SeededModel(name="x" * (4 << 20)))
            self.assertEqual((caught.exception.reason, caught.exception.request_sent), ("FRAME_TOO_LARGE", False))
            client.models_create_new_model(SeededModel(name="x" * ((4 << 20) - 200)))
        self.assertEqual([request.method for request in gateway.requests], ["ModelsCreateNewModel"])
        self.assertGreater(len(gateway.requests[0].payload), (4 << 20) - 200)

    def test_what_is_not_ttrpc_is_an_error(self):
        junk = {
            "a large frame": lambda request: request.connection.sendall(b"\xff\xff\xff\xff" + bytes(20)),
            "a data frame": lambda request: request.part(b""),
            "no response": lambda request: request.send(2, 0, b"\xff"),
            "no models": lambda request: request.answer(b"\xff"),
        }
        for what, script in junk.items():
            gateway = self.scripted(script)
            with self.subTest(what), Client(gateway.path) as client:
                with self.assertRaises(models_gateway.ModelsError):
                    client.models_create_new_model()
                gateway.script = lambda request: request.answer()
                client.models_create_new_model()


if __name__ == "__main__":
    unittest.main()
