import pytest

from local.emulator.codebuild.buildspec import BuildspecError, parse

SPEC = """
version: 0.2
env:
  variables: {COUNT: 3}
  exported-variables: [DIGEST]
phases:
  build: {commands: ["make"], finally: ["clean"]}
artifacts:
  files: "**/*"
  secondary-artifacts:
    Plan: {files: [plan.json], base-directory: out, discard-paths: yes}
"""


def test_a_buildspec_is_read_into_phases_variables_and_artifacts():
    spec = parse(SPEC)

    assert spec.variables == {"COUNT": "3"}
    assert spec.exported == ("DIGEST",)
    assert spec.phases["build"].finally_ == ("clean",)
    assert spec.primary is not None
    assert spec.primary.files == ("**/*",)
    assert spec.secondary["Plan"].discard_paths


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("version: 0.1\nphases: {build: {commands: [a]}}", "version: 0.2"),
        ("version: 0.2\nphases: {biuld: {commands: [a]}}", "biuld"),
        ("version: 0.2\nphases: {}", "at least one phase"),
        ("version: 0.2\nphases: {build: {comands: [a]}}", "comands"),
        ("version: 0.2\nenv: {secrets-manager: {A: b}}\nphases: {build: {}}", "secrets-manager"),
    ],
)
def test_a_wrong_buildspec_is_refused_with_the_key_named(text, named):
    with pytest.raises(BuildspecError, match=named):
        parse(text)
