import argparse
from importlib import import_module

import pytest

from ops.__main__ import COMMANDS, main

CHANGES = ("rollback", "promote", "pause", "resume", "scale", "drill")
TAUGHT = (*CHANGES, "status", "alarms", "explain", "audit", "dashboard")


def parser_of(name):
    parser = argparse.ArgumentParser(prog=f"python -m ops {name}")
    import_module(COMMANDS[name][0]).add_arguments(parser)
    return parser


@pytest.mark.parametrize("name", TAUGHT)
def test_the_help_of_a_command_teaches_by_examples_of_it(name):
    text = parser_of(name).format_help()

    assert f"python -m ops {name}" in text.split("examples:")[1]


@pytest.mark.parametrize("name", CHANGES)
def test_every_change_can_be_tried_dry_confirmed_explained_and_read_by_machines(name):
    options = parser_of(name)._option_string_actions

    assert {"--environment", "--reason", "--dry-run", "--yes", "--json"} <= options.keys()


def test_every_command_is_in_the_help_of_all(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])

    text = capsys.readouterr().out
    assert all(name in text for name in COMMANDS)
