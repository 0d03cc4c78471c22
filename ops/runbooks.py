"""`python -m ops.runbooks`: writes into each runbook section when its alarms ring, from templates.

A limit is in the data of an environment and in the constructs that read it; a sentence that a
person copied from there is wrong after the next change. A test wants the files as written here.
"""

import re
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from catalog.load import load_environment, load_models, load_pipeline
from ops import alarm_table
from ops.alarms.words import condition
from ops.runbook import FOLDER

CATALOGS = ("catalog", "examples/aws")
KINDS = ("CloudWatch::Alarm", "CloudWatch::CompositeAlarm")
WIDTH = 120
_NAMED = re.compile(r"docs/runbooks/([\w-]+\.md)#([\w-]+)")
_ENVIRONMENT = re.compile(r"^slipway-([a-z0-9]+)-")
_RINGS = re.compile(r"^\*\*Rings\*\*.*?\n(?=\*\*)", re.MULTILINE | re.DOTALL)
COMPOSITE = "while one of its parts of severity `page` rings"

Conditions = dict[tuple[str, str], dict[str, set[str]]]
"""By file and anchor: what is said, and of which environments."""


def conditions(alarms: Iterable[Mapping[str, Any]], suffix: str = "") -> Conditions:
    """Return when the alarms of each section ring.

    Args:
        alarms: The properties of the templates' alarms.
        suffix: Put after environments' names, where they are of another catalog.
    """
    found: Conditions = {}
    for alarm in alarms:
        named = _NAMED.search(str(alarm.get("AlarmDescription", "")))
        if named is None:
            continue
        words = COMPOSITE if "AlarmRule" in alarm else condition(alarm)
        environment = _ENVIRONMENT.match(str(alarm.get("AlarmName") or ""))
        place = environment.group(1) + suffix if environment else "the tooling"
        found.setdefault((named.group(1), named.group(2)), {}).setdefault(words, set()).add(place)
    return found


def merged(*parts: Conditions) -> Conditions:
    """Return the conditions of several catalogs together."""
    found: Conditions = {}
    for part in parts:
        for section, said in part.items():
            for words, places in said.items():
                found.setdefault(section, {}).setdefault(words, set()).update(places)
    return found


def sentence(said: Mapping[str, set[str]]) -> str:
    """Return a section's sentence; environments are named only where they differ."""
    if len(said) == 1:
        words = next(iter(said))
        return f"**Rings** {'' if words == COMPOSITE else 'on '}{words}."
    parts = [f"{words} ({', '.join(sorted(places))})" for words, places in sorted(said.items())]
    return f"**Rings** on {'; or '.join(parts)}."


def written(file: str, text: str, said: Conditions) -> str:
    """Return a runbook with the sentences of its sections, in the place of those it has."""
    parts = re.split(r"^(## .+)$", _RINGS.sub("", text), flags=re.MULTILINE)
    out = [parts[0]]
    for heading, body in zip(parts[1::2], parts[2::2], strict=True):
        here = said.get((file, heading.removeprefix("## ").strip()))
        rings = f"{wrapped(sentence(here))}\n" if here else ""
        out += [heading, "\n\n" + rings + body.lstrip("\n")]
    return "".join(out)


def wrapped(text: str) -> str:
    """Return a text in lines that an editor shows whole."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + len(word) >= WIDTH:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)


def words_of(catalog: Path) -> alarm_table.Words:
    """Return the names of a catalog that alarms' names are made of."""
    environments = [load_environment(name, catalog) for name in load_pipeline(catalog).environments]
    targets = {
        name for item in environments for name in (*item.endpoints, *item.services, *item.batch)
    }
    names = [item.name for item in environments]
    return alarm_table.Words(
        names, sorted(targets), sorted({*load_models(), *load_models(catalog)})
    )


def main() -> None:
    """Synthesise the shipped environments and the example, and rewrite runbooks and table."""
    from ops.estimate.assembly import ROOT, synthesise
    from ops.estimate.placeholder import placeholder

    found, made = [], {}
    for catalog in CATALOGS:
        names = load_pipeline(ROOT / catalog).environments
        release = placeholder([load_environment(name, ROOT / catalog) for name in names])
        with tempfile.TemporaryDirectory() as folder:
            templates = synthesise(ROOT / catalog, release, Path(folder))
        made[catalog] = (words_of(ROOT / catalog), templates)
        alarms = [item.body["Properties"] for template in templates for item in template.of(*KINDS)]
        found.append(conditions(alarms, "" if catalog == CATALOGS[0] else f" of {catalog}"))
    for path in sorted(FOLDER.glob("*.md")):
        path.write_text(written(path.name, path.read_text(), merged(*found)))
        print(f"wrote {path.relative_to(ROOT)}")
    (FOLDER / alarm_table.FILE).write_text(alarm_table.table(made))


if __name__ == "__main__":
    main()
