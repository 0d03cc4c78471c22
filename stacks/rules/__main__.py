"""Writes docs/validator.md from the rules and their examples: `python -m stacks.rules`."""

import sys
from pathlib import Path

from stacks.rules.example import Example, examples

PAGE = Path(__file__).resolve().parents[2] / "docs" / "validator.md"
HEAD = """\
# What synth refuses

AWS takes many configurations and then silently does something else. `cdk synth` and `cdk deploy`
look at the synthesised resources (yours too) and stop at these, with one sentence each and the
construct it is about. Code and sources: [stacks/rules](../stacks/rules); what each rule refuses
and what is right instead: its [examples](../stacks/rules/examples), which the tests run.
This page is written by `python -m stacks.rules`.

To set a rule aside at one construct, with a reason that stays in the code:

```python
cdk.Validations.of(construct).acknowledge(
    cdk.Acknowledgment(id="Slipway::variant-name", reason="an old endpoint that moves next month")
)
```

"""


def page(found: list[Example]) -> str:
    """Return the page's text."""
    parts = [HEAD]
    for file in dict.fromkeys(item.file for item in found):
        parts.append(f"## {file.removesuffix('.yaml').capitalize()}\n\n")
        parts.append(
            "| rule | refuses | what it says of its example | source |\n|---|---|---|---|\n"
        )
        for item in found:
            if item.file == file:
                cells = (f"`{item.rule.id}`", item.rule.refuses, item.message, item.rule.source)
                parts.append(f"| {' | '.join(cells)} |\n")
        parts.append("\n")
    return "".join(parts).rstrip("\n") + "\n"


def main(arguments: list[str]) -> int:
    """Write the page, or with `--check` say whether it is as the rules say."""
    text = page(examples())
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text:
        return 0
    if "--check" in arguments:
        print(f"{PAGE.name} is not what the rules say: run `python -m stacks.rules`")
        return 1
    PAGE.write_text(text, encoding="utf-8")
    print(f"wrote {PAGE.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
