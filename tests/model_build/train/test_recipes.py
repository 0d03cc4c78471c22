import importlib

import pytest

from model_build.train.__main__ import main
from model_build.train.recipes import RECIPES


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_names_a_function_that_exists(name):
    module, _, function = RECIPES[name].entry.partition(":")
    assert callable(getattr(importlib.import_module(module), function))


def test_without_a_name_the_recipes_are_listed(capsys):
    assert main([]) == 0
    assert "spelling-t5" in capsys.readouterr().out


def test_a_quick_run_never_replaces_the_shipped_weights(capsys):
    with pytest.raises(SystemExit):
        main(["spelling-t5", "--quick"])
    assert "--out" in capsys.readouterr().err
