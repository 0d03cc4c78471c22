"""`python -m ops release-context`: writes what `cdk deploy -c release=FILE` reads.

A build project names the bucket and the key in its environment; elsewhere the deployed stacks name
the environment's own. A release is the same in both, since it is named by its digest. Signatures
and digests are checked here, so that synth can trust its input.
"""

import argparse
import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import boto3

from catalog.bucket import Bucket, CorruptArtifact, MissingObject
from catalog.envelope import BadSignature
from catalog.release import ReleaseContext
from catalog.signature import kms_verify
from lambdas.common.documents import chip_evidence, read_release
from ops.account import Account, NotDeployed

EXPECTED = (MissingObject, CorruptArtifact, BadSignature, NotDeployed)


def read_context(environment: str, release: str) -> ReleaseContext:
    """Return a release with its manifests.

    Raises:
        MissingObject, CorruptArtifact, BadSignature: A document is not there or not as signed.
        NotDeployed: Neither the settings nor the stacks say where releases are.
    """
    bucket = os.environ.get("SLIPWAY_ARTIFACT_BUCKET")
    key = os.environ.get("SLIPWAY_SIGNING_KEY")
    if not bucket or not key:
        return Account().context(environment, release)
    verify = kms_verify(boto3.client("kms"), key)
    store = Bucket(bucket, boto3.client("s3"))
    found = read_release(store, release, verify)
    return replace(found, chip=chip_evidence(store, found.all, verify))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument("--environment", required=True, help="where it will be deployed")
    parser.add_argument("--release", required=True, help="the release's digest")
    parser.add_argument("--out", type=Path, default=Path("release.json"), help="the file")


def run(arguments: argparse.Namespace) -> int:
    """Write the file; on failure say why in a line and return 1."""
    try:
        context = read_context(arguments.environment, arguments.release.removeprefix("sha256:"))
    except EXPECTED as error:
        print(f"release-context: {error}", file=sys.stderr)
        return 1
    arguments.out.write_text(json.dumps(context.to_json(), indent=1, sort_keys=True) + "\n")
    models = ", ".join(sorted(context.manifests))
    print(f"wrote {arguments.out}: release {context.hex[:12]} of {models}")
    return 0


def main(argv: list[str]) -> int:
    """Parse the arguments and run."""
    parser = argparse.ArgumentParser(prog="python -m ops release-context", description=__doc__)
    add_arguments(parser)
    return run(parser.parse_args(argv))
