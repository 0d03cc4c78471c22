"""Draw one model's page: HTML with plots inside, nothing to fetch."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from serving.drift import plots
from serving.drift.features import Table
from serving.drift.judge import ALPHA, FAR, Verdict
from serving.drift.quality import Quality
from serving.drift.settings import Settings, Watched

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render(
    settings: Settings,
    watched: Watched,
    verdict: Verdict,
    tables: tuple[Table, Table],
    quality: Quality | None,
    notes: str,
) -> str:
    """Return the page's HTML; `tables` are the baseline's and the window's features."""
    drawn = {}
    if verdict.findings:
        drawn = {
            "distances": plots.distances(verdict),
            "features": plots.features(verdict, *tables),
        }
    return TEMPLATES.get_template("page.html.j2").render(
        settings=settings,
        watched=watched,
        verdict=verdict,
        reference_rows=tables[0].rows,
        quality=quality,
        notes=notes,
        alpha=ALPHA,
        far=FAR,
        plots={name: Markup(svg) for name, svg in drawn.items()},  # noqa: S704 - drawn here
    )
