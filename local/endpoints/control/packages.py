"""The model registry: groups of versioned model packages, and who approved them."""

import time

from local.endpoints.control.crud import GROUP, Crud, page
from local.endpoints.control.records import Records
from local.endpoints.control.shapes import Json, output
from local.endpoints.errors import AwsError, validation

KIND = "ModelPackage"
EDITABLE = (
    "ModelApprovalStatus",
    "ApprovalDescription",
    "InferenceSpecification",
    "SourceUri",
    "ModelCard",
    "ModelLifeCycle",
    "ModelPackageRegistrationType",
)


class Packages:
    """Model packages, each kept under its ARN."""

    def __init__(self, records: Records) -> None:
        self.groups = Crud(GROUP, records)
        self._records = records

    def create(self, request: Json) -> Json:
        """Register the next version of a group."""
        if "ModelPackageGroupName" not in request:
            raise validation("Only versioned packages are kept here: name a ModelPackageGroupName.")
        group = self.groups.find(request["ModelPackageGroupName"])
        name = group["ModelPackageGroupName"]
        version = group.get("_Versions", 0) + 1
        group["_Versions"] = version
        arn = self._records.arn("model-package", f"{name}/{version}")
        now = time.time()
        record: Json = {"ModelApprovalStatus": "PendingManualApproval"} | request
        tags = record.pop("Tags", [])
        self._records.of(KIND)[arn] = record | {
            "ModelPackageName": f"{name}/{version}",
            "ModelPackageGroupName": name,
            "ModelPackageVersion": version,
            "ModelPackageArn": arn,
            "ModelPackageStatus": "Completed",
            "ModelPackageStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
            "CreationTime": now,
            "LastModifiedTime": now,
        }
        if tags:
            self._records.of("Tags")[arn] = {tag["Key"]: tag["Value"] for tag in tags}
        return {"ModelPackageArn": arn}

    def update(self, request: Json) -> Json:
        """Approve, reject, or change what is said about a version."""
        record = self.find(request["ModelPackageArn"])
        record |= {name: request[name] for name in EDITABLE if name in request}
        metadata = record.get("CustomerMetadataProperties", {}) | request.get(
            "CustomerMetadataProperties", {}
        )
        for name in request.get("CustomerMetadataPropertiesToRemove", []):
            metadata.pop(name, None)
        if metadata or "CustomerMetadataProperties" in record:
            record["CustomerMetadataProperties"] = metadata
        record["LastModifiedTime"] = time.time()
        return {"ModelPackageArn": record["ModelPackageArn"]}

    def describe(self, request: Json) -> Json:
        """Return one version."""
        return output("DescribeModelPackage", self.find(request["ModelPackageName"]))

    def delete(self, request: Json) -> Json:
        """Forget one version; its number is not given again."""
        arn = self.find(request["ModelPackageName"])["ModelPackageArn"]
        del self._records.of(KIND)[arn]
        self._records.of("Tags").pop(arn, None)
        return {}

    def list_all(self, request: Json) -> Json:
        """Return one page of a group's versions, or of everybody's."""
        wanted = request.get("ModelPackageGroupName", "").rsplit("/", 1)[-1]
        records = [
            record
            for record in self._records.of(KIND).values()
            if not wanted or record["ModelPackageGroupName"] == wanted
        ]
        return page("ListModelPackages", records, request, "ModelPackageArn")

    def delete_group(self, request: Json) -> Json:
        """Forget a group that has no version left."""
        group = self.groups.find(request["ModelPackageGroupName"])
        name = group["ModelPackageGroupName"]
        packages = self._records.of(KIND).values()
        if any(package["ModelPackageGroupName"] == name for package in packages):
            raise AwsError(
                "ConflictException",
                f"Model Package Group {group['ModelPackageGroupArn']} still has model packages.",
            )
        return self.groups.delete({"ModelPackageGroupName": name})

    def find(self, name: str) -> Json:
        """Return a version by its ARN, or by group and number.

        Raises:
            AwsError: There is none.
        """
        known = self._records.of(KIND)
        arn = name if name.startswith("arn:") else self._records.arn("model-package", name)
        if arn not in known:
            raise validation(f"ModelPackage {arn} does not exist.")
        return known[arn]
