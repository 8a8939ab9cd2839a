"""What a refused submission shows: findings in groups, in the reader's language."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Example:
    """One place where a finding holds. ``row`` counts from 1 as the file does; ``text`` says what was expected."""

    row: int | None = None
    column: str | None = None
    value: str | None = None
    text: str = ""


@dataclass(frozen=True)
class FindingGroup:
    """All findings of one kind in one column. ``anchor`` is its id in the page, ``count`` how many there are in all.

    ``title`` names the problem, ``hint`` says what to do; both are sentences in the reader's language.
    """

    anchor: str
    title: str
    count: int
    column: str | None = None
    level: Literal["error", "warning"] = "error"
    hint: str = ""
    examples: tuple[Example, ...] = ()
