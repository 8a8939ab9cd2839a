"""Both languages, everywhere."""

from leaderboard.translations.__main__ import faults


def test_every_sentence_is_in_both_languages():
    assert [str(fault) for fault in faults()] == []
