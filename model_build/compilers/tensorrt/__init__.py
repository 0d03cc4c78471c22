"""TensorRT engines for NVIDIA GPUs; see README.md."""
