"""The answers of the catalog's example queries, asked through the runtime API as clients do."""

from typing import Any

from rich.markup import escape

from catalog.artifact import Manifest
from catalog.release import ReleaseContext
from local.journey import say
from ops.account import Account
from ops.ask import ask, in_words


def print_answers(account: Account, environment: str, context: ReleaseContext) -> None:
    """Ask each model its examples and print question, answer and the client's milliseconds."""
    for name, (manifest, *_) in ((n, [*m.values()]) for n, m in sorted(context.manifests.items())):
        say.console.print(f"        [bold]{name}[/]")
        for example in manifest.examples:
            answer = ask(account, environment, manifest, example.input)
            line = f"{_question(manifest, example.input)} -> {in_words(manifest, answer.value)}"
            say.console.print(f"          {escape(line)}  [dim]{answer.ms:.0f} ms[/]")


def _question(manifest: Manifest, question: Any) -> str:
    if manifest.task == "image-classification":
        return f"(a picture, {len(question) * 3 // 4 // 1024} KiB)"
    return " | ".join(question) if isinstance(question, list | tuple) else str(question)
