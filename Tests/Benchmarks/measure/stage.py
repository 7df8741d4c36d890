"""Everything a measurement needs, running: one upstream, in front of it the gateway, nginx and Envoy, and a gRPC server."""

import dataclasses
import pathlib
import subprocess

from control import Control
from processes import AROUND, MIDDLE, Process, run

BENCHMARKS = pathlib.Path(__file__).resolve().parent.parent
ROOT = BENCHMARKS.parent.parent


@dataclasses.dataclass
class Tools:
    """Where the programs are."""

    gateway: pathlib.Path
    programs: pathlib.Path  # ours in C
    environment: pathlib.Path  # the virtual environment
    nginx: pathlib.Path = pathlib.Path("/usr/sbin/nginx")
    h2load: pathlib.Path = pathlib.Path("/usr/bin/h2load")

    @property
    def python(self):
        return self.environment / "bin/python"

    @property
    def envoy(self):
        # The program itself, not the script that starts it: its CPU time is what is measured.
        return next(self.environment.glob("lib/python3*/site-packages/envoy/_bin/envoy"))


class Stage:
    def __init__(self, tools, directory):
        self.tools = tools
        self.directory = directory
        self.control = Control(directory / "control")
        self.control.answer(models=1)
        self.upstream = Process([tools.programs / "upstream", self.control.path], AROUND, stdout=subprocess.PIPE)
        self.port = int(self.upstream.process.stdout.readline().split()[1])

    def start_gateway(self, name="gateway", options=(), under=(), environment=None):
        """Starts a gateway, `under` another program if one is named, and returns it with the path of its socket."""
        path = self.directory / f"{name}.sock"
        upstream = ["--upstream", f"http://127.0.0.1:{self.port}", "--log-level", "error"]
        gateway = Process(
            [*under, self.tools.gateway, "serve", "--socket", path, *upstream, *options], MIDDLE, env=environment
        )
        gateway.wait_for_socket(path)
        return gateway, path

    def start_nginx(self):
        path = self.directory / "nginx.sock"
        settings = self._fill_in("nginx.conf", SOCKET=path, PORT=self.port)
        nginx = Process([self.tools.nginx, "-p", self.directory, "-c", settings], MIDDLE)
        nginx.wait_for_socket(path)
        return nginx, path

    def start_envoy(self):
        path = self.directory / "envoy.sock"
        contract = ROOT / "Protos/pieces/models/v1/models.proto"
        run([self.tools.python, BENCHMARKS / "measure/annotate.py", contract, self.directory])
        settings = self._fill_in("envoy.yaml", SOCKET=path, PORT=self.port, DESCRIPTORS=self.directory / "models.pb")
        options = ["--concurrency", "1", "--disable-hot-restart", "--log-level", "error"]
        envoy = Process([self.tools.envoy, "--config-path", settings, *options], MIDDLE)
        envoy.wait_for_socket(path, limit=30)
        return envoy, path

    def start_grpc_server(self):
        path = self.directory / "grpc.sock"
        server = Process([self.tools.programs / "grpc_server", path], MIDDLE)
        server.wait_for_socket(path)
        return server, path

    def _fill_in(self, name, **values):
        text = (BENCHMARKS / name).read_text()
        for key, value in values.items():
            text = text.replace(f"@{key}@", str(value))
        path = self.directory / name
        path.write_text(text)
        return path
