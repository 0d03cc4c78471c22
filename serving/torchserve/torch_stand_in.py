"""Packed as `torch.py`: TorchServe imports torch only to ask whether an answer is a tensor.

Ours never is, and without the real torch each worker is about 130 MB smaller and starts sooner.
"""


class Tensor:
    """No value is an instance of this."""
