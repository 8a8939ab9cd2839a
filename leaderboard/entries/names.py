"""Names of teams: readable, one line, and no two that look the same to a reader or to a database."""

import unicodedata
from typing import Final

from leaderboard.core.errors import FieldError
from leaderboard.core.i18n import N_

SHORTEST: Final = 2
LONGEST: Final = 40
MOST_MARKS: Final = 2
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Controls, direction marks and joiners, surrogates, private use, unassigned, line breaks."""
_BLANK: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols by their class that show nothing: Hangul fillers and the empty Braille cell."""


def cleaned(name: str) -> str:
    """The name as it is kept: composed (NFC), single spaces, none at the ends."""
    return " ".join(unicodedata.normalize("NFC", name).split())


def name_key(name: str) -> str:
    """What two names share when people would take one for the other: width, case and composition do not count.

    >>> name_key("Ｄａｔａ 队") == name_key("data  队")
    True
    """
    folded = unicodedata.normalize("NFKC", cleaned(name)).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def fault(name: str, field: str) -> FieldError | None:
    """What is wrong with a name, or None."""
    text = cleaned(name)
    if not SHORTEST <= len(text) <= LONGEST or len(name_key(text)) > 2 * LONGEST:
        params = {"least": SHORTEST, "most": LONGEST}
        return FieldError(field, N_("A team's name has {least} to {most} characters."), params)
    unseen = next((c for c in text if unicodedata.category(c) in _UNSEEN or c in _BLANK), None)
    if unseen is not None:
        message = N_("The name has a character that cannot be seen ({code}). Type it anew instead of pasting it.")
        return FieldError(field, message, {"code": f"U+{ord(unseen):04X}"})
    if not any(c.isalnum() for c in text):
        return FieldError(field, N_("A team's name needs a letter or a digit."))
    marks = 0
    for c in unicodedata.normalize("NFD", text):
        marks = marks + 1 if unicodedata.combining(c) else 0
        if marks > MOST_MARKS:
            return FieldError(field, N_("The name has too many marks above or below one letter."))
    return None
