"""The image registry as builds and operators see it: it holds what the local cloud can run.

There are no layers here. A tag of a `slipway/...` repository is there if this checkout or a pushed
commit makes it (`local.emulator.ecs.images`), as if somebody had built and pushed it.
"""

import json
from typing import Any

from ministack.core.responses import error_response_json, json_response
from ministack.services import ecr

from local.emulator.ecs import images
from local.emulator.hooks import wrap
from local.paths import Workplace

NOT_SCANNED = "the local cloud holds no layers: there was nothing to scan"


def install(place: Workplace) -> None:
    """Let DescribeImages know those images, and DescribeImageScanFindings find nothing in them."""
    wrap("ministack.services.ecr", "_describe_images", lambda original: _knowing(original, place))
    wrap("ministack.services.ecr", "handle_request", _scanning)


def _knowing(original: Any, place: Workplace) -> Any:
    def describe_images(data: dict[str, Any]) -> Any:
        name = str(data.get("repositoryName", ""))
        if name not in ecr._repositories:
            return original(data)
        status, headers, body = original(data)
        found = json.loads(body)["imageDetails"]
        asked = data.get("imageIds") or []
        if found or not asked:
            return status, headers, body
        details = [
            _details(name, item["imageTag"])
            for item in asked
            if "imageTag" in item and _runs(f"{name}:{item['imageTag']}", place)
        ]
        if not details:
            return error_response_json(
                "ImageNotFoundException",
                f"The image with imageId {asked[0]} does not exist within the repository with"
                f" name '{name}'",
                400,
            )
        return json_response({"imageDetails": details})

    return describe_images


def _scanning(original: Any) -> Any:
    async def handle_request(
        method: str, path: str, headers: dict[str, str], body: bytes, query: Any
    ) -> Any:
        action = headers.get("x-amz-target", "").rpartition(".")[2]
        if action != "DescribeImageScanFindings":
            return await original(method, path, headers, body, query)
        data = json.loads(body)
        return json_response(
            {
                "repositoryName": data["repositoryName"],
                "imageId": data["imageId"],
                "imageScanStatus": {"status": "COMPLETE", "description": NOT_SCANNED},
                "imageScanFindings": {"findings": [], "findingSeverityCounts": {}},
            }
        )

    return handle_request


def _runs(name: str, place: Workplace) -> bool:
    try:
        images.find(name, "", place)
    except images.ImageMissing:
        return False
    return True


def _details(repository: str, tag: str) -> dict[str, Any]:
    return {
        "repositoryName": repository,
        "imageTags": [tag],
        "imageDigest": images.digest(f"{repository}:{tag}"),
    }
