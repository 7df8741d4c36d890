"""clients.md, section 4: what is counted, and how Prometheus reads it."""

import json
import os
import shutil
import socket
import subprocess
import time
import unittest
import urllib.parse
import urllib.request

from support import door, envelope, wire
from support.case import EndToEndTest
from support.connection import PATIENCE
from support.discovery import NOBODY, DiscoveryTest
from support.envelope import CONTROL
from support.gateway import Gateway
from support.grpc_client import GRPCClient, message, request_head
from support.messages import StatusResponse
from support.service_manager import activation, close_all
from support.upstream import Held, answering
from support.wires import over_both_wires, ttrpc_only

METHODS = {
    "pieces.models.v1.ModelsService/": (
        "ModelsSnapshot StreamModelsSnapshot ModelsCreateNewModel ModelsDeleteSpecificModel "
        "ModelsDeleteSpecificModelCache UnloadModels"
    ),
    "pieces.gateway.v1.Control/": "Cancel Status",
    "grpc.health.v1.Health/": "Check List Watch",
    "grpc.reflection.v1.ServerReflection/": "ServerReflectionInfo",
    "grpc.reflection.v1alpha.ServerReflection/": "ServerReflectionInfo",
}
NAMES = [service + name for service, names in METHODS.items() for name in names.split()]
CODES = (
    "OK CANCELLED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS PERMISSION_DENIED "
    "RESOURCE_EXHAUSTED FAILED_PRECONDITION ABORTED OUT_OF_RANGE UNIMPLEMENTED INTERNAL UNAVAILABLE DATA_LOSS "
    "UNAUTHENTICATED"
).split()
REASONS = (
    "FRAME_TOO_LARGE BAD_REQUEST UNKNOWN_METHOD POLICY_DENIED LIMIT_REACHED SHUTTING_DOWN DEADLINE_EXCEEDED CANCELLED "
    "UPSTREAM_UNREACHABLE UPSTREAM_NOT_READY UPSTREAM_CONNECTION_LOST UPSTREAM_HTTP_STATUS UPSTREAM_BAD_HTTP "
    "UPSTREAM_BAD_JSON UPSTREAM_TOO_LARGE UPSTREAM_QUEUE_FULL ANSWER_TOO_LARGE"
).split()
MODELS = "pieces.models.v1.ModelsService/"


class MetricsTest(EndToEndTest):
    def samples(self, gateway) -> dict[str, float]:
        return door.ask(gateway.path, "/metrics").samples()

    def value(self, gateway, name: str) -> float:
        return self.samples(gateway)[f"models_gateway_{name}"]

    def wait_for(self, gateway, name: str, value: float) -> None:
        end = time.monotonic() + PATIENCE
        while (now := self.value(gateway, name)) != value:
            self.assertLess(time.monotonic(), end, f"{name} is {now}, not {value}")


class PageTests(MetricsTest):
    def test_all_series_are_there_from_the_start(self):
        gateway = self.gateway(self.upstream())
        samples = self.samples(gateway)
        expected = {f'calls_started_total{{method="{name}"}}' for name in NAMES}
        expected |= {f'calls_handled_total{{method="{name}",code="{code}"}}' for name in NAMES for code in CODES}
        expected |= {f'errors_total{{reason="{reason}"}}' for reason in REASONS}
        expected |= {f'{name}{{socket="{gateway.path}"}}' for name in ("client_connections", "policy_denied_total")}
        expected |= {f'upstream_connections{{state="{state}"}}' for state in ("connecting", "busy", "idle")}
        reasons = ("policy", "connections", "connections_per_user")
        expected |= {f'connections_refused_total{{reason="{reason}"}}' for reason in reasons}
        expected |= {f'memo_requests_total{{result="{result}"}}' for result in ("hit", "miss")}
        expected |= set(
            "calls_in_flight client_received_bytes_total client_sent_bytes_total client_unread_bytes upstream_up "
            "upstream_waiting_calls upstream_discoveries_total snapshot_shared_answers_total".split()
        )
        for histogram in ("call_duration_seconds", "upstream_request_duration_seconds"):
            expected |= {f"{histogram}_sum", f"{histogram}_count"}
        ours = {name.removeprefix("models_gateway_") for name in samples if name.startswith("models_gateway_")}
        others = {name for name in ours if "_bucket" in name or name.startswith("build_info")}
        self.assertEqual(ours - others, expected)
        self.assertEqual(
            {name for name in samples if name.startswith("process_")},
            {
                "process_cpu_seconds_total", "process_resident_memory_bytes", "process_virtual_memory_bytes",
                "process_start_time_seconds", "process_open_fds", "process_max_fds",
            },
        )
        self.assertEqual(
            {name: value for name, value in samples.items() if "_total" in name and name.startswith("models_") and value},
            {"models_gateway_client_received_bytes_total": len(door.request("/metrics"))},
        )

    def test_buckets_go_from_a_tenth_of_a_millisecond_to_30_seconds(self):
        samples = self.samples(self.gateway(self.upstream()))
        for histogram in ("call", "upstream_request"):
            prefix = f'models_gateway_{histogram}_duration_seconds_bucket{{le="'
            bounds = [name.removeprefix(prefix)[:-2] for name in samples if name.startswith(prefix)]
            self.assertEqual((bounds[0], bounds[-2], bounds[-1]), ("0.0001", "30", "+Inf"))
            self.assertEqual(bounds[:-1], sorted(bounds[:-1], key=float))

    def test_promtool_is_content(self):
        gateway = self.gateway(self.upstream())
        self.client(gateway).call("ModelsSnapshot")
        page = door.ask(gateway.path, "/metrics").body
        check = subprocess.run(["promtool", "check", "metrics"], input=page, capture_output=True, check=False)
        self.assertEqual((check.returncode, check.stdout, check.stderr), (0, b"", b""))

    def test_what_the_process_takes(self):
        gateway = self.gateway(self.upstream())
        before = time.time()
        samples = self.samples(gateway)
        self.assertTrue(before - PATIENCE < samples["process_start_time_seconds"] <= before)
        self.assertGreater(samples["process_cpu_seconds_total"], 0)
        self.assertGreater(samples["process_virtual_memory_bytes"], samples["process_resident_memory_bytes"])
        self.assertGreater(samples["process_resident_memory_bytes"], 1 << 20)
        self.assertEqual(samples["process_open_fds"], gateway.descriptors() + 1)
        self.assertGreater(samples["process_max_fds"], samples["process_open_fds"])

    def test_the_label_of_a_socket_is_its_path_as_it_is(self):
        directory = self.directory() / 'a "quoted\\name"'
        directory.mkdir()
        gateway = self.gateway(self.upstream(), "--listen", f"path={directory / 's'},allow=read")
        path = str(directory / "s").replace("\\", "\\\\").replace('"', '\\"')
        self.assertEqual(self.value(gateway, f'client_connections{{socket="{path}"}}'), 0)
        self.assertEqual(self.value(gateway, f'client_connections{{socket="{gateway.path}"}}'), 1)

    def test_the_label_of_a_socket_that_was_passed_on_is_its_path(self):
        path = str(self.directory() / "passed.sock")
        with socket.socket(socket.AF_UNIX) as passed:
            passed.bind(path)
            passed.listen()
            manager = activation([passed], names="models")
            self.addCleanup(close_all, manager["passed"])
            gateway = Gateway("--upstream", self.upstream().url, **manager)
            self.addCleanup(gateway.stop)
            samples = door.ask(path, "/metrics").samples()
        sockets = {name for name in samples if "socket=" in name}
        names = ("client_connections", "policy_denied_total")
        self.assertEqual(sockets, {f'models_gateway_{name}{{socket="{path}"}}' for name in names})


class CountingTest(MetricsTest):
    def setUp(self):
        self.up = self.upstream()
        self.served = self.gateway(self.up)
        self.one = self.client(self.served)

    def assert_counts(self, **expected: float):
        samples = self.samples(self.served)
        for name, value in expected.items():
            self.assertEqual(samples[f"models_gateway_{name}"], value, name)

    def assert_errors(self, **expected: int):
        """What the page says of errors, and Status."""
        self.assert_counts(**{f'errors_total{{reason="{reason}"}}': expected.get(reason, 0) for reason in REASONS})
        status = StatusResponse.FromString(self.assert_ok(self.one.call("Status", service=CONTROL)))
        self.assertEqual({error.reason: error.count for error in status.errors}, expected)

    def method_counts(self, name: str) -> tuple[float, dict[str, float]]:
        """How often a method was started, and how it ended."""
        samples = self.samples(self.served)
        handled = {code: samples[f'models_gateway_calls_handled_total{{method="{name}",code="{code}"}}'] for code in CODES}
        started = samples[f'models_gateway_calls_started_total{{method="{name}"}}']
        return started, {code: count for code, count in handled.items() if count}


@over_both_wires
class CountingTests(CountingTest):
    def test_calls_are_counted_by_method_and_code(self):
        for _ in range(3):
            self.assert_ok(self.one.call("UnloadModels"))
        self.up.script = answering("no", 404)
        self.one.call("UnloadModels")
        self.assertEqual(self.method_counts(MODELS + "UnloadModels"), (4, {"OK": 3, "NOT_FOUND": 1}))
        self.assert_counts(
            **{'errors_total{reason="UPSTREAM_HTTP_STATUS"}': 1},
            call_duration_seconds_count=4,
            upstream_request_duration_seconds_count=4,
            calls_in_flight=0,
            upstream_up=1,
        )

    @ttrpc_only
    def test_streams_and_the_gateways_own_calls_are_counted_too(self):
        self.one.stream()
        self.assert_ok(self.one.cancel(99))
        self.assert_ok(self.one.call("Check", service="grpc.health.v1.Health"))
        for name in (MODELS + "StreamModelsSnapshot", "pieces.gateway.v1.Control/Cancel", "grpc.health.v1.Health/Check"):
            self.assertEqual(self.method_counts(name), (1, {"OK": 1}), name)

    def test_what_is_refused_is_started_and_handled_but_an_unknown_method_is_only_an_error(self):
        self.one.call("ModelsCreateNewModel", b"\xff")
        self.one.call("NoSuchMethod")
        self.assertEqual(
            self.method_counts(MODELS + "ModelsCreateNewModel"), (1, {"INVALID_ARGUMENT": 1})
        )
        samples = self.samples(self.served)
        self.assertEqual(sum(v for n, v in samples.items() if n.startswith("models_gateway_calls_started")), 1)
        self.assert_counts(
            **{'errors_total{reason="BAD_REQUEST"}': 1, 'errors_total{reason="UNKNOWN_METHOD"}': 1}
        )

    def test_errors_of_requests_are_counted_and_told_by_status(self):
        self.served = self.gateway(self.up, "--max-request", "1000")
        self.one = self.client(self.served)
        self.assertEqual(self.one.call("UnloadModels", bytes(2_000)).reason, "FRAME_TOO_LARGE")
        self.assertEqual(self.one.call("NoSuchMethod").reason, "UNKNOWN_METHOD")
        for _ in range(2):
            self.assertEqual(self.one.call("UnloadModels", b"\xff").reason, "BAD_REQUEST")
        self.assertEqual(self.one.call("UnloadModels", timeout_nano=-1).reason, "DEADLINE_EXCEEDED")
        self.assert_errors(FRAME_TOO_LARGE=1, UNKNOWN_METHOD=1, BAD_REQUEST=2, DEADLINE_EXCEEDED=1)

    @ttrpc_only
    def test_errors_of_frames_and_envelopes_are_counted(self):
        self.one.send(wire.frame(2, wire.REQUEST, 0, b""))
        self.one.response(2)
        self.one.send(wire.frame(self.one.use_id(), wire.REQUEST, 0, b"\xff"))
        self.one.response(1)
        self.one.send(wire.frame(self.one.use_id(), wire.REQUEST, 0, b"x" * (4 * 1024 * 1024 + 1)))
        self.one.response(3)
        self.assert_counts(
            **{'errors_total{reason="BAD_REQUEST"}': 2, 'errors_total{reason="FRAME_TOO_LARGE"}': 1}
        )

    def test_a_denied_call_is_counted_at_its_socket(self):
        path = str(self.directory() / "read.sock")
        self.served = self.gateway(self.up, "--listen", f"path={path},allow=read")
        client = self.client_type(path)
        self.addCleanup(client.close)
        client.call("UnloadModels")
        self.assertEqual(self.method_counts(MODELS + "UnloadModels"), (1, {"PERMISSION_DENIED": 1}))
        self.assert_counts(
            **{
                f'policy_denied_total{{socket="{path}"}}': 1,
                f'policy_denied_total{{socket="{self.served.path}"}}': 0,
                f'client_connections{{socket="{path}"}}': 1,
                f'client_connections{{socket="{self.served.path}"}}': 1,
                'errors_total{reason="POLICY_DENIED"}': 1,
            }
        )

    def test_what_is_under_way_is_a_gauge(self):
        held = Held()
        self.served = self.gateway(self.upstream(held), "--max-upstream-connections", "1")
        client = self.client(self.served)
        calls = [client.request("UnloadModels") for _ in range(3)]
        self.wait_for(self.served, 'upstream_connections{state="busy"}', 1)
        self.assert_counts(calls_in_flight=3, upstream_waiting_calls=2, **{'upstream_connections{state="idle"}': 0})
        held.release(3)
        for call in calls:
            client.response(call)
        self.assert_counts(calls_in_flight=0, upstream_waiting_calls=0, **{'upstream_connections{state="idle"}': 1})
        client.close()
        self.wait_for(self.served, f'client_connections{{socket="{self.served.path}"}}', 1)

    def test_calls_that_nobody_waits_for_any_more_are_cancelled(self):
        held = Held()
        upstream = self.upstream(held)
        self.served = self.gateway(upstream)
        client = self.client(self.served)
        client.request("UnloadModels")
        upstream.wait_for_requests(1)
        client.close()
        held.wait_until_given_up()
        self.assertEqual(self.method_counts(MODELS + "UnloadModels"), (1, {"CANCELLED": 1}))

    @ttrpc_only
    def test_what_a_client_has_not_read_is_counted_until_it_has(self):
        self.up.script = answering('{"iterable":[{"description":"%s"}]}' % ("d" * 3_000_000))
        call = self.one.request("ModelsSnapshot")
        self.one.wait_until_answered()
        unread = self.value(self.served, "client_unread_bytes")
        self.assertTrue(1_000_000 < unread < 4_000_000, unread)
        self.assert_ok(self.one.response(call))
        self.wait_for(self.served, "client_unread_bytes", 0)

    def test_whether_pieces_os_is_up_is_what_it_was_at_last(self):
        self.assert_counts(upstream_up=0)
        self.assert_ok(self.one.call("UnloadModels"))
        self.assert_counts(upstream_up=1)
        self.up.close()
        self.one.call("UnloadModels")
        self.assert_counts(upstream_up=0)

    def test_shared_and_remembered_snapshots_are_counted(self):
        held = Held(answering('{"iterable":[{"id":"a"}]}'))
        upstream = self.upstream(held)
        self.served = self.gateway(upstream)
        client = self.client(self.served)
        first = client.request("ModelsSnapshot")
        upstream.wait_for_requests(1)
        others = [client.request("ModelsSnapshot") for _ in range(4)]
        client.wait_until_read()
        held.release(5)
        for call in (first, *others):
            self.assert_ok(client.response(call))
        samples = self.samples(self.served)
        shared = samples["models_gateway_snapshot_shared_answers_total"]
        self.assertEqual(shared, 5 - len(upstream.requests))
        self.assertEqual(samples['models_gateway_memo_requests_total{result="miss"}'], 1)
        self.assertEqual(samples['models_gateway_memo_requests_total{result="hit"}'], len(upstream.requests) - 1)

    def test_durations_are_those_that_pieces_os_takes(self):
        def late(exchange):
            time.sleep(0.3)
            exchange.answer()

        self.up.script = late
        self.assert_ok(self.one.call("UnloadModels"))
        samples = self.samples(self.served)
        for name in ("call", "upstream_request"):
            prefix = f"models_gateway_{name}_duration_seconds_"
            self.assertEqual(samples[prefix + 'bucket{le="0.25"}'], 0)
            self.assertEqual(samples[prefix + 'bucket{le="30"}'], 1)
            self.assertTrue(0.29 < samples[prefix + "sum"] < PATIENCE)

    @ttrpc_only
    def test_bytes_are_counted_in_both_directions(self):
        before = self.samples(self.served)
        page = len(door.exchange(self.served.path, door.request("/metrics")))
        call = wire.frame(1, wire.REQUEST, 1, envelope.request(envelope.MODELS, "UnloadModels"))
        self.assertEqual(self.one.use_id(), 1)
        self.one.send(call)
        self.assert_ok(self.one.response(1))
        after = self.samples(self.served)
        growth = {
            name: after[f"models_gateway_client_{name}_bytes_total"] - before[f"models_gateway_client_{name}_bytes_total"]
            for name in ("received", "sent")
        }
        self.assertEqual(growth["received"], 2 * len(door.request("/metrics")) + len(call))
        self.assertTrue(page + 10 <= growth["sent"] < 3 * page)

    def test_who_is_turned_away_is_counted(self):
        self.served = self.gateway(self.up, "--max-connections", "1")
        first = self.client(self.served)
        first.other_frames()
        for _ in range(2):
            self.client(self.served).wait_until_closed()
        first.close()
        end = time.monotonic() + PATIENCE
        while not (page := self.page_if_let_in()):
            self.assertLess(time.monotonic(), end)
        refused = door.parse(page).samples()['models_gateway_connections_refused_total{reason="connections"}']
        self.assertGreaterEqual(refused, 2)

    @unittest.skipUnless(os.geteuid() == 0, "only root can be somebody else")
    def test_who_is_turned_away_is_counted_by_the_reason(self):
        options = ("--socket-mode", "0666", "--max-connections-per-uid", "1", "--metrics", "127.0.0.1:0")
        self.served = self.gateway(self.up, *options)
        os.chmod(os.path.dirname(self.served.path), 0o755)
        address = self.served.ready_line.split("metrics=")[1].split()[0]
        self.client(self.served).other_frames()
        for _ in range(2):
            self.client(self.served).wait_until_closed()
        os.seteuid(NOBODY)
        try:
            stranger = self.client(self.served)
        finally:
            os.seteuid(0)
        stranger.wait_until_closed()
        samples = door.ask(address, "/metrics").samples()
        for reason, count in (("policy", 1), ("connections_per_user", 2), ("connections", 0)):
            self.assertEqual(samples[f'models_gateway_connections_refused_total{{reason="{reason}"}}'], count, reason)

    def page_if_let_in(self) -> bytes:
        try:
            return door.exchange(self.served.path, door.request("/metrics"))
        except ConnectionError:
            return b""


class DiscoveryCountTests(MetricsTest, DiscoveryTest):
    def test_every_search_is_counted(self):
        gateway = self.auto()
        client = self.client(gateway)
        self.assertEqual(self.value(gateway, "upstream_discoveries_total"), 0)
        for count in (1, 2):
            self.assert_unreachable(client)
            self.assertEqual(self.value(gateway, "upstream_discoveries_total"), count)
        self.pieces_os(port=39331)
        self.assert_answers(client, "a")
        found = self.value(gateway, "upstream_discoveries_total")
        self.assertGreaterEqual(found, 3)
        for _ in range(3):
            self.assert_answers(client, "a")
        self.assertEqual(self.value(gateway, "upstream_discoveries_total"), found)


class PrometheusTests(MetricsTest):
    def test_prometheus_scrapes_a_loaded_gateway(self):
        gateway = self.gateway(self.upstream(), "--metrics", "127.0.0.1:0")
        address = gateway.ready_line.split("metrics=")[1].split()[0]
        client = self.client(gateway)
        for _ in range(100):
            self.assert_ok(client.call("UnloadModels"))
        directory = self.directory()
        (directory / "prometheus.yml").write_text(
            "global: {scrape_interval: 200ms, scrape_timeout: 200ms}\n"
            f"scrape_configs: [{{job_name: gateway, static_configs: [{{targets: ['{address}']}}]}}]\n"
        )
        port = self.free_port()
        prometheus = subprocess.Popen(
            [
                shutil.which("prometheus"), f"--config.file={directory / 'prometheus.yml'}",
                f"--storage.tsdb.path={directory / 'data'}", f"--web.listen-address=127.0.0.1:{port}",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.addCleanup(prometheus.wait)
        self.addCleanup(prometheus.terminate)
        query = f'models_gateway_calls_handled_total{{method="{MODELS}UnloadModels",code="OK"}}'
        end = time.monotonic() + 3 * PATIENCE
        while (found := self.query(port, query)) != 100:
            self.assertLess(time.monotonic(), end, found)
            time.sleep(0.05)

    def free_port(self) -> int:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            return listener.getsockname()[1]

    def query(self, port: int, query: str) -> float | None:
        url = f"http://127.0.0.1:{port}/api/v1/query?" + urllib.parse.urlencode({"query": query})
        try:
            with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
                result = json.load(answer)["data"]["result"]
        except OSError:
            return None
        return float(result[0]["value"][1]) if result else None


class GRPCErrorsTests(CountingTest):
    client_type = GRPCClient

    def reason(self, field: tuple[str, str] = ("x", "y"), data: bytes = message(b"")) -> str:
        stream_id = self.one.use_id()
        fields = request_head(f"/{MODELS}UnloadModels") + [field]
        self.one.send(self.one.head(stream_id, fields))
        self.one.send_data(stream_id, data)
        return self.one.response(stream_id).reason

    def test_errors_of_heads_and_messages_are_counted_and_told_by_status(self):
        self.assertEqual(self.reason(("x", "x" * 17_000)), "LIMIT_REACHED")
        for text in ("soon", "1s"):
            self.assertEqual(self.reason(("grpc-timeout", text)), "BAD_REQUEST")
        for data in (message(b"", flag=2), message(b"") * 2, b"", message(b"x")[:-1]):
            self.assertEqual(self.reason(data=data), "BAD_REQUEST")
        self.assert_errors(LIMIT_REACHED=1, BAD_REQUEST=6)


if __name__ == "__main__":
    unittest.main()
