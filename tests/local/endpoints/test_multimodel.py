"""What SageMaker documents of multi-model hosts, on a container that does as it is told."""

import asyncio
import io
import json
import sys
import tarfile
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from local.endpoints.cloud import Unreadable
from local.endpoints.errors import AwsError
from local.endpoints.hosts.multimodel import OVERHEAD_BYTES, TARGET, MultiModelServer
from local.endpoints.hosts.order import Order
from local.endpoints.hosts.server import Means, Placement
from local.endpoints.settings import Settings

SCOPE = ("111122223333", "us-east-1")
MIB = 1 << 20


class Shelf:
    """A store of archives by URL, which notes what was fetched."""

    def __init__(self) -> None:
        self.archives: dict[str, bytes] = {}
        self.fetched: list[str] = []

    def add(self, name: str, size: int = 0, load_seconds: float = 0) -> str:
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=1) as archive:
            for path, data in (
                ("behaviour.json", json.dumps({"load_seconds": load_seconds}).encode()),
                ("weights", bytes(size)),
            ):
                entry = tarfile.TarInfo(path)
                entry.size = len(data)
                archive.addfile(entry, io.BytesIO(data))
        self.archives[f"s3://models/{name}"] = packed.getvalue()
        return name

    def fetch(self, role: str, region: str, url: str, target: Path) -> None:
        if url not in self.archives:
            raise Unreadable(url)
        self.fetched.append(url)
        target.write_bytes(self.archives[url])


def container(python: Path, folder: Path, more: dict[str, str]) -> Order:
    program = str(Path(__file__).with_name("container.py"))
    path = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin"}
    return Order([str(python), "-I", "-S", program], {**path, **more}, str(folder), [8080])


@asynccontextmanager
async def serving(
    folder: Path, shelf: Shelf, *, budget: int = 1024 * MIB, slots: int = 9, seconds: float = 10
) -> AsyncIterator[MultiModelServer]:
    settings = Settings(
        "", folder, Path(sys.executable), folder, memory_bytes=budget, invoke_seconds=seconds
    )
    placement = Placement(
        SCOPE, "search", "main", "ml.g5.xlarge", "role", "image:1", "s3://models/",
        {"SLOTS": str(slots)},
    )  # fmt: skip
    with ThreadPoolExecutor(8) as threads:
        means = Means(settings, shelf, lambda *_: None, lambda: None, threads, threads)
        server = MultiModelServer(placement, means, container)
        await server.start()
        try:
            yield server
        finally:
            await server.stop()


async def ask(server: MultiModelServer, model: str, text: str = "hello") -> str:
    return (await server.invoke(text.encode(), {TARGET: model})).body.decode()


async def eventually(server: MultiModelServer, model: str) -> str:
    """Ask until the host is back."""
    deadline = time.monotonic() + 10
    while True:
        try:
            return await ask(server, model)
        except AwsError as error:
            if error.code != "ServiceUnavailable" or time.monotonic() > deadline:
                raise
        await asyncio.sleep(0.05)


async def refusal(server: MultiModelServer, model: str, text: str = "hello") -> AwsError:
    with pytest.raises(AwsError) as caught:
        await ask(server, model, text)
    return caught.value


def test_models_beyond_the_memory_evict_the_least_recently_used(tmp_path):
    async def scene() -> None:
        shelf = Shelf()
        first, second, third = (shelf.add(name, 10 * MIB) for name in ("first", "second", "third"))
        async with serving(tmp_path, shelf, budget=2 * (OVERHEAD_BYTES + 11 * MIB)) as server:
            for model in (first, second, first, third):
                assert await ask(server, model) == "hello"
            assert server.book.names() == [first, third]

            await ask(server, second)

        assert server.book.names() == [third, second]
        assert len(shelf.fetched) == 3  # an evicted model stays on disk

    asyncio.run(scene())


def test_a_container_that_is_full_has_a_model_taken_away_and_is_asked_again(tmp_path):
    async def scene() -> None:
        shelf = Shelf()
        models = [shelf.add(name) for name in ("first", "second")]
        async with serving(tmp_path, shelf, slots=1) as server:
            for model in models:
                assert await ask(server, model) == "hello"
            assert server.book.names() == ["second"]

    asyncio.run(scene())


def test_a_model_larger_than_the_host_is_refused_before_it_is_loaded(tmp_path):
    async def scene() -> None:
        shelf = Shelf()
        small, large = shelf.add("small"), shelf.add("large", 60 * MIB)
        async with serving(tmp_path, shelf, budget=OVERHEAD_BYTES + 50 * MIB) as server:
            await ask(server, small)
            refused = await refusal(server, large)

            assert (refused.code, refused.details["OriginalStatusCode"]) == ("ModelError", 507)
            assert server.book.names() == [small]

    asyncio.run(scene())


def test_a_model_that_loads_longer_than_a_call_may_last_goes_on_loading(tmp_path):
    async def scene() -> None:
        shelf = Shelf()
        slow = shelf.add("slow", load_seconds=1.0)
        async with serving(tmp_path, shelf, seconds=0.6) as server:
            refused = await refusal(server, slow)
            assert (refused.code, refused.status) == ("ModelNotReadyException", 429)

            assert await ask(server, slow) == "hello"

        assert len(shelf.fetched) == 1

    asyncio.run(scene())


def test_an_answer_that_takes_too_long_is_the_models_error(tmp_path):
    async def scene() -> None:
        shelf = Shelf()
        model = shelf.add("model")
        async with serving(tmp_path, shelf, seconds=0.5) as server:
            await ask(server, model)
            refused = await refusal(server, model, "sleep 2")

            assert refused.code == "ModelError"
            assert "timed out" in refused.message

    asyncio.run(scene())


def test_callers_that_come_together_load_a_model_once(tmp_path):
    async def scene() -> None:
        shelf = Shelf()
        model = shelf.add("model", load_seconds=0.2)
        async with serving(tmp_path, shelf) as server:
            answers = await asyncio.gather(*(ask(server, model, str(n)) for n in range(5)))

        assert answers == ["0", "1", "2", "3", "4"]
        assert len(shelf.fetched) == 1

    asyncio.run(scene())


def test_a_crashed_host_is_replaced_and_loads_its_models_again(tmp_path):
    async def scene() -> None:
        shelf = Shelf()
        model = shelf.add("model")
        async with serving(tmp_path, shelf) as server:
            crashed = await refusal(server, model, "exit")
            assert (crashed.code, crashed.status) == ("ServiceUnavailable", 503)

            assert await eventually(server, model) == "hello"

    asyncio.run(scene())


def test_a_call_without_a_model_or_out_of_the_prefix_is_refused(tmp_path):
    async def scene() -> None:
        async with serving(tmp_path, Shelf()) as server:
            for model in ("", "../prod/model.tar.gz"):
                assert (await refusal(server, model)).code == "ValidationError"

    asyncio.run(scene())
