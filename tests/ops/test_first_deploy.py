"""docs/first-deploy.md: every command in it exists, and its promise of brevity holds."""

import argparse
import re
import shlex
from importlib import import_module
from pathlib import Path

import pytest

from ops.__main__ import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/first-deploy.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
LINES = [
    line.partition(" #")[0].strip()
    for block in BLOCKS
    for line in block.replace("\\\n", " ").splitlines()
]


def test_a_deployment_is_four_commands_after_preflight():
    deploy = PAGE.partition("## Deploy")[2].partition("## One account")[0]
    (block,) = re.findall(r"^```\n(.*?)^```", deploy, re.MULTILINE | re.DOTALL)

    assert len(block.splitlines()) <= 4


@pytest.mark.parametrize("line", [line for line in LINES if line.startswith("make ")])
def test_its_make_targets_exist(line: str):
    target = line.split()[1]

    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("line", [line for line in LINES if line.startswith("python -m ops")])
def test_its_operator_commands_are_understood(line: str):
    _, _, _, name, *arguments = shlex.split(line)
    command = import_module(COMMANDS[name][0])
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)

    assert parser.parse_args(arguments)


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)#]+)\)", PAGE))
def test_its_links_lead_somewhere(link: str):
    assert (ROOT / "docs" / link).exists()


@pytest.mark.parametrize("number", ["111111111111", "222222222222", "333333333333", "444444444444"])
def test_the_numbers_to_replace_are_those_of_the_example(number: str):
    files = [path.read_text() for path in (ROOT / "examples/aws").rglob("*.yaml")]

    assert any(number in text for text in files)
    assert number in PAGE
