"""Sections of `docs/runbooks`: what an alarm means, and what to do."""

import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "docs/runbooks"
PARAGRAPHS = ("What it means", "Confirm", "Act", "Command", "Over")
_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
_PARAGRAPH = re.compile(r"^\*\*([\w ]+?)\.?\*\*", re.MULTILINE)
_COMMAND = re.compile(r"`python -m ops ([^`]+)`")


@dataclass(frozen=True)
class Section:
    """One section: its text by paragraph, in order.

    Attributes:
        name: Such as `endpoint.md#slow`.
        paragraphs: The text of each, without its heading, by `PARAGRAPHS` and `Rings`.
    """

    name: str
    paragraphs: dict[str, str]

    @property
    def command(self) -> str:
        """Return the one command that is safe to begin with, after `python -m ops`; else empty."""
        found = _COMMAND.search(self.paragraphs.get("Command", ""))
        return found.group(1) if found else ""


def sections(file: Path) -> dict[str, Section]:
    """Return the sections of a runbook by anchor."""
    parts = _HEADING.split(file.read_text())[1:]
    return {
        anchor: Section(f"{file.name}#{anchor}", _paragraphs(text))
        for anchor, text in zip(parts[::2], parts[1::2], strict=True)
    }


def section(name: str, folder: Path = FOLDER) -> Section | None:
    """Return a section such as `endpoint.md#slow`; None if there is no such."""
    file, _, anchor = name.partition("#")
    path = folder / file
    return sections(path).get(anchor) if path.is_file() else None


def filled_in(command: str, *, environment: str, target: str, alarm: str) -> str:
    """Return a runbook's command with the words in capitals replaced.

    Args:
        command: As the runbook has it.
        environment: For `ENV`.
        target: For `TARGET`: the endpoint, service or job.
        alarm: For `ALARM`.
    """
    words = {"ENV": environment, "TARGET": target, "ALARM": alarm}
    return re.sub(r"\b(ENV|TARGET|ALARM)\b", lambda found: words[found.group(1)], command)


def _paragraphs(text: str) -> dict[str, str]:
    parts = _PARAGRAPH.split(text)[1:]
    return {
        name: " ".join(body.split()) for name, body in zip(parts[::2], parts[1::2], strict=True)
    }
