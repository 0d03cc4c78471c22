"""A multi-model host: it loads a model on its first call and evicts the least recently used one.

The container contract is SageMaker's: `POST /models`, `POST /models/KEY/invoke`,
`DELETE /models/KEY`, and 507 for "no memory". Archives stay on disk after an eviction, so a second
load downloads nothing.
"""

import asyncio
import contextlib
import hashlib
import json
import shutil
import tarfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from local.endpoints.cloud import Unreadable, split, unpack
from local.endpoints.errors import AwsError, model_error, runtime_validation
from local.endpoints.hosts import triton
from local.endpoints.hosts.http import Answer
from local.endpoints.hosts.keeper import Keeper
from local.endpoints.hosts.memory import instance_bytes, used_by
from local.endpoints.hosts.models import Book, Held
from local.endpoints.hosts.order import Order
from local.endpoints.hosts.server import Means, Placement

TARGET = "x-amzn-sagemaker-target-model"
OVERHEAD_BYTES = 40 << 20  # a Python backend process that has loaded nothing
NO_MEMORY = 507
MakeOrder = Callable[[Path, Path, Mapping[str, str]], Order]
"""Takes interpreter, folder and variables; gives the order for a container of the contract."""


class MultiModelServer:
    """One Triton that holds as many of a prefix's models as its memory allows."""

    def __init__(
        self, placement: Placement, means: Means, make_order: MakeOrder = triton.order
    ) -> None:
        settings = means.settings
        budget = settings.memory_bytes or int(
            instance_bytes(placement.instance_type) * settings.memory_share
        )
        self.book = Book(budget)
        self.placement = placement
        self._means = means
        self._make_order = make_order
        self._keeper = Keeper(placement, means, self._order)
        self._folder = settings.state / "endpoints" / self._keeper.identity
        self._loading: dict[str, asyncio.Task[Held]] = {}
        self._leaving: dict[str, asyncio.Future[None]] = {}
        self._measured: dict[str, int] = {}
        self._room = asyncio.Lock()
        self._keeper.restarted = self._forget_all

    async def start(self) -> None:
        """Bring the host up, with no model in it."""
        await self._keeper.start()

    async def stop(self) -> None:
        """Take the host down and remove its files."""
        for task in self._loading.values():
            task.cancel()
        await self._keeper.stop()
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)

    def describe(self) -> dict[str, object]:
        """Return the KServe address for `tritonclient`, the processes, and the models in memory."""
        host = self._keeper.host
        return {
            "server": "triton",
            "kserve": f"127.0.0.1:{host.ports.get(triton.KSERVE_PORT, 0)}",
            "pid": host.pid,
            "log": str(host.log),
            "models": self.book.names(),
            "memory_budget_bytes": self.book.budget,
        }

    async def invoke(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Answer with the model that the caller names, which is loaded first where need be."""
        name = headers.get(TARGET, "").lstrip("/")
        if not name:
            raise runtime_validation(
                "Target model was not specified: an endpoint with multiple models needs TargetModel"
            )
        if ".." in name.split("/"):
            raise runtime_validation(f"Target model {name} leads out of the endpoint's prefix")
        deadline = time.monotonic() + self._means.settings.invoke_seconds
        answer = Answer(404, {}, b"")
        for _ in range(3):  # the container may have lost the model, or need room to run it
            model = await self._loaded(name, deadline)
            with _busy(model):
                left = max(0.001, deadline - time.monotonic())
                path = f"/models/{model.key}/invoke"
                answer = await self._keeper.invoke(path, body, headers, left)
            if answer.status == 404:
                self.book.drop(model)
            elif answer.status != NO_MEMORY or not await self._evict_one():
                break
        if answer.status >= 400:
            raise model_error(answer.status, answer.body, str(self._keeper.host.log))
        return answer

    async def _loaded(self, name: str, deadline: float) -> Held:
        """Return the model once the container has it, or give up waiting at the deadline."""
        model = self.book.touch(name)
        hit = model is not None and model.ready
        self._means.put("ModelCacheHit", float(hit), "None")
        if model is not None and hit:
            return model
        waiting = time.monotonic()
        if name not in self._loading:
            self._loading[name] = asyncio.create_task(self._load(name))
            self._loading[name].add_done_callback(lambda task: self._end_load(name, task))
        task = self._loading[name]
        try:
            return await asyncio.wait_for(asyncio.shield(task), deadline - waiting)
        except TimeoutError:
            raise AwsError(
                "ModelNotReadyException",
                f"Model for the target {name} is not ready for inference yet. Please try again.",
                429,
            ) from None
        finally:
            self._means.put_seconds("ModelLoadingWaitTime", time.monotonic() - waiting)

    def _end_load(self, name: str, task: "asyncio.Task[Held]") -> None:
        self._loading.pop(name, None)
        if not task.cancelled():
            task.exception()  # every caller may have given up waiting, which is no fault to report

    async def _load(self, name: str) -> Held:
        """Download a model, make room for it, and have the container load it."""
        if name in self._leaving:
            await self._leaving[name]
        url = self.placement.location + name
        key = hashlib.sha256(url.encode()).hexdigest()[:32]
        folder = self._folder / "models" / key / "model"
        started = time.monotonic()
        size = await self._means.in_loader(self._download, url, folder)
        self._means.put_seconds("ModelDownloadingTime", time.monotonic() - started)
        model = Held(name, key, folder, self._measured.get(name, size + OVERHEAD_BYTES))
        async with self._room:
            if model.size > self.book.budget:
                raise self._too_big(model)
            while self.book.over(model.size) and await self._evict_one():
                pass
            self.book.hold(model)
        try:
            await self._post(model)
            await self._weigh(model)
        except BaseException:
            self.book.drop(model)
            raise
        model.ready = True
        self._note_models()
        return model

    async def _post(self, model: Held) -> None:
        """Have the container load a model, evicting others while it says it has no room."""
        order = json.dumps({"model_name": model.key, "url": str(model.folder)}).encode()
        started = time.monotonic()
        while True:
            answer = await self._keeper.ask(
                "POST", "/models", order, {TARGET: model.name}, self._means.settings.load_seconds
            )
            if answer.status != NO_MEMORY or not await self._evict_one():
                break
        if answer.status not in (200, 409):  # 409: the container has it already
            raise model_error(answer.status, answer.body, str(self._keeper.host.log))
        self._means.put_seconds("ModelLoadingTime", time.monotonic() - started)

    async def _weigh(self, model: Held) -> None:
        """Replace a model's estimated size by what its processes take; evict what that costs."""
        measured = await self._means.in_loader(used_by, self._keeper.host.pid, model.key)
        if measured:
            model.size = self._measured[model.name] = measured
        if model.size > self.book.budget:
            await self._unload(model)
            raise self._too_big(model)
        while self.book.over() and await self._evict_one():
            pass

    async def _evict_one(self) -> bool:
        """Unload the least recently used model; tells whether there was one to unload."""
        victim = self.book.next_victim()
        if victim is None:
            return False
        victim.ready = False
        await self._unload(victim)
        return True

    async def _unload(self, model: Held) -> None:
        started = time.monotonic()
        gone = asyncio.get_running_loop().create_future()
        self._leaving[model.name] = gone
        path, seconds = f"/models/{model.key}", self._means.settings.load_seconds
        try:
            await self._keeper.ask("DELETE", path, b"", {TARGET: model.name}, seconds)
        finally:
            self.book.drop(model)
            del self._leaving[model.name]
            gone.set_result(None)
        self._means.put_seconds("ModelUnloadingTime", time.monotonic() - started)
        self._note_models()

    def _forget_all(self) -> None:
        self.book.clear()
        self._note_models()

    def _note_models(self) -> None:
        self._means.put("LoadedModelCount", len(self.book.names()), "None")
        self._means.publish()

    def _download(self, url: str, folder: Path) -> int:
        """Fetch and unpack an archive unless it lies there; returns the bytes of its files."""
        if folder.exists():
            return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        folder.parent.mkdir(parents=True, exist_ok=True)
        archive, partial = folder.with_name("archive"), folder.with_name("partial")
        shutil.rmtree(partial, ignore_errors=True)
        try:
            self._means.cloud.fetch(self.placement.role, self.placement.scope[1], url, archive)
            size = unpack(archive, partial)
        except Unreadable:
            bucket, path = split(url)
            raise runtime_validation(
                f"Failed to download model data(bucket: {bucket}, key: {path}). Please ensure that "
                "there is an object located at the URL and that the role passed to CreateModel has "
                "permissions to download the model."
            ) from None
        except (tarfile.TarError, EOFError, OSError) as error:
            raise runtime_validation(f"Unable to unpack the model at {url}: {error}") from error
        finally:
            archive.unlink(missing_ok=True)
        partial.rename(folder)
        return size

    def _order(self) -> Order:
        self._folder.mkdir(parents=True, exist_ok=True)
        more = self.placement.variables()
        return self._make_order(self._means.settings.python, self._folder, more)

    def _too_big(self, model: Held) -> AwsError:
        text = (
            f"Model {model.name} needs {model.size >> 20} MiB of memory; the host has "
            f"{self.book.budget >> 20} MiB for all its models"
        )
        return model_error(NO_MEMORY, text.encode(), str(self._keeper.host.log))


@contextlib.contextmanager
def _busy(model: Held) -> Iterator[None]:
    model.busy += 1
    try:
        yield
    finally:
        model.busy -= 1
