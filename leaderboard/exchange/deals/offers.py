"""Terms named by one side and answered by the other: price, policy of use, delivery, indicators, and until when they hold."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from pydantic import Field, StringConstraints
from sqlmodel import col, select

from challenges.findings import Finding
from challenges.strict import Strict
from leaderboard.core.errors import FieldError, Malformed, Refused
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.exchange.deals import interest, moves
from leaderboard.exchange.deals.models import Deal, DealOffer, DealStep
from leaderboard.exchange.deals.moves import Asked, Outcome
from leaderboard.exchange.demands import service as demands
from leaderboard.terms import messages
from leaderboard.terms.allowing import Effect, differences
from leaderboard.terms.demand import Indicator
from leaderboard.terms.forms import Amount, Currency, Delivery, TermsRefused, parsed
from leaderboard.terms.policy import Policy, Usage

FORMAT: Final = "jiebang-deal-terms/1"
MOST_INDICATORS: Final = 20
LONGEST_VALID_DAYS: Final = 366

Digest = Annotated[str, StringConstraints(pattern=r"^(?:[0-9a-f]{64})?$")]


class Terms(Strict):
    """What one side proposes. ``price`` in all, in ``currency``; ``sha256``: the very file that is meant, empty where it is still
    to be made; ``deliver_by`` and ``valid_until`` are last days in the zone of the installation.
    """

    price: Amount
    currency: Currency = "CNY"
    policy: Policy = Policy()
    delivery: Delivery
    indicators: tuple[Indicator, ...] = Field(default=(), max_length=MOST_INDICATORS)
    sha256: Digest = ""
    deliver_by: date | None = None
    valid_until: date


@dataclass(frozen=True, slots=True)
class Change:
    """One clause that differs from the terms before. ``clause`` and ``part`` as in `terms.allowing.Difference`; of what is no
    policy the clause is the name of the part in `Terms`. ``effect`` is seen from the demander.
    """

    clause: str
    part: str
    before: Any
    after: Any
    effect: Effect


def today(work: Work) -> date:
    """The day it is in the zone of the installation."""
    return work.now.astimezone(ZoneInfo(work.settings.zone)).date()


def of_deal(work: Work, deal: Deal) -> Sequence[DealOffer]:
    """All terms that were named in a deal, the newest first."""
    query = select(DealOffer).where(DealOffer.deal_id == deal.id)
    return work.session.exec(query.order_by(col(DealOffer.number).desc())).all()


def terms(offer: DealOffer) -> Terms:
    """What an offer says."""
    return Terms.model_validate_json(json.dumps(offer.document))


def propose(asked: Asked) -> Outcome:
    """A request or an offer, counter-offers too. Raises Malformed with every fault of the terms, Refused (listing or demand gone)."""
    work, actor, deal, side, body = asked.work, asked.actor, asked.deal, asked.side, asked.body
    interest.demand_offered(work, deal.listing_id)
    interest.demand_open(interest.demand_of(work, deal))
    named = _read(body.get("terms"))
    days = (named.valid_until - today(work)).days
    if not 0 <= days <= LONGEST_VALID_DAYS:
        message = N_("Choose a day from today on, at most a year ahead")
        raise moves.malformed("valid_until", message)
    if named.deliver_by is not None and named.deliver_by < today(work):
        raise moves.malformed("deliver_by", N_("Choose a day from today on"))
    known = of_deal(work, deal)
    document = named.model_dump(mode="json")
    made = DealOffer(
        deal_id=deal.id or 0,
        number=known[0].number + 1 if known else 1,
        side=side,
        person_id=actor.id,
        document=document,
        sha256=digest(document),
        valid_until=named.valid_until,
        note=moves.text_of(body, "note"),
        at=work.now,
    )
    work.session.add(made)
    work.session.flush()
    return Outcome(detail={"number": made.number, "sha256": made.sha256})


def digest(document: object) -> str:
    """SHA-256 of a JSON document with sorted keys and without spaces."""
    return sha256(json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def _read(given: object) -> Terms:
    if not isinstance(given, dict):
        raise moves.malformed("terms", N_("Say which terms you propose"))
    try:
        return parsed(Terms, json.dumps(given))
    except TermsRefused as error:
        raise Malformed(
            "deals.terms",
            N_("The terms cannot be read as they are; see below."),
            fields=[_fault(finding) for finding in error.findings],
        ) from None


def _fault(finding: Finding) -> FieldError:
    return FieldError(finding.key or "terms", messages.MESSAGES[finding.id], dict(finding.params))


def demand_valid(work: Work, offer: DealOffer) -> None:
    """Raises Refused where an offer has run out."""
    if has_run_out(work, offer):
        raise Refused(
            "deals.expired",
            N_("These terms were valid until {day} and have run out. Propose terms anew, or ask the other side to."),
            day=offer.valid_until.isoformat(),
        )


def accept(asked: Asked) -> Outcome:
    """The demander takes the supplier's last offer as it is. Raises Refused (run out, listing or demand gone)."""
    work, deal = asked.work, asked.deal
    interest.demand_offered(work, deal.listing_id)
    interest.demand_open(interest.demand_of(work, deal))
    last = of_deal(work, deal)[0]
    demand_valid(work, last)
    return Outcome(detail={"number": last.number, "sha256": last.sha256})


def withdraw(asked: Asked) -> Outcome:
    """Whoever named the last terms takes them back before they are answered; they stay to be read, and nobody can agree to them."""
    return Outcome(detail={"number": of_deal(asked.work, asked.deal)[0].number})


def withdrawn(work: Work, deal: Deal) -> frozenset[int]:
    """The numbers of the terms that were taken back."""
    steps = select(DealStep).where(
        DealStep.deal_id == deal.id, col(DealStep.move).in_(("withdraw_request", "withdraw_offer"))
    )
    return frozenset(step.detail["number"] for step in work.session.exec(steps))


def has_run_out(work: Work, offer: DealOffer) -> bool:
    """Whether the last day is over on which the other side could agree."""
    return offer.valid_until < today(work)


def changes(old: Terms, new: Terms) -> Iterator[Change]:
    """What became of each clause from one version of the terms to the next."""
    if (old.price, old.currency) != (new.price, new.currency):
        effect: Effect = "changed"
        if old.currency == new.currency:
            effect = "wider" if new.price < old.price else "narrower"
        yield Change("price", "", (old.price, old.currency), (new.price, new.currency), effect)
    if old.policy.licence != new.policy.licence:
        yield Change("licence", "", old.policy.licence, new.policy.licence, "changed")
    for one in differences(old.policy, new.policy):
        yield Change(one.clause, one.part, one.before, one.after, one.effect)
    for name in ("delivery", "indicators", "sha256", "deliver_by", "valid_until"):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield Change(name, "", before, after, "changed")


def usage_asked(work: Work, deal: Deal) -> Usage | None:
    """The use that the demand behind a deal asks for; None where there is no demand."""
    demand = interest.demand_of(work, deal)
    return None if demand is None else demands.need_of(work, demand).document.usage
