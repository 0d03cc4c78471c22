import subprocess

import pytest

from local.git import Push, listening, read_pushes

COMMIT = "a" * 40


def _pipeline(**extra):
    action = {
        "name": "Source",
        "actionTypeId": {"provider": "CodeStarSourceConnection"},
        "configuration": {"BranchName": "main", **extra.pop("configuration", {})},
    }
    return {"stages": [{"name": "Source", "actions": [action]}], **extra}


def _triggered(**rule):
    git = {"sourceActionName": "Source", "push": [rule]}
    return _pipeline(triggers=[{"gitConfiguration": git}])


def _push(branch="main", *files):
    return Push(branch, COMMIT, COMMIT, frozenset(files or {"catalog/models/intent.yaml"}))


@pytest.mark.parametrize(
    ("pipeline", "pushed", "starts"),
    [
        (_pipeline(), _push(), True),
        (_pipeline(), _push("topic"), False),
        (_pipeline(configuration={"DetectChanges": "false"}), _push(), False),
        (_triggered(branches={"includes": ["main"]}), _push(), True),
        (_triggered(branches={"includes": ["main"]}), _push("topic"), False),
        (_triggered(filePaths={"includes": ["catalog/**"]}), _push(), True),
        (_triggered(filePaths={"includes": ["catalog/*"]}), _push(), False),
        (_triggered(filePaths={"includes": ["catalog/*"]}), _push("main", "catalog/a.yaml"), True),
        (_triggered(filePaths={"includes": ["{app.py,*.json}"]}), _push("main", "cdk.json"), True),
        (_triggered(filePaths={"includes": ["*.json"]}), _push("main", "tests/a.json"), False),
        (_triggered(filePaths={"excludes": ["**/*.md"]}), _push("main", "README.md"), True),
        (_triggered(filePaths={"includes": ["catalog/*"]}), _push("main", "README.md"), False),
        (_triggered(filePaths={"excludes": ["docs/*"]}), _push("main", "docs/a.md"), False),
        (_triggered(filePaths={"excludes": ["docs/*"]}), _push("main", "docs/a", "b"), True),
        (_triggered(tags={"includes": ["v*"]}), _push(), False),
    ],
)
def test_a_push_starts_a_pipeline_when_branch_and_files_pass_its_filters(pipeline, pushed, starts):
    assert listening(pipeline, pushed) == (["Source"] if starts else [])


def test_a_push_names_its_branch_and_the_files_that_changed(tmp_path):
    def git(*arguments):
        names = ["-c", "user.name=a", "-c", "user.email=a@b"]
        command = ["git", *names, *arguments]
        done = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    git("init", "-q", "-b", "main")
    (tmp_path / "one").write_text("1")
    git("add", ".")
    git("commit", "-qm", "one")
    first = git("rev-parse", "HEAD")
    (tmp_path / "two").write_text("2")
    git("add", ".")
    git("commit", "-qm", "two")
    second = git("rev-parse", "HEAD")

    lines = [f"{first} {second} refs/heads/main", f"{first} {second} refs/tags/v1"]
    (pushed,) = read_pushes(lines, tmp_path / ".git")

    assert pushed == Push("main", first, second, frozenset({"two"}))
