"""`python -m model_build.report`: what the gates said, as a test report; a plan in one line.

A report is JUnit XML, which CodeBuild shows and keeps: a suite for each model that was built, a
test for each gate.
"""

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from catalog.artifact import Evidence
from catalog.plan import Plan, PlanItem

Suites = dict[str, list[Evidence]]


def summary(plan: Plan) -> str:
    """Return a plan in one line, such as `2 to build, 4 to reuse`."""
    counts: Counter[str] = Counter(item.verb for item in plan.items)
    words = {"build": "to build", "hit": "to reuse", "refused": "refused", "left out": "left out"}
    return ", ".join(f"{counts[verb]} {said}" for verb, said in words.items() if counts[verb])


def evidence_of(items: Iterable[PlanItem], store: Any) -> Suites:
    """Return the evidence of what was to be built, by model: of artifacts, else of rejections."""
    return {item.model: list(_evidence(item.key, store)) for item in items}


def _evidence(key: str, store: Any) -> Iterator[Evidence]:
    found = store.find(key)
    yield from (stored.manifest.evidence for stored in found)
    if found:
        return
    for place in store.bucket.keys(f"rejections/{key}/"):
        yield Evidence.from_json(json.loads(store.bucket.get(place))["evidence"])


def junit(suites: Suites) -> bytes:
    """Return a report; a model without any evidence is an error of its own."""
    root = ElementTree.Element("testsuites", name="gates")
    for model, found in suites.items():
        suite = ElementTree.SubElement(root, "testsuite", name=model)
        if not found:
            case = ElementTree.SubElement(suite, "testcase", classname=model, name="build")
            said = "nothing was measured: the build ended before its gates"
            ElementTree.SubElement(case, "error", message=said)
        for evidence in found:
            _cases(suite, model, evidence)
        suite.set("tests", str(len(suite)))
        suite.set("failures", str(len(suite.findall("testcase/failure"))))
        suite.set("errors", str(len(suite.findall("testcase/error"))))
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def _cases(suite: ElementTree.Element, model: str, evidence: Evidence) -> None:
    for verdict in evidence.verdicts:
        case = ElementTree.SubElement(suite, "testcase", classname=model, name=verdict.metric)
        case.set("time", "0")
        if not verdict.passed:
            ElementTree.SubElement(case, "failure", message=verdict.reason)
        else:
            ElementTree.SubElement(case, "system-out").text = verdict.reason


def main(arguments: list[str]) -> int:
    """Write the report, or print the summary."""
    parser = argparse.ArgumentParser(prog="python -m model_build.report", description=__doc__)
    parser.add_argument("--plan", type=Path, required=True, help="the plan that was built")
    parser.add_argument("--accelerator", help="whose builds to report")
    parser.add_argument("--out", type=Path, help="where the report goes")
    parser.add_argument("--summary", action="store_true", help="print the plan in one line instead")
    parsed = parser.parse_args(arguments)
    plan = Plan.from_json(json.loads(parsed.plan.read_text()))
    if parsed.summary:
        print(summary(plan))
        return 0
    items = plan.to_build(parsed.accelerator)
    suites = evidence_of(items, _store()) if items else {}
    parsed.out.parent.mkdir(parents=True, exist_ok=True)
    parsed.out.write_bytes(junit(suites))
    return 0


def _store() -> Any:
    import boto3  # not needed where there is nothing to report

    from catalog.signature import kms_verify
    from model_build.store import Store

    verify = kms_verify(boto3.client("kms"), os.environ["SLIPWAY_SIGNING_KEY"])
    return Store(os.environ["SLIPWAY_ARTIFACT_BUCKET"], boto3.client("s3"), verify)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
