"""Draw the report: facts in, one HTML page out, with nothing to fetch."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from catalog.artifact import Manifest
from ops.report import curves, plots, searches
from ops.report.facts import Facts, quality

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def _row(manifest: Manifest) -> dict[str, object]:
    evidence = manifest.evidence
    names = {"quality": quality(manifest) or "", "p50": "p50_ms", "p99": "p99_ms"}
    names |= {"throughput": "throughput", "cost": "usd_per_million", "speedup": "speedup"}
    return {
        "manifest": manifest,
        "metric": names["quality"],
        **{key: evidence.measurement(metric) for key, metric in names.items()},
    }


def render(facts: Facts) -> str:
    """Return the page's HTML."""
    drawn = {
        "latency": plots.latency(facts),
        "parity": plots.parity(facts),
        "cost": plots.cost(facts),
        "load": curves.load(facts),
        "search": searches.search(facts),
        "timeline": plots.timeline(facts) if facts.steps else "",
    }
    return TEMPLATES.get_template("report.html.j2").render(
        facts=facts,
        rows=[_row(manifest) for manifest in facts.manifests],
        plots={name: Markup(svg) for name, svg in drawn.items()},  # noqa: S704 - drawn here
    )
