# The query intent service on Inf2: AWS's container, which has the framework and the runtime; never
# built nor run on a chip. Build from the repository's root:
#   docker build -f serving/intent/inf2.Dockerfile --build-arg IMAGE_TAG=... -t slipway/intent-inf2:... .
ARG BASE=public.ecr.aws/neuron/pytorch-inference-neuronx:2.9.0-neuronx-py312-sdk2.31.1-ubuntu24.04
FROM ${BASE}

ARG IMAGE_TAG
ENV SLIPWAY_IMAGE_TAG=${IMAGE_TAG} \
    PYTHONUNBUFFERED=1

WORKDIR /srv/slipway
COPY serving/intent/requirements-neuron.txt requirements.txt
RUN python3 -m pip install --no-cache-dir --no-deps --require-hashes -r requirements.txt
COPY serving/__init__.py serving/built_for.py serving/
COPY serving/runtime serving/runtime
COPY serving/intent serving/intent

RUN useradd --uid 10001 --create-home --home-dir /home/slipway slipway
USER 10001
# The only place it writes to; the root file system may be read-only.
VOLUME ["/tmp"]
EXPOSE 8080
# The base's own entry point would start TorchServe.
ENTRYPOINT []
CMD ["python3", "-m", "serving.intent"]
