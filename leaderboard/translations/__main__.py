"""Lists sentences without a Chinese translation, translations without a sentence, and ones that disagree."""

import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

from challenges import facets, intake_messages, reference
from challenges.board_columns import COLUMNS
from challenges.datasets.items import ITEMS
from challenges.messages import MESSAGES as CHALLENGE_MESSAGES
from leaderboard.exchange.matching.constraints import CONSTRAINTS
from leaderboard.exchange.matching.factors import FACTORS
from leaderboard.exchange.matching.messages import BANDS
from leaderboard.exchange.matching.messages import MESSAGES as MATCHING_MESSAGES
from leaderboard.exchange.matching.supply import SUPPLY_FACTORS
from leaderboard.terms import words
from leaderboard.terms.messages import MESSAGES as TERMS_MESSAGES
from leaderboard.terms.regions import REGIONS
from leaderboard.ui.templating import templates_folder
from scoring import MESSAGES as SCORING_MESSAGES
from scoring import METRICS
from scoring.quality.checks import CHECKS
from scoring.quality.personal.kinds import KINDS
from scoring.quality.rubric import PARTS, PRESETS
from scoring.quality.wording import ISSUES, RULE_BROKEN

ROOMS = Path(__file__).parent.parent
CATALOGUES = Path(__file__).parent / "zh_Hans"
Keywords = dict[str, tuple[int, ...] | None]
PYTHON_KEYWORDS: Keywords = {"N_": None, "ngettext": (2, 3)}
TEMPLATE_KEYWORDS: Keywords = {"_": None, "ngettext": (1, 2)}

Message = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something about a sentence: ``kind`` is missing, unused, disagreeing or parameters."""

    kind: str
    sentence: str
    where: str

    def __str__(self) -> str:
        return f"{self.kind:12} {self.where}: {self.sentence!r}"


def said() -> dict[Message, str]:
    """Every sentence that the code can say → a place where it says it."""
    found: dict[Message, str] = {}
    for path in sorted(ROOMS.rglob("*.py")):
        _extract("python", path, PYTHON_KEYWORDS, found)
    templates = templates_folder()
    for path in sorted(templates.rglob("*.html")):
        _extract("jinja2", path, TEMPLATE_KEYWORDS, found)
    for where, sentence in _tabled():
        found.setdefault((sentence,), where)
    return found


def _tabled() -> Iterator[tuple[str, str]]:
    """(where, sentence) of what stands in tables: messages, hints, metrics, word lists, keys of a package."""
    for table in (CHALLENGE_MESSAGES, SCORING_MESSAGES, intake_messages.HINTS, intake_messages.EXPECTED):
        yield from table.items()
    for names in (facets.SECTORS, facets.TASKS, facets.MODALITIES, facets.ROLES, facets.PHASES):
        yield from names.items()
    for metric in METRICS.values():
        yield f"metric {metric.key}", metric.title
        yield f"metric {metric.key}", metric.explanation
        for option in metric.options:
            yield f"metric {metric.key}", option.explanation
    for columns in COLUMNS.values():
        for column in columns:
            yield f"board column {column.key}", column.name
            yield f"board column {column.key}", column.explanation
    yield from _quality()
    yield from _exchange()
    for entry in reference.entries():
        yield entry.path, entry.description


def _exchange() -> Iterator[tuple[str, str]]:
    """What listings, demands and matches say: findings, reasons, questions, names of their values and factors."""
    yield from {**TERMS_MESSAGES, **MATCHING_MESSAGES, **BANDS, **REGIONS}.items()
    for key, names in vars(words).items():
        if key.isupper() and isinstance(names, Mapping):
            yield from names.items()
    for constraint in CONSTRAINTS.values():
        yield f"constraint {constraint.key}", constraint.title
    for factor in (*FACTORS.values(), *SUPPLY_FACTORS.values()):
        yield f"factor {factor.key}", factor.title


def _quality() -> Iterator[tuple[str, str]]:
    """What quality reports say: checks, parts, presets, issues, kinds of personal information."""
    for check in CHECKS.values():
        for sentence in (check.title, check.explanation, check.advice):
            yield f"check {check.key}", sentence
    for titles in (PARTS, PRESETS, KINDS):
        for key, titled in titles.items():
            yield f"quality {key}", titled.title
    for item in ITEMS:
        yield f"item {item.key}", item.title
    yield from ISSUES.items()
    yield "rule:", RULE_BROKEN


def _extract(method: str, path: Path, keywords: Keywords, found: dict[Message, str]) -> None:
    options = {"trimmed": "false", "silent": "false", "extensions": ""}
    for line, message, _, _ in extract_from_file(method, path, keywords=keywords, options=options):
        parts = message if isinstance(message, tuple) else (message,)
        if all(isinstance(part, str) and part for part in parts):
            found.setdefault(tuple(str(part) for part in parts), f"{path.name}:{line}")


def translated() -> Iterator[tuple[str, Message, Message]]:
    """(catalogue, sentence in English, in Chinese) of every entry."""
    for path in sorted(CATALOGUES.glob("*.po")):
        with path.open("rb") as file:
            for entry in read_po(file, locale="zh_Hans"):
                if entry.id:
                    yield path.name, _parts(entry.id), _parts(entry.string)


def _parts(text: object) -> Message:
    return (text,) if isinstance(text, str) else tuple(str(part) for part in text)  # type: ignore[attr-defined]


def faults() -> list[Fault]:
    """Everything that is wrong, in a fixed order; empty when both languages say the same."""
    sentences = said()
    known: defaultdict[str, dict[str, Message]] = defaultdict(dict)
    for room, english, chinese in translated():
        known[english[0]][room] = chinese
    found = [Fault("missing", message[0], where) for message, where in sentences.items() if not any(
        all(chinese) for chinese in known.get(message[0], {}).values()
    )]  # fmt: skip
    first = {message[0] for message in sentences}
    for sentence, rooms in known.items():
        where = ", ".join(rooms)
        if sentence not in first:
            found.append(Fault("unused", sentence, where))
        if len(set(rooms.values())) > 1:
            found.append(Fault("disagreeing", sentence, where))
        if any(_names(sentence) != _names(text) for chinese in rooms.values() for text in chinese):
            found.append(Fault("parameters", sentence, where))
    return found


def _names(text: str) -> set[str]:
    try:
        return {name for _, name, _, _ in Formatter().parse(text) if name}
    except ValueError:
        return {text}


if __name__ == "__main__":
    everything = faults()
    for fault in everything:
        print(fault)  # noqa: T201 - a command
    sys.exit(1 if everything else 0)
