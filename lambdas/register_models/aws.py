"""Groups and versions in the SageMaker Model Registry."""

from collections.abc import Mapping

from lambdas.common import clients


def make_missing_groups(wanted: Mapping[str, str]) -> list[str]:
    """Make the groups that are not there yet, and return them.

    Args:
        wanted: What each group is for, by its name.
    """
    sagemaker = clients.client("sagemaker")
    pages = sagemaker.get_paginator("list_model_package_groups")
    known = {
        item["ModelPackageGroupName"]
        for page in pages.paginate(NameContains="slipway-")
        for item in page["ModelPackageGroupSummaryList"]
    }
    missing = [name for name in wanted if name not in known]
    for name in missing:
        sagemaker.create_model_package_group(
            ModelPackageGroupName=name, ModelPackageGroupDescription=wanted[name]
        )
    return missing


def registered(group: str) -> dict[str, str]:
    """Return a group's versions: description -> ARN."""
    pages = clients.client("sagemaker").get_paginator("list_model_packages")
    return {
        item.get("ModelPackageDescription", ""): item["ModelPackageArn"]
        for page in pages.paginate(ModelPackageGroupName=group)
        for item in page["ModelPackageSummaryList"]
    }


def register(group: str, description: str, properties: Mapping[str, str]) -> str:
    """Add an approved version and return its ARN; its gates have approved it already."""
    made = clients.client("sagemaker").create_model_package(
        ModelPackageGroupName=group,
        ModelPackageDescription=description,
        ModelApprovalStatus="Approved",
        CustomerMetadataProperties=dict(properties),
    )
    return str(made["ModelPackageArn"])
