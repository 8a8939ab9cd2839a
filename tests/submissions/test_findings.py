"""Findings in a reader's language: no id of a message is ever shown in place of a sentence."""

from string import Formatter

import pytest

import scoring
from challenges.messages import MESSAGES
from leaderboard.submissions import findings
from scoring.quality.checks import CHECKS

SENTENCES = {**MESSAGES, **scoring.MESSAGES}


@pytest.mark.parametrize("locale", ["en", "zh"])
@pytest.mark.parametrize("message", sorted(SENTENCES))
def test_every_finding_is_a_sentence(message: str, locale: str) -> None:
    params = {name: "…" for _, name, _, _ in Formatter().parse(SENTENCES[message]) if name}
    for level in ("error", "note"):
        finding = {"id": message, "level": level, "params": params, "examples": []}
        (said,) = (*(group.title for group in findings.groups(locale, [finding])), *findings.notes(locale, [finding]))
        assert said
        assert message not in said


def test_a_gate_is_named_with_what_to_do() -> None:
    found = {"found": 0.5, "asked": 0.99}
    gate = {"id": "quality.gate_failed", "key": "G9", "level": "error", "params": found, "count": 3, "examples": []}
    for locale, title in (("en", "Records of the raw data (G9): this gate"), ("zh", "记录出自原始数据 (G9): ")):
        (group,) = findings.groups(locale, [gate])
        assert group.title.startswith(title)
        assert "0.5" in group.title
        assert group.hint
    assert findings.groups("en", [gate])[0].hint == CHECKS["G9"].advice
