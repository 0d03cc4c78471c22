"""Draw a dashboard: widgets with their values in, one HTML page out, with nothing to fetch."""

import re
from collections.abc import Sequence
from datetime import datetime

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from ops.alarms.alarm import Alarm
from ops.dashboard.data import Shown
from ops.dashboard.plots import plot

TEMPLATES = Environment(
    loader=PackageLoader("ops.dashboard", "."),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_INLINE = (
    (re.compile(r"`([^`]+)`"), r"<code>\1</code>"),
    (re.compile(r"\*\*([^*]+)\*\*"), r"<b>\1</b>"),
    (re.compile(r"\[([^\]]+)\]\([^)]+\)"), r"\1"),
)


def render(
    name: str, shown: Sequence[Shown], alarms: Sequence[Alarm], start: datetime, end: datetime
) -> str:
    """Return the page's HTML.

    Args:
        name: The dashboard's name.
        shown: Its widgets with their values.
        alarms: The environment's alarms: those that ring head the page.
        start: From when on values are shown, in UTC.
        end: Until when.
    """
    drawn = {
        number: Markup(plot(item, start, end))  # noqa: S704 - drawn here
        for number, item in enumerate(shown)
        if item.widget.kind == "metric" and item.widget.view != "singleValue"
    }
    return TEMPLATES.get_template("dashboard.html.j2").render(
        name=name,
        shown=shown,
        plots=drawn,
        texts={n: html_of(item.widget.markdown) for n, item in enumerate(shown)},
        ringing=[alarm for alarm in alarms if alarm.state == "ALARM"],
        alarms=alarms,
        start=start,
        end=end,
    )


def html_of(markdown: str) -> Markup:
    """Return the little Markdown that dashboards' texts have as HTML.

    Headings, lists, tables, paragraphs, code, bold; links become their text, since a page that
    stands alone leads nowhere.
    """
    out = []
    for block in re.split(r"\n\s*\n|\n(?=#)", markdown.strip()):
        lines = block.strip().splitlines()
        if not lines:
            continue
        if lines[0].startswith("#"):
            level = min(4, len(lines[0]) - len(lines[0].lstrip("#")) + 1)
            out.append(f"<h{level}>{_inline(lines[0].lstrip('# '))}</h{level}>")
            lines = lines[1:]
        if lines and all(line.lstrip().startswith("|") for line in lines):
            out.append(_table(lines))
        elif lines and all(line.lstrip().startswith(("- ", "* ")) for line in lines):
            items = "".join(f"<li>{_inline(line.lstrip()[2:])}</li>" for line in lines)
            out.append(f"<ul>{items}</ul>")
        elif lines:
            out.append(f"<p>{_inline(' '.join(lines))}</p>")
    return Markup("\n".join(out))  # noqa: S704 - escaped piece by piece


def _table(lines: Sequence[str]) -> str:
    rows = [line.strip().strip("|").split("|") for line in lines]
    cells = [row for row in rows if not all(set(cell.strip()) <= set("-:") for cell in row)]
    made = ["".join(f"<td>{_inline(cell.strip())}</td>" for cell in row) for row in cells]
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in made)}</table>"


def _inline(text: str) -> str:
    found = str(escape(text))
    for pattern, replacement in _INLINE:
        found = pattern.sub(replacement, found)
    return found
