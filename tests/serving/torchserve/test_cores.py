"""Which NeuronCores each worker gets: real archives' configuration, real locks, no chip."""

import contextlib
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from serving.torchserve import cores
from serving.torchserve.cores import NoCores

CLAIM = """
import os, sys
from pathlib import Path
from serving.torchserve import cores
taken = cores.claim(sys.argv[1], os.environ, Path(sys.argv[2]))
cores.see_only(taken)
print(taken, os.environ.get(cores.VISIBLE), flush=True)
sys.stdin.read()
"""


def archive(store: Path, name: str, workers: int, **handler: object) -> None:
    with zipfile.ZipFile(store / f"{name}.mar", "w") as made:
        config = {"minWorkers": workers, "maxWorkers": workers, "handler": handler}
        made.writestr(cores.CONFIG, json.dumps(config))


@pytest.fixture
def devices(tmp_path: Path) -> Path:
    """The device files of a machine with one chip."""
    folder = tmp_path / "dev"
    folder.mkdir()
    for name in ("neuron0", "neuron-monitor", "null"):
        (folder / name).touch()
    return folder


@pytest.fixture
def store(tmp_path: Path) -> Path:
    folder = tmp_path / "store"
    folder.mkdir()
    return folder


def test_a_chip_is_a_numbered_device_file(devices: Path):
    assert cores.chips(devices) == 1
    (devices / "neuron11").touch()
    assert cores.chips(devices) == 2


def test_only_a_neuron_engine_beside_a_chip_ran_on_one(devices: Path, tmp_path: Path):
    assert cores.ran_on("neuron", devices) == "neuron"
    assert cores.ran_on("neuron", tmp_path) == "cpu"
    assert cores.ran_on("onnxruntime", devices) == "cpu"


def test_every_worker_of_every_archive_has_cores_of_its_own(store: Path, devices: Path):
    archive(store, "pictures", workers=2, cores=1)
    archive(store, "moderation", workers=1, cores=2)
    archive(store, "on-the-cpu", workers=3, threads=1)

    told = cores.variables(store, devices)

    assert json.loads(told[cores.VARIABLE]) == {"moderation": ["0-1"], "pictures": ["2", "3"]}


def test_archives_that_name_no_cores_ask_for_no_chip(store: Path, tmp_path: Path):
    archive(store, "on-the-cpu", workers=3, threads=1)

    assert cores.variables(store, tmp_path) == {}


def test_more_cores_than_there_are_is_refused_by_name(store: Path, devices: Path):
    archive(store, "pictures", workers=3, cores=1)
    archive(store, "texts", workers=1, cores=4)

    with pytest.raises(NoCores) as caught:
        cores.variables(store, devices)

    assert str(caught.value) == (
        "7 NeuronCores are asked for (pictures 3 x 1, texts 1 x 4: workers x cores), there are 4:"
        " lower options.instances or options.neuron.cores of a row, or take a larger instance"
    )


def test_without_a_list_nothing_is_claimed_and_nothing_hidden(tmp_path: Path, monkeypatch):
    monkeypatch.delenv(cores.VISIBLE, raising=False)

    cores.see_only(cores.claim("texts", {}, tmp_path))

    assert cores.VISIBLE not in cores.os.environ


def test_a_worker_sees_its_own_cores_and_leaves_them_to_its_successor(tmp_path: Path):
    told = json.dumps({"texts": ["0", "1-2"]})

    with worker(tmp_path, told) as first:
        assert said(first) == "0 0"
        with worker(tmp_path, told) as second:
            assert said(second) == "1-2 1-2"
            with pytest.raises(NoCores, match=r"texts: all its cores \(0, 1-2\) are taken"):
                cores.claim("texts", {cores.VARIABLE: told}, tmp_path)
        with worker(tmp_path, told) as successor:
            assert said(successor) == "1-2 1-2"


@contextlib.contextmanager
def worker(folder: Path, told: str) -> Iterator[subprocess.Popen]:
    """Start a process that claims cores of the model `texts`, and kill it in the end."""
    root = Path(__file__).resolve().parents[3]
    with subprocess.Popen(
        [sys.executable, "-c", CLAIM, "texts", str(folder)],
        env={cores.VARIABLE: told, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def said(process: subprocess.Popen) -> str:
    return process.stdout.readline().strip()
