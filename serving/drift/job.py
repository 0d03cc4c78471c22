"""One run: read the window's records, judge each model, write verdicts, tell CloudWatch."""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

from serving.drift import metrics, monitor_files, reference
from serving.drift.baselines import MADE_FOR, REBASELINED, Baseline, find
from serving.drift.features import Table
from serving.drift.judge import MOST_ROWS, Verdict, judge, not_enough
from serving.drift.page import render
from serving.drift.places import Place, lines, open_place
from serving.drift.quality import Quality, measure, read_labels
from serving.drift.records import Rows, read
from serving.drift.reference import BadBaseline
from serving.drift.settings import Settings, Watched

Say = Callable[[str], None]


@dataclass(frozen=True)
class Window:
    """What a window holds of one model, and what of the endpoint's records was left out."""

    rows: Rows
    others: int
    unreadable: int

    @property
    def notes(self) -> str:
        """Return a sentence on what was left out, if anything was."""
        parts = []
        if self.others:
            parts.append(f"{self.others} records are of another artifact, such as another release")
        if self.unreadable:
            parts.append(f"{self.unreadable} lines are no records")
        return f"Left out: {'; '.join(parts)}." if parts else ""


class Job:
    """The run of one set of settings."""

    def __init__(self, settings: Settings, cloudwatch: Any = None, say: Say = print) -> None:
        """Open the places; `cloudwatch` is a boto3 client, or None for no metrics."""
        self._settings, self._cloudwatch, self._say = settings, cloudwatch, say
        self._captured, self._out = open_place(settings.capture), open_place(settings.out)
        self._bucket = open_place(f"s3://{settings.bucket}") if settings.bucket else None
        self._folder = open_place(settings.baselines) if settings.baselines else None
        self._labels = self._read_labels()

    def run(self) -> dict[str, Verdict]:
        """Judge every model, or make its baseline anew; return the verdicts by model."""
        verdicts = {}
        for watched in self._settings.models:
            verdicts[watched.model] = verdict = self._watch(watched)
            self._say(f"{watched.model}: {verdict.state}, {verdict.rows} rows: {verdict.reason}")
        return verdicts

    def _watch(self, watched: Watched) -> Verdict:
        try:
            baseline = find(watched, self._bucket, self._folder, self._out)
        except BadBaseline as error:
            verdict = not_enough(0, f"no baseline: {error}")
            self._write(watched, verdict, (Table(), Table()), None, "")
            return verdict
        window = self._window(watched, baseline)
        if self._settings.rebaseline:
            return self._rebaseline(watched, baseline, window)
        kept = window.rows.kept(MOST_ROWS)
        count, least = len(window.rows.inputs), self._settings.least
        seen = baseline.reference.seen(kept) if kept.inputs else Table()
        verdict = judge(baseline.reference.table, seen, rows=count, least=least)
        quality = measure(window.rows, self._labels) if self._labels else None
        self._write(watched, verdict, (baseline.reference.table, seen), quality, window.notes)
        return verdict

    def _window(self, watched: Watched, baseline: Baseline) -> Window:
        settings, rows, others = self._settings, Rows(), 0
        found = lines(self._captured, watched.endpoint, settings.start, settings.end)
        records, unreadable = read(found, baseline.reference.labels)
        for record in sorted(records, key=lambda record: record.time):
            if record.model not in ("", watched.model):
                continue
            if not settings.start <= record.time <= settings.end:
                continue
            if baseline.artifact and record.artifact not in ("", baseline.artifact):
                others += 1
                continue
            rows.add(record)
        return Window(rows, others, unreadable)

    def _rebaseline(self, watched: Watched, baseline: Baseline, window: Window) -> Verdict:
        old, rows, least = baseline.reference, window.rows, self._settings.least
        count = len(rows.inputs)
        if count < least:
            return not_enough(count, f"{count} rows make no baseline, at least {least} are needed")
        made = reference.make(
            old.model, old.task, rows.kept(MOST_ROWS), labels=old.labels,
            tokenizer=old.lens.tokenizer,
        )  # fmt: skip
        files = {
            **reference.dump(made),
            reference.STATISTICS: _json(monitor_files.statistics(made.table)),
            reference.CONSTRAINTS: _json(monitor_files.constraints(made.table)),
            MADE_FOR: watched.manifest.encode(),  # last: it is what makes the others count
        }
        for name, data in files.items():
            self._out.put(f"{REBASELINED}/{watched.model}/{name}", data, "application/octet-stream")
        return Verdict("steady", count, "this window is the baseline from now on")

    def _write(
        self,
        watched: Watched,
        verdict: Verdict,
        tables: tuple[Table, Table],
        quality: Quality | None,
        notes: str,
    ) -> None:
        settings = self._settings
        page = render(settings, watched, verdict, tables, quality, notes).encode()
        seen = tables[1] if verdict.findings else None
        report = {
            **asdict(replace(verdict, findings=())),
            "environment": settings.environment,
            "release": settings.release,
            **asdict(watched),
            "start": settings.start.isoformat(),
            "end": settings.end.isoformat(),
            "notes": notes,
            "findings": [asdict(finding) for finding in verdict.findings],
            "quality": asdict(quality) if quality else None,
        }
        violations = monitor_files.violations(verdict, tables[0], seen)
        folder = f"{watched.model}/{settings.end:%Y/%m/%d/%H}"
        self._out.put(f"{folder}/violations.json", _json(violations), "application/json")
        self._out.put(f"{folder}/report.json", _json(report), "application/json")
        for key in (f"{folder}/page.html", f"latest/{watched.model}.html"):
            self._out.put(key, page, "text/html; charset=utf-8")
        if self._cloudwatch is not None:
            found = metrics.data(
                settings.environment, watched, verdict, quality, settings.end, settings.least
            )
            metrics.put(self._cloudwatch, found)

    def _read_labels(self) -> dict[str, str]:
        if not self._settings.labels:
            return {}
        return read_labels(_all_lines(open_place(self._settings.labels)))


def _all_lines(place: Place) -> Iterable[str]:
    for key in place.keys(""):
        if key.endswith(".jsonl"):
            yield from (place.get(key) or b"").decode("utf-8", "replace").splitlines()


def _json(document: Any) -> bytes:
    return json.dumps(document, indent=1).encode() + b"\n"
