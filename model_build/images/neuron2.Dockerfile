# What compiles for Inf2: the toolchain for Inf2, in AWS's own image.
# Build from the repository's root:
#   docker build -f model_build/images/neuron2.Dockerfile --build-arg IMAGE_TAG=... -t slipway/neuron2:... .
# Two Pythons: ours reads the catalog and measures, the image's traces and compiles.
ARG BASE=public.ecr.aws/neuron/pytorch-inference-neuronx:2.9.0-neuronx-py312-sdk2.31.1-ubuntu24.04
FROM ${BASE}

ARG IMAGE_TAG
# An index whose torch is the one for CPUs; without it, pip takes the one of its own index.
ARG TORCH_INDEX
ENV SLIPWAY_IMAGE_TAG=${IMAGE_TAG} \
    PYTHONUNBUFFERED=1

WORKDIR /opt/slipway
COPY requirements/installer.txt requirements/runtime.txt requirements/files.txt requirements/
COPY serving/torchserve/requirements-neuron.txt requirements/neuron.txt
# The toolchain's Python, whatever it is called, before ours takes its place on the path.
RUN ln -s "$(command -v python3)" /usr/local/bin/neuron-python \
    && neuron-python -m pip install --no-cache-dir --require-hashes -r requirements/installer.txt \
    && neuron-python -m pip install --no-cache-dir --no-deps --require-hashes -r requirements/neuron.txt \
    && uv venv --python 3.11 /opt/slipway/venv \
    && uv pip install --no-cache --python /opt/slipway/venv --require-hashes -r requirements/runtime.txt \
    && uv pip install --no-cache --python /opt/slipway/venv --no-deps --require-hashes -r requirements/files.txt \
    && uv pip install --no-cache --python /opt/slipway/venv ${TORCH_INDEX:+--index-url "${TORCH_INDEX}"} torch==2.13.0
ENV PATH=/opt/slipway/venv/bin:${PATH} \
    SLIPWAY_NEURON_PYTHON=/usr/local/bin/neuron-python
# CodeBuild runs builds as root and mounts their sources for it: the container ends with the build.
ENTRYPOINT []
