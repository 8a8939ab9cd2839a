"""Terms in words, and what differs from the terms before."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.datasets import usage
from leaderboard.exchange.deals import (
    offers,
    said,
)
from leaderboard.exchange.deals.models import (
    Deal,
    DealOffer,
)
from leaderboard.exchange.deals.offers import Terms
from leaderboard.exchange.demands import facts
from leaderboard.seasons.signals import Phrase
from leaderboard.terms import words
from leaderboard.terms.allowing import ClauseVerdict, allows
from leaderboard.terms.messages import MESSAGES
from leaderboard.terms.policy import Usage


@dataclass(frozen=True)
class OfferView:
    """Terms in words. ``changes``: clause, part, before, after, effect, against the terms before; ``allowed``: verdict, why."""

    number: int
    side: Phrase
    at: datetime
    price: Phrase
    delivery: Phrase
    valid_until: str
    expired: bool
    withdrawn: bool
    deliver_by: str | None
    sha256: str
    licence: str | None
    clauses: tuple[usage.Clause, ...]
    duties: tuple[Phrase, ...]
    indicators: tuple[Phrase, ...]
    note: str
    changes: tuple[tuple[Phrase, Phrase | None, Any, Any, Phrase], ...]
    allowed: tuple[tuple[Literal["yes", "no", "unknown"], Phrase], ...]


def of_deal(work: Work, deal: Deal) -> tuple[OfferView, ...]:
    """All terms that were named, the newest first, each against the one before it."""
    every = offers.of_deal(work, deal)
    asked, back = offers.usage_asked(work, deal), offers.withdrawn(work, deal)
    return tuple(
        _view(work, one, before, asked, withdrawn=one.number in back)
        for one, before in zip(every, [*every[1:], None], strict=False)
    )


def agreed(work: Work, deal: Deal, offer: DealOffer) -> OfferView:
    """The terms of an agreement in words."""
    return _view(work, offer, None, offers.usage_asked(work, deal), withdrawn=False)


def _view(work: Work, offer: DealOffer, before: DealOffer | None, asked: Usage | None, *, withdrawn: bool) -> OfferView:
    named = offers.terms(offer)
    changed = offers.changes(offers.terms(before), named) if before else ()
    verdicts: dict[str, Literal["yes", "no", "unknown"]] = {"pass": "yes", "fail": "no", "unknown": "unknown"}
    return OfferView(
        number=offer.number,
        side=Phrase(said.SIDES[offer.side]),
        at=offer.at,
        price=_price(named),
        delivery=Phrase(words.DELIVERIES[named.delivery]),
        valid_until=named.valid_until.isoformat(),
        expired=offers.has_run_out(work, offer),
        withdrawn=withdrawn,
        deliver_by=named.deliver_by.isoformat() if named.deliver_by else None,
        sha256=named.sha256,
        licence=named.policy.licence,
        clauses=usage.clauses(named.policy),
        duties=usage.duties(named.policy),
        indicators=tuple(map(said.indicator, named.indicators)),
        note=offer.note,
        changes=tuple(
            (
                *said.clause(one),
                said.value(one, one.before),
                said.value(one, one.after),
                Phrase(said.EFFECTS[one.effect]),
            )
            for one in changed
        ),
        allowed=tuple((verdicts[one.verdict], _reason(one)) for one in (allows(named.policy, asked) if asked else ())),
    )


def _reason(verdict: ClauseVerdict) -> Phrase:
    named = {**words.ACTIONS, **words.DUTIES}
    params = {name: Phrase(named[text]) if text in named else text for name, text in verdict.params.items()}
    return Phrase(MESSAGES[verdict.reason], params)


def _price(named: Terms) -> Phrase:
    return Phrase(N_("{currency} {amount}"), {"currency": named.currency, "amount": facts.Amount(named.price)})
