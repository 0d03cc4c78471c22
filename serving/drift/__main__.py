"""`python -m serving.drift`: one run of the drift job; see --help."""

import os
import sys
from datetime import UTC, datetime

from botocore.exceptions import BotoCoreError, ClientError

from serving.drift.job import Job
from serving.drift.settings import Settings, WrongSetting


def main(arguments: list[str] | None = None) -> int:
    """Run the job and return its exit status."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        settings = Settings.read(given, os.environ, datetime.now(UTC))
    except WrongSetting as error:
        print(f"drift: {error}", file=sys.stderr)
        return 2
    try:
        cloudwatch = None
        if settings.metrics:
            import boto3

            cloudwatch = boto3.client("cloudwatch")
        Job(settings, cloudwatch).run()
    except (OSError, BotoCoreError, ClientError) as error:
        print(f"drift: {type(error).__name__}: {error}; try again", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
