"""Configuration searches: what each server setting that a build tried reached."""

from matplotlib.figure import Figure

from ops.report.facts import Facts
from ops.report.plots import COMPILED, GOAL, SOURCE, svg

HEIGHT = 3.0


def search(facts: Facts) -> str:
    """Draw every trial of each model's search, its winner and objective; empty if there is none."""
    found = [
        (f"{manifest.model} on {manifest.accelerator}", manifest.evidence.conditions["search"])
        for manifest in facts.manifests
        if "search" in manifest.evidence.conditions
    ]

    def draw(figure: Figure) -> None:
        places = figure.subplots(len(found), 1, squeeze=False)[:, 0]
        for axes, (model, curve) in zip(places, found, strict=True):
            winner = curve["winner"]
            p99, served = zip(*((row["p99_ms"], row["throughput"]) for row in curve["trials"]),
                              strict=True)  # fmt: skip
            axes.plot(p99, served, "o", color=SOURCE, label="tried")
            words = (
                f"shipped: {winner['instances']} x batch {winner['max_batch']},"
                f" {winner['queue_delay_us']} us, {winner['concurrency']} clients"
            )
            axes.plot(winner["p99_ms"], winner["throughput"], "o", color=COMPILED, label=words)
            axes.axvline(curve["p99_ms"], color=GOAL, linewidth=1, linestyle="--")
            axes.set(title=model, xlabel="p99, ms", ylabel="answered a second")
            axes.set_xlim(left=0)
            axes.set_ylim(bottom=0)
            axes.grid(alpha=0.3)
            axes.legend(loc="lower right")

    return svg("search", HEIGHT * len(found), draw) if found else ""
