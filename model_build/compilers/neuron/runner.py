"""Runs inside AWS's frozen container, under its own Python: compiles TorchScript for the chip.

`python runner.py REQUEST.json`. It imports torch and the Neuron framework alone, and is kept to
what its Python 3.10 understands. The request:
  {"framework": "torch_neuron", "trace": [{"source", "target", "shapes", "dtypes"}],
   "compiler_args": [...], "separate_weights": false, "dynamic_batch": false, "workdir": "..."}
`--versions FRAMEWORK COMPILER` prints what is installed, as JSON.
"""

import importlib
import json
import sys
import time
from pathlib import Path
from typing import Any


def versions(framework: str, compiler: str) -> dict[str, str]:
    """Return the versions of torch, of the framework and of the compiler; errors as text."""
    found = {"python": f"{sys.version_info[0]}.{sys.version_info[1]}"}
    for name in ("torch", framework, compiler):
        try:
            found[name] = getattr(importlib.import_module(name), "__version__", "unknown")
        except Exception as error:  # placeholders raise what they like
            found[name] = f"missing: {error}"
    return found


def keywords(request: dict[str, Any]) -> dict[str, Any]:
    """Return the framework's keyword arguments for a request, in its own words.

    torch_neuron.trace(model, example_inputs, *, compiler_args, compiler_workdir, fallback,
        dynamic_batch_size, separate_weights)
        Source: aws-neuron-sdk, archive/torch-neuron/api-compilation-python-api.rst.
    torch_neuronx.trace(func, example_inputs, *_, compiler_args, compiler_workdir,
        inline_weights_to_neff)
        Source: aws-neuron-sdk, torch-neuronx api-torch-neuronx-trace.rst.
    """
    common = {
        "compiler_args": request["compiler_args"],
        "compiler_workdir": request["workdir"],
    }
    if request["framework"] == "torch_neuron":
        return dict(
            common,
            fallback=True,
            dynamic_batch_size=request["dynamic_batch"],
            separate_weights=request["separate_weights"],
        )
    return dict(common, inline_weights_to_neff=not request["separate_weights"])


def compile_all(request: dict[str, Any]) -> dict[str, float]:
    """Compile every shape of a request and return the seconds that each took."""
    import torch

    class Wrapped(torch.nn.Module):
        """What is traced: tracing a loaded script by itself would return it as it is."""

        def __init__(self, inner: Any) -> None:
            super().__init__()
            self.inner = inner

        def forward(self, *inputs: Any) -> Any:
            """Call the script."""
            return self.inner(*inputs)

    framework: Any = importlib.import_module(request["framework"])
    load: Any = torch.jit.load
    seconds = {}
    for item in request["trace"]:
        started = time.time()
        module = Wrapped(load(item["source"])).eval()
        inputs = tuple(
            torch.ones(shape, dtype=getattr(torch, dtype))
            for shape, dtype in zip(item["shapes"], item["dtypes"], strict=True)
        )
        compiled = framework.trace(module, inputs, **keywords(request))
        if request["dynamic_batch"] and request["framework"] == "torch_neuronx":
            compiled = framework.dynamic_batch(compiled)
        torch.jit.save(compiled, item["target"])
        seconds[item["target"]] = round(time.time() - started, 1)
        print(f"compiled {item['target']} in {seconds[item['target']]} s", flush=True)
    return seconds


if __name__ == "__main__":
    if sys.argv[1] == "--versions":
        print(json.dumps(versions(*sys.argv[2:4])))
    else:
        compile_all(json.loads(Path(sys.argv[1]).read_text()))
