"""The source action: an archive of one commit of the bare repository."""

import subprocess
import tempfile
from pathlib import Path

from local.emulator.codepipeline.actions.context import ActionContext, ActionFailed, Result
from local.paths import workplace

_FORMAT = "%H%x00%an%x00%ae%x00%aI%x00%s"


def run(context: ActionContext) -> Result:
    """Upload the archive of the commit that was pushed (or of the branch's head)."""
    wanted = context.configuration
    if wanted.get("OutputArtifactFormat", "CODE_ZIP") != "CODE_ZIP":
        raise ActionFailed("the local cloud gives sources as CODE_ZIP only")
    branch = wanted["BranchName"]
    commit, author, email, date, message = _git(
        "log", "-1", f"--format={_FORMAT}", context.revision or f"refs/heads/{branch}", "--"
    ).split("\0")
    place = context.new_place(context.action.outputs[0])
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "source.zip"
        _git("archive", "--format=zip", "-1", "-o", str(archive), commit)
        key = context.pipeline.kms_key
        options = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key} if key else {}
        with archive.open("rb") as body:
            context.client("s3").put_object(
                Bucket=place.bucket, Key=place.key, Body=body, **options
            )
    context.artifacts[context.action.outputs[0]] = place
    context.note(externalExecutionId=commit, revision=commit, revisionSummary=message)
    return Result(
        variables={
            "AuthorDate": date,
            "AuthorDisplayName": author,
            "AuthorEmail": email,
            "AuthorId": email,
            "BranchName": branch,
            "CommitId": commit,
            "CommitMessage": message,
            "ConnectionArn": wanted.get("ConnectionArn", ""),
            "FullRepositoryName": wanted.get("FullRepositoryId", ""),
            "ProviderType": "GitHub",
        },
        summary=message,
    )


def _git(*arguments: str) -> str:
    repository = workplace().repository
    answer = subprocess.run(
        ["git", f"--git-dir={repository}", *arguments], capture_output=True, text=True, check=False
    )
    if answer.returncode:
        raise ActionFailed(
            f"[GitHub] git {arguments[0]} failed on the local repository: {answer.stderr.strip()}"
        )
    return answer.stdout.strip()
