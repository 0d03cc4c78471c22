"""`python -m serving.batch`: score this machine's shards; see README.md for the contract."""

import json
import logging
import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import NoReturn

from serving import built_for
from serving.batch import settings as options
from serving.batch.job import OtherRun, run
from serving.batch.settings import Settings, WrongSetting
from serving.batch.stores import open_store
from serving.runtime import CorruptArtifact, read_description
from serving.runtime.archive import BadArtifact, fetch

AGAIN, WRONG, TERMINATED = 1, 2, 143
TASK = "pair-classification"
# What SageMaker shows of a Processing job that ended.
EXIT_MESSAGE = Path("/opt/ml/output/message")


class Terminated(BaseException):
    """SIGTERM arrived; a BaseException, so that nothing on the way mistakes it for a bad row."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; return the exit code that README.md lists."""
    # A worker is one core's: a tokenizer's threads would only take it from the engine.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    signal.signal(signal.SIGTERM, _terminate)
    try:
        settings = options.read(arguments, os.environ)
        with tempfile.TemporaryDirectory(prefix="slipway-batch-") as folder:
            model = _model(settings, Path(folder))
            source, target = open_store(settings.input), open_store(settings.output)
            print(json.dumps(run(settings, model, source, target), indent=1))
    except (WrongSetting, BadArtifact, CorruptArtifact, built_for.WrongImage, OtherRun) as error:
        return _end(WRONG, str(error))
    except BrokenProcessPool:
        return _end(AGAIN, "a worker died, perhaps for lack of memory; run again to go on")
    except Terminated:
        return _end(TERMINATED, "stopped by SIGTERM; run again to go on")
    except Exception as error:  # a store that fails, a full disk: what is done stays done
        logging.getLogger("slipway.batch").exception("the run failed")
        return _end(AGAIN, f"{type(error).__name__}: {error}; run again to go on")
    return 0


def _model(settings: Settings, folder: Path) -> Path:
    """Return the compiled model directory inside the archive, wherever its server wants it."""
    unpacked = fetch(settings.artifact, settings.artifact_sha256, folder)
    if (unpacked / built_for.FILE_NAME).is_file():  # Triton's archives are made for Triton's image
        built_for.check(unpacked)
    found = sorted(unpacked.rglob("model.json"))
    if len(found) != 1:
        raise BadArtifact(f"{settings.artifact}: holds {len(found)} model.json; give one model's")
    task = read_description(found[0].parent).task
    if task != TASK:
        raise BadArtifact(f"{settings.artifact}: its task is {task}; give one of {TASK}")
    return found[0].parent


def _terminate(_number: int, _frame: object) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Terminated


def _end(code: int, message: str) -> int:
    print(f"batch: {message}", file=sys.stderr)
    if EXIT_MESSAGE.parent.is_dir():
        EXIT_MESSAGE.write_text(message[:1000], encoding="utf-8")
    return code


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # not by way of a broken pool's thread, see job._workers
