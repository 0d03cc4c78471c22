"""Every Dockerfile is complete and pinned: what a linter would say, and that its sources exist."""

import fnmatch
import re
import shlex
from pathlib import Path

import pytest

from catalog.images import RUNTIMES, dockerfile
from serving.lock import locked

ROOT = Path(__file__).resolve().parents[3]
KNOWN = {
    "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "RUN", "USER", "VOLUME", "WORKDIR",
}  # fmt: skip
# The base runs as root, and what runs it mounts files as root: each Dockerfile says so itself.
ROOTED = {"triton", "batch", "batch-inf1", "batch-inf2", "build", "neuron1", "neuron2"}
DIGEST = re.compile(r"@sha256:[0-9a-f]{64}$")
EXACT = re.compile(r":[0-9][\w.-]*\d[\w.-]*$")

Instruction = tuple[str, str]


def read(runtime: str) -> list[Instruction]:
    """Return the instructions of a Dockerfile: keyword and the rest, continued lines joined."""
    text = (ROOT / dockerfile(runtime)).read_text()
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    joined = re.sub(r"\\\n", " ", "\n".join(lines))
    found = [line.strip().partition(" ") for line in joined.splitlines()]
    return [(keyword, rest.strip()) for keyword, _, rest in found]


@pytest.fixture(params=RUNTIMES)
def runtime(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def of(instructions: list[Instruction], keyword: str) -> list[str]:
    return [rest for found, rest in instructions if found == keyword]


def test_instructions_are_known_and_stand_in_capitals(runtime: str):
    assert {keyword for keyword, _ in read(runtime)} <= KNOWN


def test_the_base_is_pinned_by_digest_or_by_an_exact_version(runtime: str):
    instructions = read(runtime)
    defaults = dict(rest.split("=", 1) for rest in of(instructions, "ARG") if "=" in rest)

    (base,) = of(instructions, "FROM")

    assert base == "${BASE}"
    assert DIGEST.search(defaults["BASE"]) or EXACT.search(defaults["BASE"])
    if "library/python" in defaults["BASE"]:
        assert DIGEST.search(defaults["BASE"])


def test_every_source_that_is_copied_exists_and_is_in_the_context(runtime: str):
    ignore = (ROOT / ".dockerignore").read_text().splitlines()
    kept = [line.removeprefix("!") for line in ignore if line.startswith("!")]
    for rest in of(read(runtime), "COPY"):
        *sources, target = [part for part in shlex.split(rest) if not part.startswith("--")]
        assert sources
        assert target
        for source in sources:
            assert (ROOT / source).exists(), f"{dockerfile(runtime)}: COPY {source}"
            assert any(
                source == name or source.startswith(f"{name}/") or fnmatch.fnmatch(source, name)
                for name in kept
            ), f".dockerignore keeps {source} out"
        assert len(sources) == 1 or target.endswith("/")


def test_python_packages_come_from_the_locks_with_hashes(runtime: str):
    pins = locked()
    for command in of(read(runtime), "RUN"):
        for part in re.split(r"&&|;", command):
            if " install " not in part or "pip" not in part:
                continue
            loose = re.findall(r"\s([a-z0-9_.-]+==[\w.]+)", part)
            assert "--require-hashes" in part or loose == ["torch==2.13.0"], part
            assert "--no-cache" in part, "the image keeps what pip fetched"
            assert "latest" not in part
    assert pins


def test_it_does_not_fetch_by_hand_nor_raise_its_rights(runtime: str):
    for command in of(read(runtime), "RUN"):
        assert not re.search(r"\b(curl|wget|sudo|apt-get upgrade)\b", command)


def test_a_container_that_serves_is_nobody_special(runtime: str):
    users = of(read(runtime), "USER")

    if runtime in ROOTED:
        assert "root" in (ROOT / dockerfile(runtime)).read_text(), "say why it runs as root"
    else:
        assert users == ["10001"]


def test_commands_stand_in_the_form_that_passes_signals_on(runtime: str):
    instructions = read(runtime)
    for rest in [*of(instructions, "CMD"), *of(instructions, "ENTRYPOINT")]:
        assert rest.startswith("[")
        assert rest.endswith("]")


def test_the_image_knows_its_own_tag(runtime: str):
    instructions = read(runtime)

    assert "IMAGE_TAG" in of(instructions, "ARG")
    assert any("SLIPWAY_IMAGE_TAG=${IMAGE_TAG}" in rest for rest in of(instructions, "ENV"))


def test_what_synthesises_and_deploys_is_part_of_the_repositorys_locks():
    pins = {
        block.partition("==")[0].strip(): block.rstrip()
        for lock in ("runtime", "dev")
        for block in re.split(r"\n(?=\S)", (ROOT / f"requirements/{lock}.txt").read_text())
        if "==" in block
    }
    text = (ROOT / "stacks/requirements.txt").read_text()
    blocks = [block for block in re.split(r"\n(?=\S)", text) if "==" in block]
    names = {block.partition("==")[0].strip() for block in blocks}

    assert {"aws-cdk-lib", "constructs", "cdk-nag", "jsii", "boto3", "pydantic", "pyyaml"} <= names
    for block in blocks:
        assert pins[block.partition("==")[0].strip()] == block.rstrip()
