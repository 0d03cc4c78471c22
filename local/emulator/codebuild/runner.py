"""Runs one build from its deployed project, start to finish."""

import queue
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from local import ledger
from local.emulator import gateway
from local.emulator.codebuild import environment, jobs, source
from local.emulator.codebuild.buildspec import Buildspec, BuildspecError
from local.emulator.codebuild.record import BuildRecord
from local.emulator.codebuild.script import render
from local.paths import Workplace

POLL_S = 0.05
PRINCIPAL = "codebuild.amazonaws.com"
Emit = Callable[[str], None]


@dataclass(frozen=True)
class Order:
    """What is to be built.

    Attributes:
        build: MiniStack's record of the build.
        project: The project as deployed.
        request: The parameters of StartBuild.
        stop_requested: Says whether somebody called StopBuild.
    """

    build: dict[str, Any]
    project: Mapping[str, Any]
    request: Mapping[str, Any]
    stop_requested: Callable[[], bool]


def run(order: Order, place: Workplace, emit: Emit) -> None:
    """Run a build; its record says how it ended. Never raises for what a build may do wrong."""
    record = BuildRecord(order.build)
    name = record.id.replace(":", "-")
    work = place.builds / name
    (work / "tmp").mkdir(parents=True, exist_ok=True)
    log = place.builds / f"{name}.log"
    with log.open("w", encoding="utf-8") as target:

        def say(line: str) -> None:
            target.write(line + "\n")
            target.flush()
            emit(line)

        try:
            status, message = _build(order, record, place, work, say)
        except (BuildspecError, gateway.AssumeRoleRefused, ClientError, OSError) as error:
            status, message = "FAILED", str(error)
        if message:
            say(f"[build] {message}")
        record.finish(status, message)
    shutil.rmtree(work, ignore_errors=True)


def _build(
    order: Order, record: BuildRecord, place: Workplace, work: Path, say: Emit
) -> tuple[str, str]:
    record.begin("PROVISIONING")
    credentials = gateway.assume(
        str(order.project["serviceRole"]), f"AWSCodeBuild-{record.id.split(':')[1]}", PRINCIPAL
    )
    store = source.Store(credentials)
    record.begin("DOWNLOAD_SOURCE")
    job = jobs.take(order.request.get("idempotencyToken"))
    if job is not None:
        order.build["initiator"] = job.initiator
    sources = source.fetch_sources(order.project, job, store, work)
    order.build["resolvedSourceVersion"] = sources.revision
    primary = sources.folders[""]
    spec = source.read_buildspec(order.project, order.request.get("buildspecOverride"), primary)
    variables = {
        **environment.image_environment(place, primary, work / "tmp"),
        **environment.declared_environment(_variables(order), spec, credentials),
        **environment.aws_environment(credentials),
        **environment.codebuild_environment(order.build, sources.folders, sources.revision),
    }
    status, message = _run_phases(order, record, place, work, spec, variables, say)
    if status == "SUCCEEDED":
        record.begin("UPLOAD_ARTIFACTS")
        for line in source.deliver_artifacts(spec, order.project, job, store, work, primary):
            say(line)
        record.begin("FINALIZING")
    return status, message


def _run_phases(
    order: Order,
    record: BuildRecord,
    place: Workplace,
    work: Path,
    spec: Buildspec,
    variables: Mapping[str, str],
    say: Emit,
) -> tuple[str, str]:
    progress, exports, script = work / "progress", work / "exports", work / "build.sh"
    progress.touch()
    script.write_text(render(spec, str(progress), str(exports)))
    process = ledger.spawn(
        ["bash", "--noprofile", "--norc", script],
        name=f"build {record.id}",
        ledger=place.processes,
        environment=variables,
        folder=Path(variables["CODEBUILD_SRC_DIR"]),
        output=subprocess.PIPE,
    )
    lines: queue.Queue[str] = queue.Queue()
    reader = threading.Thread(target=_read, args=(process, lines), daemon=True)
    reader.start()
    limit = time.monotonic() + 60 * float(
        order.request.get("timeoutInMinutesOverride") or order.project["timeoutInMinutes"]
    )
    told, ended_by, last = 0, "", ""
    while True:
        alive = process.poll() is None
        if alive and order.stop_requested():
            ended_by = "STOPPED"
        elif alive and time.monotonic() > limit:
            ended_by = "TIMED_OUT"
        if not alive or ended_by:
            # what a build left running in its group ends with the build, as with its container
            ledger.end(ledger.group_of(process, ""), place.processes, grace_s=2.0)
            process.wait()
            reader.join(timeout=2.0)
        last = _drain(lines, say) or last
        told = _follow(progress, told, record, last)
        if not alive or ended_by:
            break
        time.sleep(POLL_S)
    record.export(_exported(exports))
    if ended_by:
        return ended_by, f"Build {ended_by.lower().replace('_', ' ')}"
    if process.returncode:
        return "FAILED", f"exit status {process.returncode}; the last line was: {last}"
    return "SUCCEEDED", ""


def _read(process: subprocess.Popen[bytes], lines: "queue.Queue[str]") -> None:
    if process.stdout is None:
        return
    with process.stdout as output:
        for line in output:
            lines.put(line.decode(errors="replace").rstrip("\r\n"))


def _drain(lines: "queue.Queue[str]", say: Emit) -> str:
    """Say what was printed since the last look; return the last line that is not blank."""
    last = ""
    while True:
        try:
            line = lines.get_nowait()
        except queue.Empty:
            return last
        say(line)
        last = line.strip() or last


def _follow(progress: Path, told: int, record: BuildRecord, last: str) -> int:
    """Record the phases that the script has told of since the last look."""
    entries = progress.read_text().splitlines()
    for entry in entries[told:]:
        phase, status, *code = entry.split()
        if status == "STARTED":
            record.begin(phase)
        else:
            failed = f"a command ended with exit status {' '.join(code)}; the last line was: {last}"
            record.end(status, failed if status == "FAILED" else "")
    return len(entries)


def _variables(order: Order) -> list[Mapping[str, Any]]:
    declared = (order.project.get("environment") or {}).get("environmentVariables") or []
    return [*declared, *(order.request.get("environmentVariablesOverride") or [])]


def _exported(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    pairs = path.read_text(errors="replace").split("\0")
    return dict(pair.split("=", 1) for pair in pairs if "=" in pair)
