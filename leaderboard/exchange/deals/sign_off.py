"""From accepted terms to an agreement in force: the frozen document, and the auditor whom both sides chose to look at it."""

from datetime import datetime
from typing import Any, Final

from sqlmodel import col, select

from leaderboard.accounts.models import Organization
from leaderboard.core.errors import Refused
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.exchange.deals import agreements, interest, moves, offers
from leaderboard.exchange.deals.models import Deal, DealAgreement
from leaderboard.exchange.deals.moves import Asked, Body, Outcome
from leaderboard.exchange.deals.states import Side, State, Turn
from leaderboard.exchange.demands import service as demands
from leaderboard.exchange.listings import service as listings
from leaderboard.exchange.listings.models import ListingRow
from leaderboard.terms import odrl

FORMAT: Final = "jiebang-agreement/1"
NOBODY: Final = "none"
"""What a side names that needs no third party."""


def latest(work: Work, deal: Deal) -> DealAgreement | None:
    """The agreement that counts: the last one made."""
    query = select(DealAgreement).where(DealAgreement.deal_id == deal.id).order_by(col(DealAgreement.id).desc())
    return work.session.exec(query.limit(1)).one_or_none()


def signed_at(work: Work, deal: Deal) -> datetime | None:
    """When the agreement that counts was signed by the auditor, or confirmed by the demander."""
    agreement = latest(work, deal)
    return None if agreement is None else agreement.signed_at


def agree(asked: Asked) -> Outcome:
    """The supplier agrees, to its own accepted offer or to what was requested; what holds is frozen from here on.

    Raises Refused: run out, the listing or the demand is gone.
    """
    work, actor, deal = asked.work, asked.actor, asked.deal
    interest.demand_offered(work, deal.listing_id)
    interest.demand_open(interest.demand_of(work, deal))
    last = offers.of_deal(work, deal)[0]
    if deal.state == State.REQUESTED:
        offers.demand_valid(work, last)
    document = _document(work, deal, last.number, last.document)
    made = DealAgreement(
        deal_id=deal.id or 0, offer_id=last.id or 0, document=document, sha256=offers.digest(document), at=work.now
    )
    work.session.add(made)
    deal.agreed_at = work.now
    work.session.flush()
    interest.move_demand(work, actor, deal, "contracted")
    return Outcome(turn=_turn(deal), detail={"number": last.number, "sha256": made.sha256})


def _document(work: Work, deal: Deal, number: int, terms: dict[str, Any]) -> dict[str, Any]:
    row = work.session.get_one(ListingRow, deal.listing_id)
    version = listings.current_version(work, row)
    units = {side: work.session.get_one(Organization, id) for side, id in _parties(deal).items()}
    demand = interest.demand_of(work, deal)
    said = None if demand is None else demands.current_version(work, demand)
    address = f"{work.settings.base_url.rstrip('/')}/zh/deals/{deal.key}/agreement"
    policy = offers.Terms.model_validate(terms, strict=False).policy
    listing = f"{work.settings.base_url.rstrip('/')}/zh/listings/{row.key}"
    return {
        "format": FORMAT,
        "deal": deal.key,
        "agreed_at": work.now.isoformat(timespec="seconds"),
        "supplier": {"slug": units["supplier"].slug, "name": units["supplier"].name},
        "demander": {"slug": units["demander"].slug, "name": units["demander"].name},
        "listing": {
            "key": row.key,
            "version": version.number,
            "sha256": version.sha256,
            "title": {"en": version.title_en, "zh": version.title_zh},
        },
        "demand": None if said is None or demand is None else {"key": demand.key, "version": said.number, "sha256": said.sha256},
        "confidentiality": agreements.texts(work, deal).sha256,
        "offer": number,
        "terms": terms,
        "odrl": {**odrl.offer(policy, uid=address, target=listing, assigner=units["supplier"].slug),
                 "@type": "Agreement", "assignee": units["demander"].slug},
    }  # fmt: skip


def _parties(deal: Deal) -> dict[Side, int]:
    return {"supplier": deal.supplier_id, "demander": deal.demander_id}


def _turn(deal: Deal) -> Turn:
    """Who looks at an agreement: the auditor, the demander where both need none, else they have to name one."""
    if deal.auditor_id is not None:
        return "auditor"
    return "demander" if (deal.auditor_of_supplier, deal.auditor_of_demander) == (0, 0) else "either"


def name_auditor(asked: Asked) -> Outcome:
    """Names an organization that both sides trust, by its address, or "none". It has the job once both name the same.

    Raises Malformed (no such organization), Refused (it is a party; it has the agreement before it already).
    """
    work, deal, side, body = asked.work, asked.deal, asked.side, asked.body
    if deal.state == State.AGREED and deal.turn != "either":
        raise Refused("deals.auditor_works", N_("The agreement is being looked at already; whoever looks at it stays."))
    id = _auditor(work, deal, moves.text_of(body, "organization", needed=N_("Name an organization")))
    if side == "supplier":
        deal.auditor_of_supplier = id
    else:
        deal.auditor_of_demander = id
    same = deal.auditor_of_supplier == deal.auditor_of_demander
    deal.auditor_id = id if same and id else None
    return Outcome(turn=_turn(deal) if deal.state == State.AGREED else None, detail={"both": same})


def _auditor(work: Work, deal: Deal, slug: str) -> int:
    if slug == NOBODY:
        return 0
    found = work.session.exec(select(Organization.id).where(col(Organization.slug) == slug)).one_or_none()
    if found is None:
        raise moves.malformed("organization", N_("There is no organization with this address"))
    if found in _parties(deal).values():
        raise Refused(
            "deals.auditor_is_party", N_("A party to the deal cannot be its auditor. Name another organization.")
        )
    return found


def sign(asked: Asked) -> Outcome:
    """The auditor signs what it was shown. Raises Refused: another document by now."""
    work, actor, deal, body = asked.work, asked.actor, asked.deal, asked.body
    agreement = _shown(work, deal, body)
    agreement.signed_by, agreement.signed_at = actor.id, work.now
    work.session.add(agreement)
    return Outcome(detail={"sha256": agreement.sha256})


def verify(asked: Asked) -> Outcome:
    """The demander looks at the agreement itself, where both sides have said that they need no auditor."""
    deal = asked.deal
    if deal.auditor_id is not None or (deal.auditor_of_supplier, deal.auditor_of_demander) != (0, 0):
        raise Refused(
            "deals.auditor_needed",
            N_("An auditor that both sides name has to sign first, or both say that they need none."),
        )
    return sign(asked)


def give_back(asked: Asked) -> Outcome:
    """The auditor returns the agreement with findings; the terms are talked about anew."""
    work, actor, deal, body = asked.work, asked.actor, asked.deal, asked.body
    agreement = _shown(work, deal, body)
    agreement.findings = moves.text_of(body, "findings", needed=N_("Say what has to change"))
    work.session.add(agreement)
    deal.agreed_at = None
    interest.reopen_demand(work, actor, deal)
    return Outcome(detail={"sha256": agreement.sha256})


def _shown(work: Work, deal: Deal, body: Body) -> DealAgreement:
    agreement = latest(work, deal)
    if agreement is None or moves.text_of(body, "sha256") != agreement.sha256:
        raise Refused(
            "deals.other_agreement",
            N_("This is not the agreement that you were shown. Load the page again and read it."),
        )
    return agreement


def finalize(asked: Asked) -> Outcome:  # noqa: ARG001
    """The supplier puts the verified agreement into force."""
    return Outcome()
