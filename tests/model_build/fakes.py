"""A model small enough for tests: its row, and the steps that `build` it in no time."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from catalog.artifact import Evidence, Example, FileEntry, Manifest, Measurement
from catalog.environment import Environment
from catalog.goals import judge
from catalog.spec import ModelSpec
from model_build.gates import report
from model_build.golden import GoldenSet
from model_build.steps import Steps

ROW = {
    "name": "speller",
    "description": "Corrects.",
    "task": "seq2seq",
    "family": "t5",
    "stands_for": "t5-small",
    "source": {"weights": "weights/speller", "sha256": "0" * 64, "recipe": "speller"},
    "limits": {"max_input_tokens": 16, "max_output_tokens": 16, "buckets": [8, 16]},
    "targets": [{"accelerator": "cpu", "instance": "ml.c7i.xlarge"}],
    "serve": {"kind": "endpoint", "name": "search"},
    "gates": {
        "golden": "words",
        "metrics": {"exact_match": {"max_degradation": 0.01}, "p99_ms": {"threshold": 50}},
    },
    "examples": ["helo"],
}

GOLDEN = GoldenSet("words", "seq2seq", ("helo",), ("hello",), "sha256:aa", "MIT")


def row(**changes) -> ModelSpec:
    return ModelSpec.model_validate({**ROW, **changes})


def environment(instance: str = "ml.c7i.xlarge") -> Environment:
    return Environment.model_validate(
        {
            "name": "dev",
            "account": "000000000000",
            "region": "us-east-1",
            "network": {"cidr": "10.0.0.0/16", "zones": ["us-east-1a", "us-east-1b"]},
            "endpoints": {"search": {"instance": instance}},
            "services": {"intent": {"cpu_units": 256, "memory_mib": 512}},
            "approval": False,
            "alarms": {"p99_ms": 100, "error_percent": 1},
            "retention": {"log_days": 7, "noncurrent_days": 7},
        }
    )


@dataclass
class FakeCompiled:
    directory: Path
    engine: str = "ctranslate2"
    precision: str = "int8"
    alternatives: tuple = ({"engine": "onnxruntime"},)
    twin: Path | None = None


@dataclass
class FakeFactory:
    """Steps that count compiler calls; models named in `inaccurate` fail their gates."""

    inaccurate: set = field(default_factory=set)
    broken: set = field(default_factory=set)
    golden: GoldenSet = GOLDEN
    compiled: list = field(default_factory=list)
    crash: Exception = field(default_factory=lambda: RuntimeError("the compiler crashed"))
    expected: tuple = ()
    search: Callable = None
    load: float = 0.5

    def steps(self) -> Steps:
        return Steps(
            load_source=lambda spec, root: spec.name,
            compile=self._compile,
            golden=lambda name: replace(self.golden, name=name),
            gate=self._gate,
            report=report,
            package=self._package,
            examples=lambda spec, directory, golden: (Example("helo", "hello"),),
            search=self.search,
            expected=self.expected,
            baseline=self._baseline,
        )

    def _compile(self, spec, target, source, workdir):
        self.compiled.append(spec.name)
        if spec.name in self.broken:
            raise self.crash
        workdir.mkdir()
        (workdir / "model.json").write_text(spec.name)
        return FakeCompiled(workdir)

    def _gate(self, spec, target, source, directory, golden, twin):
        matched = 0.5 if spec.name in self.inaccurate else 0.9
        measurements = (
            Measurement("exact_match", matched, 100, source=0.9),
            Measurement("p99_ms", 20.0, 100, source=80.0),
        )
        verdicts = tuple(
            judge(spec.gates.metrics[item.metric], item)
            for item in measurements
            if item.metric in spec.gates.metrics
        )
        worst = [{"input": "helo", "expected": "hello", "source": "hello", "compiled": "halo"}]
        conditions = {"worst": worst, "load_average": self.load}
        return Evidence(
            golden.name, golden.digest, {"cores": 2}, conditions, measurements, verdicts
        )

    def _baseline(self, golden, directory, folder):
        path = folder / "baseline" / "statistics.json"
        path.parent.mkdir()
        path.write_text(f"{golden.name} {(directory / 'model.json').read_text()}")
        return [path]

    def _package(self, spec, target, directory, out):
        archive = out / f"{spec.name}.tar.gz"
        archive.write_bytes((directory / "model.json").read_bytes())
        return archive


def manifest(archive: FileEntry, key: str = "a" * 64, **changes) -> Manifest:
    evidence = Evidence("words", "sha256:aa", {}, {}, (), ())
    made = Manifest(
        model="speller",
        task="seq2seq",
        family="t5",
        accelerator="cpu",
        architecture="x86-64-v4",
        precision="int8",
        engine="ctranslate2",
        key=key,
        key_inputs={},
        toolchain={},
        runtime_image="slipway/triton:0123456789abcdef",
        serve={"kind": "endpoint", "name": "search"},
        archive=archive,
        files=(),
        evidence=evidence,
        examples=(Example("helo", "hello"),),
        provenance={"commit": "c"},
    )
    return replace(made, **changes)
