"""Archives for g5, read by the schema of Triton's own client."""

import tarfile
from pathlib import Path

import pytest
from google.protobuf import text_format

from catalog.spec import TargetOptions
from model_build.package import package
from model_build.package.pbtxt import to_text
from model_build.package.triton_parts import batching
from tests.model_build.package import g5

schema = pytest.importorskip("tritonclient.grpc.model_config_pb2")


def parsed(name: str, tmp_path: Path, **options: int) -> tuple[dict, set[str]]:
    """Each part's configuration by its name, and the names of all files."""
    spec = g5.row(name)
    target = spec.target("g5")
    target = target.model_copy(update={"options": target.options.model_copy(update=options)})
    directory = g5.compiled(tmp_path / "compiled", name)
    archive = package(spec, target, directory, tmp_path / "out")
    configs, names = {}, set()
    with tarfile.open(archive) as opened:
        for item in opened:
            names.add(item.name)
            if item.name.endswith("config.pbtxt"):
                text = opened.extractfile(item).read().decode()
                configs[item.name.split("/")[0]] = text_format.Parse(text, schema.ModelConfig())
    return configs, names


@pytest.mark.parametrize("name", ["embedding", "duplicates"])
def test_an_encoder_runs_in_tritons_tensorrt_backend(name, tmp_path):
    configs, files = parsed(name, tmp_path)
    engine = configs[f"{name}--model"]

    assert engine.platform == "tensorrt_plan"
    assert f"{name}--model/1/model.plan" in files
    assert f"{name}--model/1/model.py" not in files
    assert f"{name}--model/1/artifact/model.plan" not in files
    (group,) = engine.instance_group
    assert group.kind == schema.ModelInstanceGroup.KIND_GPU
    assert (list(group.gpus), group.count) == ([0], 2)
    assert list(group.profile) == ["0", "1", "2", "3"]
    assert all(not item.allow_ragged_batch for item in engine.input)
    assert list(engine.output[0].dims) != [-1]  # the backend compares it with the engine's


def test_every_batch_and_length_is_captured_and_warmed_up(tmp_path):
    configs, _ = parsed("embedding", tmp_path)
    engine = configs["embedding--model"]

    graphs = engine.optimization.cuda
    assert graphs.graphs
    shapes = {(1, 16), (2, 16), (4, 16), (1, 32), (2, 32), (4, 32)}
    captured = {
        (item.batch_size, length)
        for item in graphs.graph_spec
        for length in {shape.dim[0] for shape in item.input.values()}
    }
    assert captured == shapes
    warmed = {(item.batch_size, item.inputs["input_ids"].dims[0]) for item in engine.model_warmup}
    assert warmed == shapes
    assert all(item.inputs["input_ids"].zero_data for item in engine.model_warmup)


def test_a_batch_of_any_size_replays_the_graph_of_the_next_size_up(tmp_path):
    configs, _ = parsed("embedding", tmp_path)

    specs = configs["embedding--model"].optimization.cuda.graph_spec
    spans = sorted((spec.graph_lower_bound.batch_size, spec.batch_size) for spec in specs)
    assert spans == [(1, 1), (1, 1), (2, 2), (2, 2), (3, 4), (3, 4)]  # of either length
    for spec in specs:
        assert spec.graph_lower_bound.input["input_ids"] == spec.input["input_ids"]


def test_profiles_of_more_rows_than_a_request_may_have_are_left_out(tmp_path):
    configs, _ = parsed("embedding", tmp_path, max_batch=1)

    (group,) = configs["embedding--model"].instance_group
    assert list(group.profile) == ["0", "2"]  # of batch 1; the others begin at 2


def test_what_waited_too_long_at_the_engine_is_refused_by_a_last_part(tmp_path):
    configs, files = parsed("embedding", tmp_path)

    steps = configs["embedding"].ensemble_scheduling.step
    names = [step.model_name for step in steps]
    assert names == ["embedding--tokenize", "embedding--model", "embedding--answer"]
    assert configs["embedding--answer"].backend == "python"
    assert "embedding--answer/1/model.py" in files
    assert list(steps[2].output_map) == ["EMBEDDING"]


def test_a_seq2seqs_engines_are_driven_in_python_on_the_gpu(tmp_path):
    configs, files = parsed("spelling-t5", tmp_path)

    assert configs["spelling-t5--model"].backend == "python"
    parts = {name: config for name, config in configs.items() if "--" in name}
    kinds = {name: config.instance_group[0].kind for name, config in parts.items()}
    groups = schema.ModelInstanceGroup
    assert kinds == {
        "spelling-t5--model": groups.KIND_GPU,
        "spelling-t5--drive": groups.KIND_CPU,
    }
    places = {f"spelling-t5--model/1/artifact/{name}.plan" for name in ("encoder", "step")}
    assert places <= files


@pytest.mark.parametrize(("name", "waits"), [("embedding", "model"), ("spelling-t5", "drive")])
def test_requests_wait_for_company_once_and_no_queue_has_a_policy(name, waits, tmp_path):
    configs, _ = parsed(name, tmp_path)

    parts = [config for part, config in configs.items() if part != name]
    # Triton's batcher stalls with one
    assert not any(part.dynamic_batching.HasField("default_queue_policy") for part in parts)
    delays = {
        part: config.dynamic_batching.max_queue_delay_microseconds
        for part, config in configs.items()
        if config.dynamic_batching.max_queue_delay_microseconds
    }
    assert delays == {f"{name}--{waits}": 300}


def test_a_queues_policy_is_written_where_the_target_asks_for_it():
    options = TargetOptions(max_queue=7, queue_timeout_us=20_000)

    text = to_text({"name": "a", **batching(options)})

    policy = text_format.Parse(text, schema.ModelConfig()).dynamic_batching.default_queue_policy
    assert (policy.max_queue_size, policy.default_timeout_microseconds) == (7, 20_000)
    assert policy.timeout_action == schema.ModelQueuePolicy.REJECT
    assert policy.allow_timeout_override
