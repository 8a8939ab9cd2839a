"""How verbs speak: the language of the terminal, findings as lines, errors on standard error, exit codes."""

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any, Final, NoReturn

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import OperationalError, ProgrammingError

from challenges.findings import Finding
from challenges.messages import MESSAGES as PACKAGE_MESSAGES
from leaderboard.core.i18n import N_, LocaleCode, translate
from scoring import MESSAGES as SCORING_MESSAGES

REFUSED: Final = 1
MISUSED: Final = 2
UNREACHABLE: Final = 3
NOT_ALLOWED: Final = 4
TOO_LONG: Final = 5

SHOWN_EXAMPLES: Final = 5
SENTENCES: Final = {**PACKAGE_MESSAGES, **SCORING_MESSAGES}


def locale() -> LocaleCode:
    """The language of this terminal: JIEBANG_LANG, else the system's (LC_ALL, LC_MESSAGES, LANG)."""
    for name in ("JIEBANG_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


def say(message: str, /, **params: Any) -> None:
    """Prints a sentence in the terminal's language."""
    print(translate(locale(), message, **params))


def warn(message: str, /, **params: Any) -> None:
    """As :func:`say`, on standard error."""
    print(translate(locale(), message, **params), file=sys.stderr)


def fail(code: int, message: str, /, **params: Any) -> NoReturn:
    """Says on standard error why, and ends with ``code``."""
    warn(message, **params)
    raise typer.Exit(code)


def explain(error: Exception) -> NoReturn:
    """Says in one sentence what an operator can mend, and ends; anything else is a fault of ours and is raised again."""
    if isinstance(error, ValidationError) and error.title == "Settings":
        for fault in error.errors(include_url=False):
            name = f"JIEBANG_{'_'.join(str(part) for part in fault['loc'])}".upper()
            warn(N_("The setting {name} cannot be used: {reason}"), name=name, reason=fault["msg"])
        sys.exit(MISUSED)
    if isinstance(error, (OperationalError, ProgrammingError)):
        reason = str(error.orig).strip().splitlines()[0]
        warn(N_("The database cannot be used: {reason}. Run: jiebang doctor"), reason=reason)
        sys.exit(REFUSED)
    if isinstance(error, OSError) and error.filename is not None:
        warn("{path}: {reason}", path=str(error.filename), reason=str(error.strerror))
        sys.exit(REFUSED)
    raise error


def print_json(value: Any) -> None:
    """For ``--json``: one document on standard output, nothing else."""
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def sentence(finding: Finding) -> str:
    """A finding's sentence in the terminal's language."""
    fields = {name: value for name, value in finding if name not in {"id", "level", "params", "examples"}}
    return translate(locale(), SENTENCES[finding.id], **{**fields, **finding.params})


def print_findings(findings: Iterable[Finding]) -> None:
    """Findings as lines ``place: sentence``, with the first examples below; errors first, as they come."""
    for finding in findings:
        mark = {"error": "✗", "warning": "!", "note": "·"}[finding.level]
        count = f" (×{finding.count})" if finding.count > 1 else ""
        place = f"{finding.place}: " if finding.place else ""
        print(f"{mark} {place}{sentence(finding)}{count}")
        for example in finding.examples[:SHOWN_EXAMPLES]:
            parts = [
                translate(locale(), N_("row {row}"), row=example.row) if example.row is not None else "",
                example.column or "",
                repr(example.value) if example.value is not None else "",
            ]
            print("    " + "  ".join(part for part in parts if part))


def headings(*columns: tuple[str, bool]) -> list[tuple[str, bool]]:
    """Column headings in the terminal's language; ``(message, whether its values are numbers)``."""
    return [(translate(locale(), message), numeric) for message, numeric in columns]


def on_error_stream() -> Console:
    """Where bars and spinners go: never into what a script reads."""
    return Console(stderr=True)


@contextmanager
def waiting(message: str, *, silent: bool) -> Iterator[Callable[[str], None]]:
    """A sentence with a spinner while something is waited for; call it with how things stand."""
    words = translate(locale(), message)
    with on_error_stream().status(words) if not silent else nullcontext() as status:
        yield lambda state: status.update(f"{words}: {state}") if status is not None else None


def print_table(columns: Sequence[tuple[str, bool]], rows: Iterable[Sequence[str]], title: str = "") -> None:
    """A table; ``columns`` are (heading, whether its values are numbers)."""
    table = Table(title=title or None, box=None, pad_edge=False, title_justify="left")
    for heading, numeric in columns:
        table.add_column(heading, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    Console().print(table)
