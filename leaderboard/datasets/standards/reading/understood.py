"""Which standard a description follows, and the draft in it."""

from leaderboard.core.i18n import N_
from leaderboard.datasets.standards.reading import croissant, frictionless
from leaderboard.datasets.standards.reading.json_text import parsed, refuse
from leaderboard.datasets.standards.reading.notes import Understood


def understood(data: bytes) -> Understood:
    """The draft in a description. Raises Malformed for what is none."""
    document = parsed(data)
    if croissant.is_one(document):
        return croissant.read(document)
    if not frictionless.is_one(document):
        refuse(
            "import.unknown",
            N_("This is neither Croissant nor Frictionless: it has neither the @type of a dataset nor any resources."),
        )
    return frictionless.read(document)
