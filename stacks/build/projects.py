"""The build projects of the model pipeline, as data."""

from collections.abc import Sequence

from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from catalog.environment import Environment
from catalog.pipeline import Pipeline
from stacks import names
from stacks.accounts import Place
from stacks.build import policy
from stacks.build.construct import BuildSpec


def build_specs(
    store: s3.IBucket, key: kms.IKey, pipeline: Pipeline, environments: Sequence[Environment]
) -> list[BuildSpec]:
    """Return what each project runs, on what machine, for how long, with which permissions."""
    places = {item.name: Place(item.account, item.region) for item in environments}
    pointers = [
        place.arn("ssm", "parameter" + names.pointer(name, "release"))
        for name, place in places.items()
    ]
    return [
        BuildSpec(
            name="plan",
            spec="plan",
            description="Finds the (model, target) pairs without an artifact for their key.",
            minutes=10,
            permissions=policy.plan(store, key),
        ),
        BuildSpec(
            name="compile-cpu",
            spec="compile",
            description="Compiles, gates, packages and publishes models for the CPU.",
            minutes=pipeline.builders["cpu"].timeout_minutes,
            # the gate measures latency: on the size that it is stated for
            compute=codebuild.ComputeType.LARGE,
            environment={"ACCELERATOR": "cpu"},
            permissions=policy.compile_models(store, key),
        ),
        BuildSpec(
            name="release",
            spec="release",
            description="Signs the release: which artifact each model is.",
            minutes=10,
            permissions=policy.release(store, key, pointers),
        ),
        BuildSpec(
            name="deploy",
            spec="deploy",
            description="Deploys a release's stacks into one environment.",
            minutes=60,
            compute=codebuild.ComputeType.MEDIUM,
            permissions=policy.deploy(store, key, sorted(set(places.values()))),
        ),
    ]
