import subprocess

from local.emulator.codebuild.buildspec import Buildspec, Phase
from local.emulator.codebuild.script import render


def _run(tmp_path, **phases):
    spec = Buildspec(
        exported=("WORD",), phases={name: Phase(*parts) for name, parts in phases.items()}
    )
    progress, exports = tmp_path / "progress", tmp_path / "exports"
    script = render(spec, str(progress), str(exports))
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    return done, progress.read_text().splitlines(), exports.read_text()


def test_phases_share_one_shell_and_export_variables(tmp_path):
    done, progress, exports = _run(
        tmp_path,
        install=(("WORD=deep", "mkdir inner; cd inner"),),
        build=(('export WORD="$WORD sea"\npwd > where',),),
    )

    assert done.returncode == 0
    assert progress == [
        "INSTALL STARTED",
        "INSTALL SUCCEEDED",
        "BUILD STARTED",
        "BUILD SUCCEEDED",
    ]
    assert exports == "WORD=deep sea\0"
    assert (tmp_path / "inner" / "where").exists()


def test_a_failed_command_ends_its_phase_and_post_build_still_runs(tmp_path):
    done, progress, _ = _run(
        tmp_path,
        build=(("true", "(exit 3)", "touch never"), ("touch cleaned",)),
        post_build=(('test "$CODEBUILD_BUILD_SUCCEEDING" = 0',),),
    )

    assert done.returncode == 1
    assert "BUILD FAILED 3" in progress
    assert progress[-1] == "POST_BUILD SUCCEEDED"
    assert not (tmp_path / "never").exists()
    assert (tmp_path / "cleaned").exists()


def test_nothing_runs_after_a_failed_pre_build(tmp_path):
    done, progress, _ = _run(
        tmp_path, pre_build=(("false",),), build=(("touch never",),), post_build=(("true",),)
    )

    assert done.returncode == 1
    assert progress == ["PRE_BUILD STARTED", "PRE_BUILD FAILED 1"]
