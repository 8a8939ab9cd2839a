"""Every message id of the timetable has a sentence, in both languages, with the parameters that come with it."""

import re
from pathlib import Path
from string import Formatter

import pytest

from leaderboard.core import log
from leaderboard.core.i18n import catalogue
from leaderboard.events import timetable
from leaderboard.events.messages import MESSAGES
from leaderboard.events.timetable import Hall, Party, TimetableError, Wish

FOLDER = Path(timetable.__file__).parent
IDS = sorted(
    {id for path in FOLDER.glob("*.py") for id in re.findall(r'"(timetable\.[a-z_]+)"', path.read_text("utf-8"))}
)


def fields(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_the_ids_are_those_that_the_timetable_says():
    assert len(IDS) > 30
    assert set(IDS) == set(MESSAGES)


@pytest.mark.parametrize("id", IDS)
def test_an_id_has_a_sentence_in_both_languages(id):
    chinese = catalogue("zh").gettext(MESSAGES[id])
    assert chinese != MESSAGES[id]
    assert fields(chinese) == fields(MESSAGES[id])


def test_findings_fill_their_sentences():
    bad = {
        "suppliers": [Party("s1", -1), Party("s1", 1, 2, frozenset({9}))],
        "demanders": [Party("d1", 1)],
        "wishes": [Wish("s1", "d1", -1.0), Wish("s1", "d1", 1.0), Wish("s9", "d9", 1.0)],
        "hall": Hall(2, 0, frozenset({7}), -1),
    }
    with pytest.raises(TimetableError) as caught:
        timetable.plan(**bad, aims=timetable.Aims(-1.0, 0))
    assert len(caught.value.findings) > 8
    for finding in caught.value.findings:
        assert "{" not in MESSAGES[finding.id].format(**finding.params)


def test_the_secret_of_a_calendar_reaches_no_log():
    event = {"event": "answered", "path": "/zh/events/feeds/12/secret-key.ics"}
    assert "secret" not in str(log._without_secrets(None, "info", event))
