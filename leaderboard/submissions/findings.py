"""Findings as people read them: the report's ids and params become sentences in the reader's language."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import scoring
from challenges.intake_messages import EXPECTED, HINTS, template
from challenges.messages import MESSAGES
from leaderboard.core.i18n import N_, translate
from leaderboard.ui.findings import Example, FindingGroup
from scoring.quality.checks import CHECKS

OURS: Final = {
    "intake.limits": N_("reading this file took more than {seconds} seconds or {megabytes} MB of memory, twice"),
}
OUR_HINTS: Final = {
    "intake.limits": N_("Check that the file is what you meant to hand in. If it is, write to the organizer."),
}
_TITLES: Final[Mapping[str, str]] = {**MESSAGES, **scoring.MESSAGES, **OURS}
_HINTS: Final[Mapping[str, str]] = {**HINTS, **OUR_HINTS}


def groups(locale: str, findings: Sequence[Mapping[str, Any]]) -> tuple[FindingGroup, ...]:
    """Errors first, then warnings; notes are `notes`. Grouped by column, as the report has them."""
    shown = [finding for finding in findings if finding["level"] != "note"]
    shown.sort(key=lambda finding: finding["level"] != "error")
    return tuple(_group(locale, number, finding) for number, finding in enumerate(shown, 1))


def notes(locale: str, findings: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """How the file was understood, where that had to be guessed."""
    return tuple(_title(locale, finding) for finding in findings if finding["level"] == "note")


def _group(locale: str, number: int, finding: Mapping[str, Any]) -> FindingGroup:
    fields = _fields(finding)
    check = CHECKS.get(finding.get("key") or "")
    hint = check.advice if check else template(_HINTS, finding["id"], fields)
    return FindingGroup(
        anchor=f"finding-{number}",
        title=_title(locale, finding),
        count=finding.get("count", 1),
        column=finding.get("column"),
        level=finding["level"],
        hint=translate(locale, hint, **fields) if hint else "",
        examples=tuple(_example(locale, finding, example) for example in finding.get("examples", ())),
    )


def _title(locale: str, finding: Mapping[str, Any]) -> str:
    fields = _fields(finding)
    text = template(_TITLES, finding["id"], fields)
    said = translate(locale, text, **fields) if text else str(finding["id"])
    check = CHECKS.get(finding.get("key") or "")
    place = f"{translate(locale, check.title)} ({finding['key']})" if check else finding.get("file")
    return f"{place}: {said}" if place else said


def _example(locale: str, finding: Mapping[str, Any], example: Mapping[str, Any]) -> Example:
    fields = {**_fields(finding), **_fields(example)}
    expected = template(EXPECTED, finding["id"], fields)
    return Example(
        row=example.get("row"),
        column=example.get("column") or finding.get("column"),
        value=None if example.get("value") is None else str(example["value"]),
        text=translate(locale, expected, **fields) if expected else "",
    )


def _fields(place: Mapping[str, Any]) -> dict[str, Any]:
    own = {key: value for key, value in place.items() if key not in {"params", "examples", "id", "level"}}
    return {**{key: value for key, value in own.items() if value is not None}, **place.get("params", {})}
