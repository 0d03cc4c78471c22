"""The bare repository that stands for GitHub: a push to it starts the pipelines that listen."""

import functools
import re
import stat
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.clients import client
from local.paths import ROOT, Workplace, workplace

_HOOK = """\
#!/bin/sh
# Starts the pipelines that listen to a pushed branch. Written by local/git.py.
unset GIT_DIR GIT_QUARANTINE_PATH
cd {root} && SLIPWAY_STATE={state} exec {python} -m local.git
"""
_NOTHING = "0" * 40
_FAILED = "slipway: the push is kept, but no pipeline was started"


class PushRefused(Exception):
    """The repository did not take the push, or could not start what listens to it."""


@dataclass(frozen=True)
class Push:
    """One pushed branch."""

    branch: str
    old: str
    new: str
    files: frozenset[str]


def create_repository(place: Workplace | None = None) -> Path:
    """Make the repository, if there is none, and (re)write its hook; return its path."""
    place = place or workplace()
    repository = place.repository
    if not (repository / "HEAD").exists():
        repository.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["git", "init", "--quiet", "--bare", "--initial-branch=main", str(repository)],
            check=True,
        )
    hook = repository / "hooks" / "post-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(_HOOK.format(root=ROOT, state=place.root, python=sys.executable))
    hook.chmod(hook.stat().st_mode | stat.S_IXUSR)
    return repository


def push(source: Path, place: Workplace | None = None, branch: str = "main") -> dict[str, str]:
    """Push a checkout's HEAD to a branch of the repository.

    Returns:
        The executions that the push started, by pipeline; none if the repository had the commit
        already or nothing listens.

    Raises:
        PushRefused: With git's words.
    """
    repository = create_repository(place)
    answer = subprocess.run(
        ["git", "push", str(repository), f"HEAD:refs/heads/{branch}"],
        cwd=source,
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode:
        raise PushRefused(f"git push to the local repository failed: {answer.stderr.strip()}")
    failed = re.search(rf"{_FAILED}: (.*)", answer.stderr)
    if failed:
        raise PushRefused(f"{_FAILED}: {failed.group(1).strip()}")
    return dict(re.findall(r"slipway: started (\S+) (\S+)", answer.stderr))


def start_pipelines(pushes: Iterable[Push], codepipeline: Any) -> list[tuple[str, str]]:
    """Start every deployed pipeline that listens to one of the pushes.

    Returns:
        Pipeline and execution id of each.
    """
    started = []
    listed = [entry["name"] for entry in codepipeline.list_pipelines()["pipelines"]]
    for pushed in pushes:
        for name in listed:
            definition = codepipeline.get_pipeline(name=name)["pipeline"]
            for action in listening(definition, pushed):
                answer = codepipeline.start_pipeline_execution(
                    name=name,
                    sourceRevisions=[
                        {
                            "actionName": action,
                            "revisionType": "COMMIT_ID",
                            "revisionValue": pushed.new,
                        }
                    ],
                )
                started.append((name, answer["pipelineExecutionId"]))
    return started


def listening(definition: Mapping[str, Any], pushed: Push) -> list[str]:
    """Return the source actions of a pipeline that a push starts.

    A trigger's filters decide where there is one; else the branch of the action does, unless it
    does not detect changes.
    """
    triggers = {
        trigger["gitConfiguration"]["sourceActionName"]: trigger["gitConfiguration"]
        for trigger in definition.get("triggers", [])
    }
    found = []
    for action in definition["stages"][0]["actions"]:
        if action["actionTypeId"]["provider"] != "CodeStarSourceConnection":
            continue
        configuration = action["configuration"]
        trigger = triggers.get(action["name"])
        if trigger is not None:
            filters = trigger.get("push") or [{}]
            if any(_admits(rule, pushed) for rule in filters):
                found.append(action["name"])
        elif (
            configuration.get("DetectChanges", "true") == "true"
            and configuration.get("BranchName") == pushed.branch
        ):
            found.append(action["name"])
    return found


def _admits(rule: Mapping[str, Any], pushed: Push) -> bool:
    if "tags" in rule:
        return False  # branches are pushed here, no tags
    branches, files = rule.get("branches") or {}, rule.get("filePaths") or {}
    if not _passes(branches, [pushed.branch]):
        return False
    return not files or _passes(files, pushed.files)


def _passes(patterns: Mapping[str, list[str]], names: Iterable[str]) -> bool:
    """Say whether any name is included and not excluded."""
    included, excluded = patterns.get("includes") or ["**"], patterns.get("excludes") or []
    return any(
        any(matches(name, pattern) for pattern in included)
        and not any(matches(name, pattern) for pattern in excluded)
        for name in names
    )


def matches(name: str, pattern: str) -> bool:
    """Say whether a name fits a glob as CodePipeline reads it: `*` stays within a folder.

    `**` crosses folders, `?` is one character, `{a,b}` is either.
    """
    return re.fullmatch(_expression(pattern), name) is not None


@functools.cache
def _expression(pattern: str) -> str:
    words = {"**": ".*", "*": "[^/]*", "?": "[^/]", "{": "(?:", "}": ")", ",": "|"}
    parts = re.findall(r"\*\*|[*?{},]|[^*?{},]+", pattern)
    return "".join(words.get(part) or re.escape(part) for part in parts)


def read_pushes(lines: Iterable[str], repository: Path) -> list[Push]:
    """Return the pushed branches that git tells a post-receive hook of."""
    found = []
    for line in lines:
        old, new, reference = line.split()
        if reference.startswith("refs/heads/") and new != _NOTHING:
            branch = reference.removeprefix("refs/heads/")
            found.append(Push(branch, old, new, _changed(repository, old, new)))
    return found


def _changed(repository: Path, old: str, new: str) -> frozenset[str]:
    command = ["git", f"--git-dir={repository}"]
    if old == _NOTHING:
        command += ["ls-tree", "-r", "--name-only", new]
    else:
        command += ["diff", "--name-only", old, new]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    return frozenset(answer.stdout.splitlines())


def main() -> int:
    """Run as the hook: start what listens, and tell the person who pushed."""
    try:
        pushes = read_pushes(sys.stdin, workplace().repository)
        started = start_pipelines(pushes, client("codepipeline"))
    except Exception as error:
        print(f"{_FAILED}: {error}")
        return 0
    for name, execution in started:
        print(f"slipway: started {name} {execution}")
    if not started:
        print("slipway: no pipeline listens to this branch")
    return 0


if __name__ == "__main__":
    sys.exit(main())
