"""From a text to a draft demand. Quantities, dates and quality are found first and keep their words to themselves; names of
lists are then looked for in the rest, each list on its own, so that one word may say a sector and a modality.
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import Any, Final, Literal

from pydantic import Field, JsonValue

from challenges.strict import Strict
from leaderboard.terms.demand import Demand
from leaderboard.terms.understanding import days, drafting, quality, quantities, vocabulary

LONGEST: Final = 5000
"""Characters of a text."""


class Piece(Strict):
    """What was understood: `what` is a message id, `text` stands at `start` (included) to `end` (excluded) of the whole."""

    what: str
    value: JsonValue
    start: int
    end: int
    text: str
    must: bool = False


class Left(Strict):
    """Words that were not understood, with their place in the text."""

    start: int
    end: int
    text: str


class Understood(Strict):
    """The draft, the pieces it was made of, and what of the text is not in it; both in the order of the text."""

    text: str
    demand: Demand
    pieces: tuple[Piece, ...] = Field(default=())
    left: tuple[Left, ...] = Field(default=())


def understand(text: str, language: Literal["zh", "en"], *, today: date) -> Understood:
    """What `text` asks for. Words of both languages are known in either; only in a Chinese text is a budget without a
    currency one in yuan. Days without a year are those after `today`.

    Raises ValueError for more than `LONGEST` characters.
    """
    if len(text) > LONGEST:
        raise ValueError(f"a text of {len(text)} characters; at most {LONGEST} are read")
    plain = _plain(text)
    pieces: list[Piece] = []
    for what, start, end, value in _quantities(plain, today, language):
        if not any(start < one.end and one.start < end for one in pieces):
            pieces.append(_piece(text, plain, what, value, start, end))
    taken = [one for one in pieces if one.what != "understood.size"]
    rest = _without(plain, taken)
    pieces += [_piece(text, plain, what, value, start, end) for what, start, end, value in _names(rest)]
    pieces.sort(key=lambda one: (one.start, one.end, one.what))
    draft = drafting.drafted((one.what, one.value, one.must) for one in pieces)
    return Understood(text=text, demand=draft, pieces=tuple(pieces), left=tuple(_left(text, plain, pieces)))


def _plain(text: str) -> str:
    """Small letters and half-width signs, character for character, so that places stay."""
    folded = (unicodedata.normalize("NFKC", sign).lower() for sign in text)
    return "".join(new if len(new) == 1 else old for new, old in zip(folded, text, strict=True))


def _piece(text: str, plain: str, what: str, value: Any, start: int, end: int) -> Piece:
    while end > start and plain[end - 1].isspace():
        end -= 1
    while start < end and plain[start].isspace():
        start += 1
    must = vocabulary.MUST.search(plain[max(0, start - 24) : start]) is not None
    held = value.model_dump(mode="json") if isinstance(value, Strict) else value
    return Piece(what=what, value=held, start=start, end=end, text=text[start:end], must=must)


def _quantities(plain: str, today: date, language: str) -> Iterator[tuple[str, int, int, Any]]:
    """The longer of two that begin alike comes first, so that it is the one kept."""
    budgets = (one for one in quantities.budgets(plain) if language == "zh" or not plain[one[0] :].startswith("预算"))
    dated: list[tuple[str, int, int, Any]] = [("understood.period", *one) for one in days.periods(plain, today)]
    dated += [("understood.deadline", a, b, day.isoformat()) for a, b, day in days.deadlines(plain, today)]
    yield from sorted(dated, key=lambda one: (one[1], -one[2]))
    for what, found in (
        ("understood.border", ((one.start(), one.end(), "CN") for one in vocabulary.STAYS.finditer(plain))),
        ("understood.floor", quality.floors(plain)),
        ("understood.budget", budgets),
        ("understood.size", quantities.sizes(plain)),
    ):
        for start, end, value in sorted(found, key=lambda one: (one[0], -one[1])):
            yield what, start, end, value


def _without(plain: str, pieces: list[Piece]) -> str:
    signs = list(plain)
    for one in pieces:
        signs[one.start : one.end] = "\n" * (one.end - one.start)
    return "".join(signs)


_LISTS: Final = (
    ("understood.kind", vocabulary.KINDS),
    ("understood.sector", vocabulary.SECTORS),
    ("understood.task", vocabulary.TASKS),
    ("understood.modality", vocabulary.MODALITIES),
    ("understood.language", vocabulary.LANGUAGES),
    ("understood.region", vocabulary.REGIONS),
    ("understood.usage", vocabulary.ACTIONS),
    ("understood.purpose", vocabulary.PURPOSES),
    ("understood.delivery", vocabulary.DELIVERIES),
    ("understood.personal", vocabulary.PERSONAL),
)
_SINGLE: Final = (
    ("understood.exclusive", vocabulary.EXCLUSIVE),
    ("understood.certificate", vocabulary.CERTIFICATE),
)


def _names(rest: str) -> Iterator[tuple[str, int, int, JsonValue]]:
    for what, patterns in _LISTS:
        for key, pattern in patterns.items():
            for found in pattern.finditer(rest):
                negated = vocabulary.NEGATED.search(rest[: found.start()])
                if negated is None:
                    yield what, found.start(), found.end(), key
                elif what == "understood.usage":
                    yield "understood.not_usage", negated.start(), found.end(), key
    for what, pattern in _SINGLE:
        for found in pattern.finditer(rest):
            if vocabulary.NEGATED.search(rest[: found.start()]) is None:
                yield what, found.start(), found.end(), True


_TOKEN: Final = re.compile(r"[a-z][a-z0-9'-]*|\d[\d.,]*%?|[\u3400-\u9fff]+")


def _left(text: str, plain: str, pieces: list[Piece]) -> Iterator[Left]:
    """Words outside of all pieces that are not mere fillers; neighbours are put together."""
    open_signs = vocabulary.FILLERS.sub(lambda found: "\n" * len(found[0]), _without(plain, pieces))
    start = end = -1
    for found in _TOKEN.finditer(open_signs):
        if start >= 0 and plain[end : found.start()].strip(" ") == "":
            end = found.end()
            continue
        if start >= 0:
            yield Left(start=start, end=end, text=text[start:end])
        start, end = found.span()
    if start >= 0:
        yield Left(start=start, end=end, text=text[start:end])
