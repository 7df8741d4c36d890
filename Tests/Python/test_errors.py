"""How calls fail, and that what they raise can be caught, read and sent on."""

import copy
import os
import pickle
import re
import socket
import unittest

import models_gateway
from models_gateway import Client, Code, ModelsError
from scripted import PackageTest

METADATA = {"operation": "UnloadModels", "request_sent": "true", "hint": "start Pieces OS"}


class ErrorTests(PackageTest):
    def error(self, call):
        with self.assertRaises(ModelsError) as caught:
            call()
        return caught.exception

    def test_there_is_a_class_for_each_code(self):
        gateway = self.scripted()
        client = Client(gateway.path)
        self.assertEqual(sorted(Code), list(range(1, 17)))
        for code in Code:
            gateway.script = lambda request, code=code: request.fail(code, "text", "REASON", METADATA)
            kind = getattr(models_gateway, code.name.title().replace("_", ""))
            error = self.error(client.unload_models)
            self.assertIs(type(error), kind)
            self.assertEqual((error.code, error.message, error.reason), (code, "text", "REASON"))
            self.assertEqual(error.metadata, METADATA)
            self.assertEqual((error.hint, error.request_sent), ("start Pieces OS", True))
            self.assertEqual(isinstance(error, TimeoutError), code == Code.DEADLINE_EXCEEDED)
            self.assertEqual(str(error), f"{code.name} (REASON): text; start Pieces OS")

    def test_what_an_error_does_not_say_is_empty(self):
        gateway = self.scripted(lambda request: request.fail(5))
        error = self.error(Client(gateway.path).unload_models)
        self.assertEqual((error.message, error.reason, error.hint, error.metadata), ("", "", "", {}))
        self.assertIsNone(error.request_sent)

    def test_a_code_that_nobody_knows_is_unknown(self):
        for code in (99, -1):
            gateway = self.scripted(lambda request, code=code: request.fail(code, "text"))
            error = self.error(Client(gateway.path).unload_models)
            self.assertIs(type(error), models_gateway.Unknown)
            self.assertEqual(error.code, Code.UNKNOWN)

    def test_a_stream_ends_with_its_error(self):
        def script(request):
            request.part(b"")
            request.fail(14, "text", "UPSTREAM_CONNECTION_LOST", METADATA)

        with Client(self.scripted(script).path) as client:
            stream = client.stream_models_snapshot()
            next(stream)
            self.assertIs(type(self.error(lambda: next(stream))), models_gateway.Unavailable)
            self.assertEqual(list(stream), [])

    def test_errors_pickle(self):
        errors = [self.error(Client("/nowhere/gateway.sock").unload_models)]
        for name in models_gateway.__all__:
            kind = getattr(models_gateway, name)
            if isinstance(kind, type) and issubclass(kind, ModelsError):
                errors.append(kind("m", reason="R", metadata=METADATA, hint="h", request_sent=False))
        self.assertEqual(len(errors), 1 + 18)
        for error in errors:
            for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
                self.assertIs(type(again), type(error))
                self.assertEqual(again.__dict__, error.__dict__)
                self.assertEqual((str(again), again.args, again.code), (str(error), error.args, error.code))

    def test_messages_pickle(self):
        for message in (models_gateway.Model(name="n"), models_gateway.StatusResponse(version="v")):
            message = pickle.loads(pickle.dumps(message))
            self.assertIn(message, [models_gateway.Model(name="n"), models_gateway.StatusResponse(version="v")])


class UnreachableTests(PackageTest):
    def assert_unreachable(self, path, *patterns):
        with Client(path) as client, self.assertRaises(models_gateway.Unavailable) as caught:
            client.unload_models()
        error = caught.exception
        self.assertIsInstance(error, ConnectionError)
        self.assertIs(error.request_sent, False)
        self.assertNotEqual(error.hint, "")
        for pattern in (f"at {re.escape(str(path))}: ", *patterns):
            self.assertRegex(str(error), pattern)
        self.assertEqual(str(pickle.loads(pickle.dumps(error))), str(error))

    def test_a_socket_that_is_not_there(self):
        self.assert_unreachable(self.directory() / "gateway.sock", "no such socket", "models-gateway serve")
        self.assert_unreachable("", "models-gateway serve")
        self.assert_unreachable("/tmp/" + "x" * 200, "long", "models-gateway serve")

    def test_a_socket_that_nobody_listens_at(self):
        path = self.directory() / "gateway.sock"
        with socket.socket(socket.AF_UNIX) as sock:
            sock.bind(str(path))
        self.assert_unreachable(path, "nobody listens", "models-gateway serve")

    def test_a_file_that_is_no_socket(self):
        path = self.directory() / "gateway.sock"
        path.write_text("")
        self.assert_unreachable(path, "not a socket", "MODELS_GATEWAY_SOCKET")

    @unittest.skipIf(os.geteuid() != 0, "only root can become somebody else")
    def test_access_that_is_refused(self):
        directory = self.directory()
        gateway = self.scripted(path=str(directory / "gateway.sock"))
        code = """
import os, sys, models_gateway
os.setgroups([]), os.setgid(65534), os.setuid(65534)
try:
    models_gateway.Client(sys.argv[1]).unload_models()
except ConnectionError as error:
    print(type(error).__name__, error)
"""
        directory.chmod(0o700)
        printed = self.run_python(code, gateway.path)
        self.assertRegex(printed, f"^Unreachable UNAVAILABLE: .*{gateway.path}: access is refused")
        self.assertIn(f"{directory} belongs to user 0 and has mode 0700", printed)
        directory.chmod(0o755)
        os.chmod(gateway.path, 0o600)
        self.assertIn(f"{gateway.path} belongs to user 0 and has mode 0600", self.run_python(code, gateway.path))

    def test_a_gateway_that_hangs_up_on_everybody_is_not_asked_for_ever(self):
        gateway = self.scripted(lambda request: request.connection.shutdown(socket.SHUT_RDWR))
        with Client(gateway.path) as client:
            for call, count in ((client.unload_models, 1), (client.models_snapshot, 3)):
                before = len(gateway.requests)
                with self.assertRaises(ConnectionError) as caught:
                    call()
                self.assertIs(caught.exception.request_sent, True)
                self.assertEqual(len(gateway.requests) - before, count)


if __name__ == "__main__":
    unittest.main()
