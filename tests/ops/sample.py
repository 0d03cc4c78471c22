from datetime import UTC, datetime, timedelta

from catalog.artifact import Evidence, Example, FileEntry, Manifest, Measurement, Verdict
from catalog.release import Release, ReleaseContext
from ops.report.facts import Facts, Pointer, Step

START = datetime(2026, 11, 21, tzinfo=UTC)


def manifest(model: str, metric: str) -> Manifest:
    measurements = (
        Measurement(metric, 0.93, 300, source=0.94, low=0.9, high=0.95),
        Measurement("p50_ms", 4.0, 300, source=22.0),
        Measurement("p99_ms", 6.0, 300, source=30.0),
        Measurement("throughput", 250.0, 300, source=45.0),
        Measurement("usd_per_million", 0.12, 300, source=0.9),
        Measurement("speedup", 5.5, 300),
    )
    return Manifest(
        model=model,
        task="seq2seq",
        family="t5",
        accelerator="cpu",
        architecture="x86-64-v4",
        precision="int8",
        engine="ctranslate2",
        key="0" * 64,
        key_inputs={},
        toolchain={},
        runtime_image="slipway/triton:0123456789abcdef",
        serve={"kind": "endpoint", "name": "search"},
        archive=FileEntry(f"{model}.tar.gz", "1" * 64, 10),
        files=(),
        evidence=Evidence(
            golden="g",
            golden_digest="sha256:1",
            machine={"cpu": "Some <CPU>", "cores": 2},
            conditions={},
            measurements=measurements,
            verdicts=(Verdict(metric, {"max_degradation": 0.01}, True, "fine"),),
        ),
        examples=(Example("maby", "maybe"),),
        provenance={},
    )


def facts() -> Facts:
    manifests = {
        "spell": {"cpu": manifest("spell", "exact_match")},
        "embed": {"cpu": manifest("embed", "cosine_mean")},
    }
    models = {name: {"cpu": made["cpu"].digest()} for name, made in manifests.items()}
    release = Release(models, "c" * 40)
    steps = tuple(
        Step(stage, "Run", status, START + timedelta(seconds=at), START + timedelta(seconds=at + 3))
        for at, (stage, status) in enumerate([("Plan", "Succeeded"), ("Build", "Failed")])
    )
    pointers = (Pointer("dev", release.digest(), "none"),)
    return Facts("dev", ReleaseContext(release, manifests), pointers, "execution-1", steps)
