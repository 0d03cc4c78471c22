import json
from pathlib import Path

import pytest

from catalog.load import load_prices
from ops.estimate.compare import Change, NothingToCompare, changes, estimate_there, other_estimate
from ops.estimate.line import Amount, Estimate, Line

STUB = """
import json, pathlib, sys
options = dict(zip(sys.argv[2::2], sys.argv[3::2]))
assert json.loads(pathlib.Path(options["--prices"]).read_text())["date"]
pathlib.Path(options["--json"]).write_text(pathlib.Path("answer.json").read_text())
"""


def line(resource: str, usd: float, stack: str = "slipway-prod-search") -> Line:
    return Line(stack, resource, "1 x thing", Amount.of(usd), "a source")


def made_of(*lines: Line) -> Estimate:
    return Estimate("2026-11-21", "us-east-1", lines)


def test_a_difference_names_what_came_what_went_and_what_changed():
    before = made_of(line("Endpoint", 100), line("Nat", 33), line("Key", 1))
    now = made_of(line("Endpoint", 250), line("Key", 1), line("Dashboard", 3))

    assert changes(before, now) == [
        Change("slipway-prod-search", "Endpoint", 100, 250),
        Change("slipway-prod-search", "Nat", 33, 0),
        Change("slipway-prod-search", "Dashboard", 0, 3),
    ]


def test_lines_of_one_resource_are_added_up():
    now = made_of(line("Endpoint", 100), line("Endpoint", 50))

    assert changes(made_of(), now)[0].usd == 150


def test_an_estimate_survives_its_file(tmp_path: Path):
    file = tmp_path / "estimate.json"
    written = made_of(line("Endpoint", 100))
    file.write_text(json.dumps(written.to_json()))

    assert other_estimate(str(file), Path("catalog"), load_prices()) == written


def test_a_file_that_is_no_estimate_says_how_to_write_one(tmp_path: Path):
    file = tmp_path / "other.json"
    file.write_text('{"lines": [{}]}')

    with pytest.raises(NothingToCompare, match="write one with `ops estimate --json FILE`"):
        other_estimate(str(file), Path("catalog"), load_prices())


def test_an_unknown_commit_is_refused():
    with pytest.raises(NothingToCompare, match="no such file, and no such commit"):
        other_estimate("no-such-branch", Path("catalog"), load_prices())


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Another version of the repository, as far as its command line goes."""
    (tmp_path / "ops").mkdir()
    (tmp_path / "ops/__init__.py").touch()
    (tmp_path / "ops/__main__.py").write_text(STUB)
    return tmp_path


def test_another_version_estimates_itself_at_todays_prices(tree: Path):
    written = made_of(line("Endpoint", 100))
    (tree / "answer.json").write_text(json.dumps(written.to_json()))

    assert estimate_there(tree, Path("catalog"), load_prices()) == written


def test_a_version_without_the_command_says_so(tree: Path):
    with pytest.raises(NothingToCompare, match=r"cannot make an estimate: .*answer\.json"):
        estimate_there(tree, Path("catalog"), load_prices())
