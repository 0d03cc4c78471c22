"""Plugs jobs and the state machines that run them into the emulator."""

from local.emulator.extension import Registry
from local.emulator.jobs.processing import ProcessingJobs
from local.emulator.states import integrations, metrics
from local.endpoints.service import SageMaker
from local.paths import workplace


def register(registry: Registry) -> None:
    """Give the local SageMaker its processing jobs."""
    sagemaker = registry.apis["sagemaker"].service
    assert isinstance(sagemaker, SageMaker)  # the parts are registered in order
    sagemaker.add(ProcessingJobs(sagemaker.records, workplace()))
    integrations.install()
    metrics.install()
