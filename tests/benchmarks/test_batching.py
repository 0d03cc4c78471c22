"""What is compared, and judged, of dynamic batching; the server is a stand-in."""

import time
from pathlib import Path

from benchmarks import batching
from catalog.load import load_models
from tests.serving import tiny


class Batching:
    """Answers as fast as the `max_batch` of what was loaded allows."""

    def __init__(self) -> None:
        self.loaded: list[str] = []

    def load(self, archive: Path) -> str:
        self.loaded.append(archive.name)
        return archive.name.partition(".")[0]

    def asker(self, _model: str):
        pause = 0.004 if len(self.loaded) == 1 else 0.001
        return lambda _rows: time.sleep(pause)


def test_the_same_model_is_served_without_batching_and_with_the_rows(tmp_path):
    spec = load_models()["embedding"]
    compiled = tiny.encoder(tmp_path / "compiled", "embedding", "embedding")
    server = Batching()

    rows = batching.compare(spec, spec.target("cpu"), compiled, server, 0.1)

    assert [row["max_batch"] for row in rows] == [1, spec.target("cpu").options.max_batch]
    assert server.loaded == ["embedding.tar.gz"] * 2
    assert rows[1]["p50_ms"] < rows[0]["p50_ms"]


def test_the_target_is_for_a_gpu():
    spec = load_models()["embedding"]
    rows = [
        {"max_batch": 1, "throughput": 100.0, "p99_ms": 30.0},
        {"max_batch": 32, "throughput": 350.0, "p99_ms": 12.0},
    ]

    documents = {name: batching.report(spec, spec.target(name), rows) for name in ("cpu", "g5")}

    assert {name: made["judged"] for name, made in documents.items()} == {"cpu": False, "g5": True}
    assert (documents["g5"]["gain"], documents["g5"]["p99_lower"]) == (3.5, True)
