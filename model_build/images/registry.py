"""Amazon ECR: which images it holds, and what its scans found in them."""

import base64
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

WAIT_S = 20 * 60.0
POLL_S = 5.0


class ScanFailed(Exception):
    """The registry could not scan an image, so nobody knows what is in it."""


@dataclass(frozen=True)
class Finding:
    """One vulnerability that a scan found."""

    id: str
    severity: str
    package: str


class Registry:
    """The repositories `slipway/<runtime>`."""

    def __init__(self, ecr: Any, *, wait_s: float = WAIT_S, poll_s: float = POLL_S) -> None:
        self._ecr = ecr
        self._wait_s = wait_s
        self._poll_s = poll_s

    def digest(self, runtime: str, tag: str) -> str | None:
        """Return the digest of a tag; None if the repository has no such tag."""
        try:
            found = self._ecr.describe_images(
                repositoryName=f"slipway/{runtime}", imageIds=[{"imageTag": tag}]
            )["imageDetails"]
        except ClientError as error:
            if error.response["Error"]["Code"] == "ImageNotFoundException":
                return None
            raise
        return str(found[0]["imageDigest"]) if found else None

    def logins(self, registries: Mapping[str, str]) -> dict[str, str]:
        """Return a password for each registry, by its address; both take the same user, `AWS`.

        Args:
            registries: The account of each registry, by its address.
        """
        answer = self._ecr.get_authorization_token(registryIds=sorted(set(registries.values())))
        found = {}
        for item in answer["authorizationData"]:
            address = str(item["proxyEndpoint"]).removeprefix("https://")
            _, _, password = base64.b64decode(item["authorizationToken"]).decode().partition(":")
            found[address] = password
        return found

    def findings(self, runtime: str, digest: str) -> list[Finding]:
        """Return what the scan of an image found, once it is over.

        Raises:
            ScanFailed: The image was not scanned: nothing is known of it.
        """
        image = {"repositoryName": f"slipway/{runtime}", "imageId": {"imageDigest": digest}}
        deadline = time.monotonic() + self._wait_s
        while (status := self._status(image)) in {"IN_PROGRESS", "PENDING", "NONE"}:
            if time.monotonic() > deadline:
                raise ScanFailed(f"slipway/{runtime}: no scan within {self._wait_s / 60:g} minutes")
            time.sleep(self._poll_s)
        if status not in {"COMPLETE", "ACTIVE"}:
            raise ScanFailed(f"slipway/{runtime}@{digest}: its scan is {status}")
        pages = self._ecr.get_paginator("describe_image_scan_findings").paginate(**image)
        return [
            finding for page in pages for finding in _findings(page.get("imageScanFindings") or {})
        ]

    def _status(self, image: Mapping[str, Any]) -> str:
        try:
            answer = self._ecr.describe_image_scan_findings(**image)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ScanNotFoundException":
                return "NONE"  # it begins a moment after the push
            raise
        return str(answer["imageScanStatus"]["status"])


def _findings(found: Mapping[str, Any]) -> list[Finding]:
    """Return the findings of a basic scan, or of an enhanced one."""
    basic = [
        Finding(
            str(item["name"]),
            str(item.get("severity", "UNDEFINED")),
            _attribute(item, "package_name"),
        )
        for item in found.get("findings", ())
    ]
    enhanced = []
    for item in found.get("enhancedFindings", ()):
        details = item.get("packageVulnerabilityDetails", {})
        packages = details.get("vulnerablePackages") or [{}]
        name = str(packages[0].get("name", "?"))
        identifier = str(details.get("vulnerabilityId", item.get("title", "?")))
        enhanced.append(Finding(identifier, str(item.get("severity", "UNTRIAGED")), name))
    return basic + enhanced


def _attribute(item: Mapping[str, Any], key: str) -> str:
    named = {entry["key"]: entry.get("value", "?") for entry in item.get("attributes", ())}
    return str(named.get(key, "?"))
