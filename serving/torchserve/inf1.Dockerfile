# TorchServe for the `ads` endpoint on Inf1: AWS's frozen container, which has torch-neuron, the
# runtime, Java and TorchServe 0.11; never built nor run on a chip. Build from the repository's root:
#   docker build -f serving/torchserve/inf1.Dockerfile --build-arg IMAGE_TAG=... -t slipway/torchserve-inf1:... .
# TorchServe is unmaintained: it lives in this image alone, and only its inference port is open.
ARG BASE=public.ecr.aws/neuron/pytorch-inference-neuron:1.13.1-neuron-py310-sdk2.20.2-ubuntu20.04
FROM ${BASE}

ARG IMAGE_TAG
ENV SLIPWAY_IMAGE_TAG=${IMAGE_TAG} \
    PYTHONUNBUFFERED=1

WORKDIR /srv/slipway
COPY serving/torchserve/requirements-neuron.txt requirements.txt
RUN python3 -m pip install --no-cache-dir --no-deps --require-hashes -r requirements.txt
COPY serving/__init__.py serving/__init__.py
COPY serving/torchserve/__init__.py serving/torchserve/__main__.py serving/torchserve/cores.py serving/torchserve/config.properties serving/torchserve/log4j2.xml serving/torchserve/

# TorchServe writes its logs below the working directory.
RUN useradd --uid 10001 --create-home --home-dir /home/slipway slipway \
    && install -d -o slipway /srv/slipway/logs
USER 10001
EXPOSE 8080
ENTRYPOINT ["python3", "-m", "serving.torchserve"]
