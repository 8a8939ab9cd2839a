"""The words of deals: buttons, turns, history, and terms clause by clause."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from challenges.facets import SECTORS
from leaderboard.core.i18n import N_
from leaderboard.exchange.deals.deliveries import Checked
from leaderboard.exchange.deals.models import Deal, DealStep
from leaderboard.exchange.deals.offers import Change
from leaderboard.exchange.deals.states import BEFORE_AGREEMENT, REASONS, Side, State, Turn
from leaderboard.exchange.demands.facts import Amount, Listed, floor
from leaderboard.seasons.signals import Phrase
from leaderboard.terms.demand import Indicator
from leaderboard.terms.words import ACTIONS, DELIVERIES, DUTIES, PURPOSES
from scoring.quality.checks import CHECKS

MOVES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "answer": N_("I am interested too"),
        "sign_nda": N_("Read and sign the confidentiality agreement"),
        "request": N_("Request terms"),
        "offer": N_("Offer terms"),
        "withdraw_request": N_("Take the request back"),
        "withdraw_offer": N_("Take the offer back"),
        "accept": N_("Accept the offer"),
        "agree": N_("Make the agreement"),
        "name_auditor": N_("Name an auditor"),
        "sign_off": N_("Sign off"),
        "return": N_("Return with findings"),
        "verify": N_("Confirm the agreement"),
        "finalize": N_("Put it into force"),
        "deliver": N_("Deliver"),
        "accept_delivery": N_("Accept the delivery"),
        "reject_delivery": N_("Reject the delivery"),
        "settle": N_("Confirm the settlement"),
        "rate": N_("Rate the other side"),
        "terminate": N_("End the talks"),
        "write": N_("Write a message"),
        "ask_sample": N_("Ask for a sample"),
        "approve_sample": N_("Approve the sample"),
        "deny_sample": N_("Deny the sample"),
        "revoke_sample": N_("Take the sample back"),
    }
)
"""What the button of a move says."""

DONE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "begin": N_("showed interest"),
        "answer": N_("is interested too"),
        "sign_nda": N_("signed the confidentiality agreement"),
        "request": N_("requested terms"),
        "offer": N_("offered terms"),
        "withdraw_request": N_("took the request back"),
        "withdraw_offer": N_("took the offer back"),
        "accept": N_("accepted the offer"),
        "agree": N_("made the agreement"),
        "name_auditor": N_("named an auditor"),
        "sign_off": N_("signed off"),
        "return": N_("returned the agreement with findings"),
        "verify": N_("confirmed the agreement"),
        "finalize": N_("put the agreement into force"),
        "deliver": N_("delivered"),
        "accept_delivery": N_("accepted the delivery"),
        "reject_delivery": N_("rejected the delivery"),
        "settle": N_("confirmed the settlement"),
        "rate": N_("rated the other side"),
        "terminate": N_("ended the talks"),
        "write": N_("wrote a message"),
        "ask_sample": N_("asked for a sample"),
        "approve_sample": N_("approved a sample"),
        "deny_sample": N_("denied a sample"),
        "revoke_sample": N_("took a sample back"),
        "listing_gone": N_("offers the listing no longer"),
        "listing_back": N_("offers the listing again"),
        "demand_gone": N_("has closed the demand"),
        "demand_back": N_("has opened the demand again"),
    }
)
"""What the history says of a move, after the side."""

BLIND: Final = N_("Blind demander")
SIDES: Final[Mapping[Side, str]] = MappingProxyType(
    {"supplier": N_("Supplier"), "demander": N_("Demander"), "auditor": N_("Auditor")}
)
SAMPLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "requested": N_("Asked for"),
        "approved": N_("Being drawn"),
        "denied": N_("Denied"),
        "fulfilled": N_("Ready"),
        "expired": N_("Run out"),
        "revoked": N_("Taken back"),
        "failed": N_("Could not be drawn"),
    }
)
VERDICTS: Final[Mapping[str, str]] = MappingProxyType(
    {"met": N_("Met"), "missed": N_("Not met"), "uncertain": N_("Not certain")}
)
EFFECTS: Final[Mapping[str, str]] = MappingProxyType(
    {"wider": N_("better for the demander"), "narrower": N_("better for the supplier"), "changed": N_("changed")}
)
_CLAUSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "price": N_("Price"),
        "licence": N_("Licence"),
        "delivery": N_("Delivery"),
        "indicators": N_("Acceptance indicators"),
        "sha256": N_("File"),
        "deliver_by": N_("Delivery until"),
        "valid_until": N_("Valid until"),
    }
)
_KINDS: Final = {
    "permission": N_("Permission: {action}"),
    "prohibition": N_("Prohibition: {action}"),
    "duty": N_("Duty: {action}"),
}
_PARTS: Final = {
    "rule": "",
    "purposes": N_("Purposes"),
    "regions": N_("In"),
    "industries": N_("Industries"),
    "until": N_("Until"),
    "days": N_("Days"),
}


def label(move: str, deal: Deal, side: Side) -> Phrase:
    """What the button of a move says at this stage of a deal: to end it means something else at each."""
    if move != "terminate" or deal.state in BEFORE_AGREEMENT - {State.INTEREST}:
        return Phrase(MOVES[move])
    if deal.state != State.INTEREST:
        return Phrase(N_("End the deal"))
    return Phrase(N_("Take the interest back") if deal.begun_by == side else N_("Not interested"))


def turn(turn: Turn, side: Side | None) -> Phrase:
    """Whose move is awaited, to a reader on a side."""
    if turn == side or (turn == "either" and side != "auditor"):
        return Phrase(N_("It is your turn"))
    if not turn:
        return Phrase(N_("Nothing is awaited"))
    names = {"supplier": N_("Waiting for the supplier"), "demander": N_("Waiting for the demander")}
    return Phrase(
        names.get(turn, N_("Waiting for the auditor") if turn == "auditor" else N_("Waiting for the parties"))
    )


def history(step: DealStep) -> Phrase:
    """One line of the history, after the side."""
    return Phrase(DONE[step.move])


def notes(step: DealStep) -> tuple[Phrase | str, ...]:
    """What else the history says of a move."""
    reason, note = step.detail.get("reason"), step.detail.get("note")
    found: list[Phrase | str] = [Phrase(REASONS[reason])] if reason is not None else []
    return (*found, *([note] if note else []))


def indicator(agreed: Indicator) -> Phrase:
    """What a delivery is accepted by, with the note to it: that is agreed to as well."""
    limit = floor(agreed.floor)
    return Phrase(N_("{floor} ({note})"), {"floor": limit, "note": agreed.note}) if agreed.note else limit


def clause(change: Change) -> tuple[Phrase, Phrase | None]:
    """What a change is about: the clause, and the part of it."""
    kind, _, action = change.clause.partition(".")
    if not action:
        return Phrase(_CLAUSES[kind]), None
    named = Phrase(DUTIES[action] if kind == "duty" else ACTIONS[action])
    part = _PARTS[change.part]
    return Phrase(_KINDS[kind], {"action": named}), Phrase(part) if part else None


def value(change: Change, given: Any) -> Phrase | Listed:
    """One side of a change, in words."""
    if change.clause == "price":
        return Phrase(N_("{currency} {amount}"), {"currency": given[1], "amount": Amount(given[0])})
    if change.part == "rule":
        return _rule(given)
    if given in (None, "", ()):
        return Phrase(N_("not said"))
    if change.clause == "indicators":
        return Listed(tuple(map(indicator, given)))
    named = {"delivery": DELIVERIES, "purposes": PURPOSES, "industries": SECTORS}.get(change.part or change.clause, {})
    items = given if isinstance(given, tuple) else (given,)
    return Listed(tuple(Phrase(named[one]) if one in named else str(one) for one in items))


def _rule(given: Any) -> Phrase:
    """Whether a rule is there (True, or its limits: none, or by their names) or not (False or None)."""
    if given is None or given is False:
        return Phrase(N_("not there"))
    if not isinstance(given, dict) or not given:
        return Phrase(N_("there"))
    limits = [(name, one) for name, said in given.items() for one in (said if isinstance(said, list) else [said])]
    named: Mapping[str, Mapping[str, str]] = {"purposes": PURPOSES, "industries": SECTORS}
    shown = tuple(Phrase(named[name][one]) if name in named else str(one) for name, one in limits)
    return Phrase(N_("there, limited to {limits}"), {"limits": Listed(shown)})


def checked(one: Checked) -> tuple[Phrase, Any, Any, Phrase, str]:
    """Indicator, measured value, its interval, verdict, and the kind of verdict."""
    share = not isinstance(one.value, str) and _is_share(one)
    value, low, high = (
        Amount(part, share=share) if isinstance(part, float) else part for part in (one.value, one.low, one.high)
    )
    between = (
        None if one.low is None or one.low == one.high else Phrase(N_("{low} to {high}"), {"low": low, "high": high})
    )
    kind = {"met": "yes", "missed": "no", "uncertain": "unknown"}[one.verdict]
    return indicator(one.indicator), value, between, Phrase(VERDICTS[one.verdict]), kind


def _is_share(one: Checked) -> bool:
    wanted = one.indicator.floor
    return wanted.kind == "rank" or (wanted.kind == "measure" and CHECKS[wanted.measure].unit == "share")
