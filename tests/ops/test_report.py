import re
from html.parser import HTMLParser

import pytest

from ops import browser
from ops.report.page import render
from tests.ops.sample import facts


class Structure(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.sources: list[str] = []

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name == "id" and tag in {"figure", "table"}:
                self.ids.append(value)
            if name in {"src", "href"} and not value.startswith("#") and tag != "use":
                self.sources.append(value)


def test_the_page_shows_every_model_plot_and_digest_and_fetches_nothing():
    page = render(facts())

    structure = Structure()
    structure.feed(page)
    assert structure.ids == ["pointers", "models", "latency", "parity", "cost", "timeline"]
    assert structure.sources == []
    assert facts().context.hex in page
    for digest in facts().context.release.artifacts:
        assert digest in page


def test_the_load_curve_of_a_service_is_drawn_from_its_evidence():
    told = facts()
    columns = ["offered", "answered", "p50_ms", "p99_ms"]
    points = [[150.0, 150.0, 2.0, 6.0], [600.0, 590.0, 4.0, 40.0]]
    curve = {"columns": columns, "points": points, "limit_ms": 50.0, "by": "k6"}
    told.context.manifests["spell"]["cpu"].evidence.conditions["curve"] = curve

    page = render(told)

    assert '<figure id="load"><svg' in page
    assert "spell, p99" in page


def test_the_curve_of_a_configuration_search_is_drawn_with_what_is_shipped():
    told = facts()
    settings = {"instances": 1, "max_batch": 8, "queue_delay_us": 100, "concurrency": 4}
    trials = [
        {**settings, "throughput": 300.0, "p50_ms": 4.0, "p99_ms": 18.0},
        {**settings, "max_batch": 16, "throughput": 385.0, "p50_ms": 4.0, "p99_ms": 10.0},
    ]
    curve = {"p99_ms": 25.0, "winner": trials[1], "trials": trials}
    told.context.manifests["spell"]["cpu"].evidence.conditions["search"] = curve

    page = render(told)

    assert '<figure id="search"><svg' in page
    assert "shipped: 1 x batch 16, 100 us, 4 clients" in page


def test_the_same_facts_give_the_same_page():
    assert render(facts()) == render(facts())


def test_what_a_machine_calls_itself_is_escaped():
    assert "Some <CPU>" not in render(facts())


def test_the_page_opens_in_a_browser_with_its_plots_drawn(tmp_path):
    if browser.find() is None:
        pytest.skip("no Chromium: install it (Debian, Ubuntu: apt-get install chromium)")
    page = tmp_path / "report.html"
    page.write_text(render(facts()))

    drawn = browser.opened(page)

    assert len(re.findall(r"<figure[^>]*><svg", drawn)) == 4
    assert "spell" in drawn
