"""Load curves of services: what clients wait and what is answered, over what is offered."""

from matplotlib.figure import Figure

from ops.report.facts import Facts
from ops.report.plots import COMPILED, GOAL, svg

HEIGHT = 3.2


def load(facts: Facts) -> str:
    """Draw the curve that the gate of each service measured; empty if there is none."""
    curves = [
        (manifest.model, manifest.evidence.conditions["curve"])
        for manifest in facts.manifests
        if "curve" in manifest.evidence.conditions
    ]

    def draw(figure: Figure) -> None:
        late, answered = figure.subplots(1, 2)
        for model, curve in curves:
            columns = zip(curve["columns"], zip(*curve["points"], strict=True), strict=True)
            found = dict(columns)
            offered = found["offered"]
            late.plot(offered, found["p99_ms"], "o-", color=COMPILED, label=f"{model}, p99")
            late.plot(offered, found["p50_ms"], "o:", color=COMPILED, label=f"{model}, p50")
            answered.plot(offered, found["answered"], "o-", color=COMPILED, label=model)
            answered.axline((0, 0), slope=1, color=GOAL, linewidth=1, linestyle="--")
            if curve["limit_ms"] is not None:
                late.axhline(curve["limit_ms"], color=GOAL, linewidth=1, linestyle="--")
        late.set(yscale="log", ylabel="ms that a client waits")
        late.yaxis.set_major_formatter("{x:g}")
        answered.set(ylabel="answered a second")
        for axes in (late, answered):
            axes.set(xlabel="offered a second")
            axes.set_xlim(left=0)
            axes.grid(alpha=0.3)
            axes.legend()

    return svg("load", HEIGHT, draw) if curves else ""
