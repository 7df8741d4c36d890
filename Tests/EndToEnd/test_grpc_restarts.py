"""Stock clients do not notice that the gateway is started anew behind a socket that somebody else holds."""

import threading

import grpc
from test_service_manager import ServiceManagerTest

from support.upstream import answering

RESTARTS = 5
CALLERS = 8
PATIENCE = 20.0
UNLOAD = "/pieces.models.v1.ModelsService/UnloadModels"


class Caller(threading.Thread):
    """Calls without a pause, on a connection of its own, and neither waits for it nor tries again."""

    def __init__(self, path: str):
        super().__init__(daemon=True)
        self.count = 0
        self.failures: list[str] = []
        self._changed = threading.Condition()
        self._stopped = False
        self._channel = grpc.insecure_channel(f"unix:{path}", options=[("grpc.use_local_subchannel_pool", 1)])
        self._call = self._channel.unary_unary(UNLOAD, lambda _: b"", lambda answer: answer)

    def run(self) -> None:
        while not self._stopped:
            failure = None
            try:
                self._call(None, timeout=PATIENCE)
            except grpc.RpcError as error:
                failure = f"{error.code()} {error.details()}"
            with self._changed:
                self.count += 1
                self.failures += [failure] if failure else []
                self._changed.notify_all()

    def wait_for(self, count: int) -> None:
        """Waits until it has called so many times more."""
        with self._changed:
            goal = self.count + count
            if not self._changed.wait_for(lambda: self.count >= goal, PATIENCE):
                raise TimeoutError("the caller waits for its answer")

    def stop(self) -> None:
        self._stopped = True
        self.join(PATIENCE)
        self._channel.close()


class RestartTests(ServiceManagerTest):
    def test_no_call_fails_while_the_gateway_is_restarted_again_and_again(self):
        path = self.directory() / "gateway.sock"
        listener = self.listener(path)
        upstream = self.upstream(answering(status=204))
        gateway = self.serve([listener], upstream=upstream.url)
        callers = [Caller(str(path)) for _ in range(CALLERS)]
        for caller in callers:
            caller.start()
        for _ in range(RESTARTS):
            for caller in callers:
                caller.wait_for(5)
            gateway.signal()
            self.assertEqual(gateway.wait(), 0)
            gateway = self.serve([listener], upstream=upstream.url)
        for caller in callers:
            caller.wait_for(5)
            caller.stop()
        self.assertEqual([failure for caller in callers for failure in caller.failures], [])
        # Nothing was carried out twice either.
        self.assertEqual(len(upstream.requests), sum(caller.count for caller in callers))
