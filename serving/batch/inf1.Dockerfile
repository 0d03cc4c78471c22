# The duplicates batch on Inf1: AWS's container, which has the framework and the runtime; never built
# nor run on a chip. Build from the repository's root:
#   docker build -f serving/batch/inf1.Dockerfile --build-arg IMAGE_TAG=... -t slipway/batch-inf1:... .
ARG BASE=public.ecr.aws/neuron/pytorch-inference-neuron:1.13.1-neuron-py310-sdk2.20.2-ubuntu20.04
FROM ${BASE}

ARG IMAGE_TAG
ENV SLIPWAY_IMAGE_TAG=${IMAGE_TAG} \
    PYTHONUNBUFFERED=1

WORKDIR /srv/slipway
COPY serving/batch/requirements-neuron.txt requirements.txt
RUN python3 -m pip install --no-cache-dir --no-deps --require-hashes -r requirements.txt
COPY serving/__init__.py serving/built_for.py serving/
COPY serving/runtime serving/runtime
COPY serving/batch serving/batch

# The only place it writes to; the root file system may be read-only.
VOLUME ["/tmp"]
# Not a user of its own: it runs as root, as on the CPU, where a Processing job's folders are root's.
# The base's own entry point would start TorchServe.
ENTRYPOINT []
CMD ["python3", "-m", "serving.batch"]
