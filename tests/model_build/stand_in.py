"""Packages with Neuron's names and documented signatures, for tests: nothing compiles for a chip.

A call with other words than AWS documents is a TypeError. Sources (AWS Neuron documentation; pages
of torch-neuron are archived, "no longer officially supported", 2026-03-11):
  torch_neuron.trace          archive/torch-neuron/api-compilation-python-api
  torch_neuron.DataParallel   archive/torch-neuron/api-torch-neuron-dataparallel-api
  torch_neuronx.trace         frameworks/torch/torch-neuronx/api-reference-guide/inference/
                              api-torch-neuronx-trace (2.28.1 and later)
  torch_neuronx.DataParallel  .../api-torch-neuronx-data-parallel
  torch_neuronx.dynamic_batch .../api-torch-neuronx-trace, "Dynamic Batching"
"""

import sys
from pathlib import Path

COMPILER_OF = {"torch_neuron": "neuroncc", "torch_neuronx": "neuronxcc"}

_PARALLEL = """
class DataParallel(torch.nn.Module):
    def __init__(self, model, device_ids=None, dim=0{more}):
        super().__init__()
        self.model, self.device_ids, self.batch = model, device_ids, None
        _say(call="DataParallel", device_ids=device_ids)
    def disable_dynamic_batching(self):
        _say(call="disable_dynamic_batching")
    def forward(self, *args):
        assert args[0].shape[0] % len(self.device_ids) == 0, "batch / cores"
        return self.model(*args)
"""
_HEAD = """
import json, os, torch
__version__ = "{version}"
def _say(**told):
    with open(os.environ["CALLS"], "a") as calls:
        calls.write(json.dumps(told) + chr(10))
"""
# Documented as trace(model, example_inputs, **kwargs) with exactly these keywords.
_NEURON = """
def trace(model, example_inputs, *, compiler_args=None, compiler_workdir=None,
          dynamic_batch_size=False, fallback=True, minimum_segment_size=2, optimizations=None,
          separate_weights=False, single_fusion_ratio_threshold=0.6,
          subgraph_builder_function=None, subgraph_inputs_pruning=True, verbose="INFO"):
    _say(call="trace", shapes=[list(item.shape) for item in example_inputs],
         compiler_args=compiler_args, dynamic_batch_size=dynamic_batch_size, fallback=fallback,
         separate_weights=separate_weights)
    {body}
    return torch.jit.trace(model, example_inputs)
"""
_NEURONX = """
def trace(func, example_inputs, *_, input_output_aliases={{}}, compiler_workdir=None,
          compiler_args=None, partitioner_config=None, inline_weights_to_neff=True,
          cpu_backend=False):
    assert not _, "keywords only"
    _say(call="trace", shapes=[list(item.shape) for item in example_inputs],
         compiler_args=compiler_args, inline_weights_to_neff=inline_weights_to_neff)
    {body}
    return torch.jit.trace(func, example_inputs)
def dynamic_batch(neuron_script):
    _say(call="dynamic_batch")
    return neuron_script
"""
_TEXT = {
    "torch_neuron": _HEAD + _NEURON + _PARALLEL.replace("{more}", ""),
    "torch_neuronx": _HEAD + _NEURONX + _PARALLEL.replace("{more}", ", set_dynamic_batching=True"),
}


def write_packages(folder: Path, framework: str, version: str, body: str = "pass") -> None:
    """Write a framework and its compiler below a folder; `body` runs in each trace."""
    text = _TEXT[framework].format(version=version, body=body)
    for name in (framework, COMPILER_OF[framework]):
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text(text)


def forget() -> None:
    """Drop what was imported of them."""
    for framework, compiler in COMPILER_OF.items():
        sys.modules.pop(framework, None)
        sys.modules.pop(compiler, None)
