"""Read Triton's own counters: its Prometheus text, by model and metric."""

import re
from collections import defaultdict

_LINE = re.compile(r"^(?P<name>\w+)\{(?P<labels>[^}]*)\} (?P<value>\S+)$")
_LABEL = re.compile(r'(\w+)="([^"]*)"')

Counters = dict[str, float]


def by_model(text: str) -> dict[str, Counters]:
    """Return each model's counters.

    A metric that comes in kinds is named with its kind: `nv_inference_request_failure:REJECTED`,
    `nv_inference_request_summary_us:0.99`.
    """
    found: dict[str, Counters] = defaultdict(dict)
    for line in text.splitlines():
        match = _LINE.match(line)
        if not match:
            continue
        labels = dict(_LABEL.findall(match["labels"]))
        if model := labels.get("model"):
            kind = labels.get("reason") or labels.get("quantile")
            name = f"{match['name']}:{kind}" if kind else match["name"]
            found[model][name] = float(match["value"])
    return dict(found)
