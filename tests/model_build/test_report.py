from xml.etree import ElementTree

import pytest

from catalog.artifact import Evidence, Verdict
from catalog.plan import Plan, PlanItem
from model_build.report import evidence_of, junit, summary


def item(model: str, verb: str) -> PlanItem:
    return PlanItem(model, "cpu", f"key-{model}", {}, verb, "")  # type: ignore[arg-type]


def evidence(*verdicts: Verdict) -> Evidence:
    return Evidence("words", "sha256:aa", {}, {}, (), verdicts)


GOOD = Verdict("p99_ms", {"threshold": 10}, True, "9 ms")
BAD = Verdict("accuracy", {"threshold": 0.9}, False, "0.5 is below 0.9")


def test_a_plan_is_one_line_of_what_is_to_be_done():
    plan = Plan("c", (item("a", "build"), item("b", "hit"), item("c", "hit")))

    assert summary(plan) == "1 to build, 2 to reuse"


def test_every_gate_is_a_test_case_and_a_failed_one_says_why():
    root = ElementTree.fromstring(junit({"intent": [evidence(GOOD, BAD)]}))

    (suite,) = root
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("2", "1", "0")
    failure = suite.find("testcase[@name='accuracy']/failure")
    assert failure is not None
    assert failure.get("message") == "0.5 is below 0.9"


def test_a_model_that_never_reached_its_gates_is_an_error():
    (suite,) = ElementTree.fromstring(junit({"intent": []}))

    assert suite.get("errors") == "1"


class Store:
    """A store with an artifact of one key and a rejection of another."""

    def __init__(self):
        self.bucket = self

    def find(self, key):
        manifest = type("Manifest", (), {"evidence": evidence(GOOD)})
        return [type("Stored", (), {"manifest": manifest})] if key == "key-made" else []

    def keys(self, prefix):
        return [f"{prefix}aa.json"] if "stopped" in prefix else []

    def get(self, _key):
        return (
            b'{"evidence": {"golden": "w", "golden_digest": "d", "machine": {}, "conditions": {},'
            b' "measurements": [], "verdicts": [{"metric": "accuracy", "goal": {},'
            b' "passed": false, "reason": "bad"}]}}'
        )


@pytest.mark.parametrize(
    ("model", "passed"), [("made", [True]), ("stopped", [False]), ("broken", [])]
)
def test_evidence_is_of_the_artifact_or_else_of_what_stopped_it(model, passed):
    found = evidence_of([item(model, "build")], Store())[model]

    assert [verdict.passed for each in found for verdict in each.verdicts] == passed
