"""Where a build's sources come from and where its artifacts go."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.emulator import gateway
from local.emulator.codebuild.archive import pack, unpack
from local.emulator.codebuild.buildspec import Buildspec, BuildspecError, Output, parse
from local.emulator.codebuild.jobs import Job, ObjectPlace


@dataclass(frozen=True)
class Sources:
    """Unpacked sources: folders by name (the primary under the empty name) and the commit."""

    folders: Mapping[str, Path]
    revision: str


class Store:
    """S3 as the build's role sees it."""

    def __init__(self, credentials: gateway.Credentials) -> None:
        self._s3 = gateway.client("s3", credentials)

    def fetch(self, place: ObjectPlace, folder: Path) -> str:
        """Unpack the archive at a place and return the commit that its metadata names."""
        folder.mkdir(parents=True, exist_ok=True)
        archive = folder.with_suffix(".zip")
        answer = self._s3.get_object(Bucket=place.bucket, Key=place.key)
        with archive.open("wb") as target:
            for chunk in answer["Body"].iter_chunks(1 << 20):
                target.write(chunk)
        unpack(archive, folder)
        archive.unlink()
        return str(answer["Metadata"].get("codepipeline-artifact-revision-summary", ""))

    def deliver(self, archive: Path, place: ObjectPlace, kms_key: str | None) -> None:
        """Upload an archive."""
        options = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key} if kms_key else {}
        with archive.open("rb") as body:
            self._s3.put_object(Bucket=place.bucket, Key=place.key, Body=body, **options)


def fetch_sources(project: Mapping[str, Any], job: Job | None, store: Store, work: Path) -> Sources:
    """Unpack all sources of a build.

    Raises:
        BuildspecError: If the project's source type cannot be had locally.
    """
    if job is not None:
        folders = {}
        for name, place in job.inputs.items():
            key = "" if name == job.primary else name
            folders[key] = work / f"src-{name}"
            store.fetch(place, folders[key])
        return Sources(folders, job.revision)
    found = {"": work / "src"}
    revision = _fetch_one(project.get("source") or {}, store, found[""])
    for source in project.get("secondarySources") or []:
        name = str(source["sourceIdentifier"])
        found[name] = work / f"src-{name}"
        _fetch_one(source, store, found[name])
    return Sources(found, revision)


def _fetch_one(source: Mapping[str, Any], store: Store, folder: Path) -> str:
    kind = source.get("type", "NO_SOURCE")
    folder.mkdir(parents=True, exist_ok=True)
    if kind == "NO_SOURCE":
        return ""
    if kind == "S3":
        bucket, _, key = str(source["location"]).partition("/")
        return store.fetch(ObjectPlace(bucket, key), folder)
    raise BuildspecError(
        f"the local cloud has no sources of type {kind}: use CODEPIPELINE, S3 or NO_SOURCE"
    )


def read_buildspec(project: Mapping[str, Any], override: str | None, source: Path) -> Buildspec:
    """Return the buildspec: text in the request or project, or a file of the source."""
    given = (override or (project.get("source") or {}).get("buildspec") or "buildspec.yml").strip()
    if "\n" in given or given.startswith("{"):
        return parse(json.dumps(json.loads(given)) if given.startswith("{") else given)
    path = source / given
    if not path.is_file():
        raise BuildspecError(f"YAML_FILE_ERROR: stat {given}: no such file or directory")
    return parse(path.read_text(encoding="utf-8"))


def deliver_artifacts(
    spec: Buildspec,
    project: Mapping[str, Any],
    job: Job | None,
    store: Store,
    work: Path,
    source: Path,
) -> list[str]:
    """Pack and upload every artifact; return a line about each.

    Raises:
        BuildspecError: If an artifact that the pipeline expects is not declared or matches nothing.
    """
    lines = []
    for name, place, output in _deliveries(spec, project, job):
        archive = work / f"artifact-{name}.zip"
        count = pack(output, source, archive)
        store.deliver(archive, place, job.kms_key if job else None)
        lines.append(f"[build] Uploaded {count} files to s3://{place.bucket}/{place.key}")
    return lines


def _deliveries(
    spec: Buildspec, project: Mapping[str, Any], job: Job | None
) -> list[tuple[str, ObjectPlace, Output]]:
    if job is None:
        artifacts = project.get("artifacts") or {}
        if artifacts.get("type") != "S3" or spec.primary is None:
            return []
        folder = str(artifacts.get("path") or "").strip("/")
        name = str(artifacts.get("name") or project["name"])
        key = "/".join(part for part in (folder, name) if part)
        return [("primary", ObjectPlace(artifacts["location"], key), spec.primary)]
    found = []
    for name, place in job.outputs.items():
        alone = len(job.outputs) == 1
        output = spec.secondary.get(name) or (spec.primary if alone else None)
        if output is None:
            raise BuildspecError(
                f"CLIENT_ERROR: the pipeline expects the artifact {name!r}, and the buildspec"
                f" declares {', '.join(spec.secondary) or 'none of that name'}"
            )
        found.append((name, place, output))
    return found
