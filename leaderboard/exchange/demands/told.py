"""What versions of demands say as lists sift and find them, read once: a version never changes, and its SHA-256 names what it says."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlmodel import col, select

from challenges.facets import MODALITIES, SECTORS
from leaderboard.core.i18n import LOCALES, translate
from leaderboard.core.work import Work
from leaderboard.exchange.demands import service, showing
from leaderboard.exchange.demands.models import DemandVersion
from leaderboard.exchange.demands.service import BlindCard
from leaderboard.seasons import faceting

KEPT: Final = 20_000
TOGETHER: Final = 500
"""Versions of one statement."""


@dataclass(frozen=True, slots=True)
class Told:
    """One version. ``in_full`` and ``on_card``: all words that a reader of it finds, of its blind card, in one writing."""

    card: BlindCard
    kind: str
    in_full: str
    on_card: str

    @classmethod
    def of(cls, version: DemandVersion) -> "Told":
        document = service.document(version)
        card = service.card_of(document)
        names = [SECTORS[key] for key in card.sectors] + [MODALITIES[key] for key in card.modalities]
        on_card = faceting.plain(" ".join(translate(locale, name) for name in names for locale in LOCALES))
        read = [showing.blackened(version, part) for part in ("title", "need")]
        in_full = faceting.plain(" ".join(text for words in read for text in (words.en, words.zh)))
        return cls(card, document.kind, f"{on_card} {in_full}", on_card)


_KNOWN: Final[dict[str, Told]] = {}


def told(work: Work, versions: Mapping[int, str]) -> dict[str, Told]:
    """By SHA-256, what these versions (id → SHA-256) say; only those are read that this process has not read lately."""
    found = {sha256: one for sha256 in versions.values() if (one := _KNOWN.get(sha256)) is not None}
    missing = [id for id, sha256 in versions.items() if sha256 not in found]
    if missing and len(_KNOWN) > KEPT:
        _KNOWN.clear()
    for start in range(0, len(missing), TOGETHER):
        some = select(DemandVersion).where(col(DemandVersion.id).in_(missing[start : start + TOGETHER]))
        read = {version.sha256: Told.of(version) for version in work.session.exec(some)}
        found |= read
        _KNOWN.update(read)
    return found
