"""The Neuron compiler: Inf1 as frozen as AWS left it, Inf2 as one more row of the same table.

Two interpreters take part. Ours (this one) knows the model: it chooses which parts stay in FP32,
and writes TorchScript. AWS's, in the frozen container, knows the chip: `runner.py` runs there, with
nothing but torch and the Neuron packages, and compiles what it is given.
"""
