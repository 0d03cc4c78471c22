"""What runs on a chip's host, in AWS's frozen interpreter: it asks a model, and writes down.

It judges nothing: metrics and verdicts are made where the gates are, of what it wrote. It is kept
to Python 3.10, numpy and what `serving.runtime` needs.
"""
