"""Packed as `torch.py`: TorchServe imports torch only to ask whether an answer is a tensor.

Ours never is, and without the real torch a worker takes a quarter of the memory and starts sooner.
"""


class Tensor:
    """No value is an instance of this."""
