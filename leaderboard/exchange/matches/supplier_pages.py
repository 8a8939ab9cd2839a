"""What the supplier's page of a listing shows: the demands that it fits, by bands, and what was asked of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from leaderboard.accounts.actor import Actor
from leaderboard.core.work import Work
from leaderboard.exchange.demands.facts import Fact, card_facts
from leaderboard.exchange.listings import service as listings
from leaderboard.exchange.matches import questions, supplier, watches
from leaderboard.exchange.matches.models import MatchQuestion, Watch
from leaderboard.exchange.matches.supplier import Bands, Fit
from leaderboard.seasons.signals import Phrase, Words
from leaderboard.ui.forms import Form


@dataclass(frozen=True)
class FitRow:
    """A demand that fits, as the supplier sees it."""

    fit: Fit
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class SupplierPage:
    """``bands.looks_left`` None: no more looks at blind demands today."""

    key: str
    title: Words
    bands: Bands
    fits: tuple[FitRow, ...]
    looks_a_day: int
    questions: tuple[tuple[MatchQuestion, Phrase], ...]
    watch: Watch | None
    cadences: Mapping[str, str]
    done: str
    form: Form


def supplier_page(work: Work, actor: Actor, key: str, *, done: str = "", form: Form | None = None) -> SupplierPage:
    """The demands that a listing fits, by bands, and what was asked of it. Raises NotFound."""
    row = listings.listing_for(work, actor, key, "match.read")
    version, found = listings.current_version(work, row), supplier.bands(work, actor, key)
    return SupplierPage(
        key=key,
        title=Words(version.title_en, version.title_zh),
        bands=found,
        fits=tuple(FitRow(one, card_facts(one.card) if one.card else ()) for one in found.fits),
        looks_a_day=supplier.LOOKS_A_DAY,
        questions=tuple(questions.to_listing(work, row)),
        watch=watches.about(work, actor, Watch.listing_id, row.id),
        cadences={key: watches.CADENCES[key] for key in watches.BATCHED},
        done=done,
        form=form or Form(),
    )
