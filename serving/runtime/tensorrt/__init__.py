"""Engines under TensorRT on a GPU: each shape is captured once as a CUDA graph, then replayed."""
