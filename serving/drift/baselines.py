"""Find a model's baseline: the release's own, or the one that an operator made of its traffic."""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from serving.drift.places import Place
from serving.drift.reference import BadBaseline, Reference, load
from serving.drift.settings import Watched

REBASELINED = "baselines"
MADE_FOR = "made-for.txt"
COMPILED = "model.json"


@dataclass(frozen=True)
class Baseline:
    """A reference and what it belongs to.

    `artifact` are the 12 hex that records of this model carry; empty where any will do.
    """

    reference: Reference
    artifact: str = ""


def find(watched: Watched, bucket: Place | None, folder: Place | None, out: Place) -> Baseline:
    """Return a model's baseline.

    Args:
        watched: The model.
        bucket: With `manifests/` and `content/`.
        folder: With MODEL/FILE, used instead if given.
        out: Where the job writes; its `baselines/MODEL/` goes first if it is for this manifest.

    Raises:
        BadBaseline: There is none, or it is not as its digest says; the message has the remedy.
    """
    if folder is not None:
        return Baseline(load(_below(folder, f"{watched.model}/")))
    if bucket is None or not watched.manifest:
        raise BadBaseline(f"{watched.model}: no manifest is named: give one in --models")
    manifest = _manifest(bucket, watched.manifest)
    digests = {str(item["path"]): str(item["sha256"]) for item in manifest["files"]}
    artifact = digests.get(COMPILED, "")[:12]
    made = out.get(f"{REBASELINED}/{watched.model}/{MADE_FOR}")
    if made is not None and made.decode().strip() == watched.manifest:
        return Baseline(load(_below(out, f"{REBASELINED}/{watched.model}/")), artifact)
    files = {
        str(item["path"]).rpartition("/")[2]: _content(bucket, str(item["sha256"]))
        for item in manifest.get("baseline", ())
    }
    if not files:
        raise BadBaseline(f"{watched.model}: its artifact has no baseline: build the model again")
    return Baseline(load(files), artifact)


def _below(place: Place, prefix: str) -> Mapping[str, bytes]:
    return {key.removeprefix(prefix): place.get(key) or b"" for key in place.keys(prefix)}


def _manifest(bucket: Place, name: str) -> dict[str, Any]:
    """Return a manifest; its name is its digest, and the stack that gave it was synthesised."""
    envelope = bucket.get(f"manifests/{name}.json")
    if envelope is None:
        raise BadBaseline(f"manifests/{name}.json is not there: promote the release again")
    payload = base64.b64decode(json.loads(envelope)["payload"])
    _check(f"manifests/{name}.json", payload, name)
    document: dict[str, Any] = json.loads(payload)
    return document


def _content(bucket: Place, name: str) -> bytes:
    data = bucket.get(f"content/{name}")
    if data is None:
        raise BadBaseline(f"content/{name} is not there: promote the release again")
    _check(f"content/{name}", data, name)
    return data


def _check(key: str, data: bytes, expected: str) -> None:
    actual = hashlib.sha256(data).hexdigest()
    if actual != expected:
        raise BadBaseline(f"{key}: sha256 is {actual}: restore it from the bucket's versions")
