"""`python -m model_build onchip`: the whole on-chip suite, by one command on a host with the chip.

It asks every artifact of a release that no chip has proven yet, judges the answers by the gates of
the catalog, and keeps the signed evidence that promotion asks for. Nothing else counts as a chip.
"""

import argparse
import json
import os
from pathlib import Path
from typing import Any

from catalog.artifact import Manifest
from catalog.load import load_models, load_prices

EXIT = {"proven": 0, "not asked": 1, "stopped by a gate": 3}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--release", help="prove every artifact of this release, by its digest")
    which.add_argument("--artifact", nargs="+", help="prove these artifacts, by their digests")
    parser.add_argument("--model", help="prove this model alone")
    parser.add_argument(
        "--environment",
        help="ask this environment's endpoints, which run on the chip, instead of this host",
    )
    parser.add_argument("--out", type=Path, help="a JSON file with the evidence, by model")


def run(arguments: argparse.Namespace) -> int:
    """Prove, print what came of it, and return the exit code."""
    from model_build.cli import Settings
    from model_build.onchip.prove import Prover

    store = Settings.from_environment().store()
    hexes = arguments.artifact or list(store.release(arguments.release).artifacts)
    manifests = {artifact: store.manifest(artifact) for artifact in hexes}
    if arguments.model:
        manifests = {k: m for k, m in manifests.items() if m.model == arguments.model}
    endpoint = _endpoints(arguments.environment) if arguments.environment else lambda _: None
    outcome = Prover(load_models(), store, load_prices(), endpoint).run(manifests)
    if arguments.out:
        document = {name: item.to_json() for name, item in sorted(outcome.evidence.items())}
        arguments.out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    for name, reason in sorted({**outcome.stopped, **outcome.unasked}.items()):
        print(f"not proven: {name}: {reason}")
    print(
        f"onchip: {len(outcome.proven)} proven, {len(outcome.stopped)} stopped,"
        f" {len(outcome.unasked)} not asked"
    )
    if outcome.stopped:
        return EXIT["stopped by a gate"]
    return EXIT["not asked"] if outcome.unasked else EXIT["proven"]


def _endpoints(environment: str) -> Any:
    """Return what finds the endpoint of an artifact, in another account through its role."""
    import boto3

    from model_build.onchip.endpoint import Endpoint

    session = boto3.Session()
    role = os.environ.get("SLIPWAY_OBSERVER_ROLE")
    given = {}
    if role:
        sts: Any = session.client("sts")
        assumed = sts.assume_role(RoleArn=role, RoleSessionName="slipway-onchip")["Credentials"]
        given = {
            "aws_access_key_id": assumed["AccessKeyId"],
            "aws_secret_access_key": assumed["SecretAccessKey"],
            "aws_session_token": assumed["SessionToken"],
        }
    region = os.environ.get("SLIPWAY_OBSERVED_REGION") or session.region_name
    runtime = session.client("sagemaker-runtime", region_name=region, **given)
    sagemaker = session.client("sagemaker", region_name=region, **given)

    def of(manifest: Manifest) -> Endpoint:
        return Endpoint(f"slipway-{environment}-{manifest.serve['name']}", runtime, sagemaker)

    return of
