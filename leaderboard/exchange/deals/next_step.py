"""What happens next in a deal, in one sentence for each side: to whoever is to act what to do, to the others what they wait for."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from leaderboard.core.i18n import N_
from leaderboard.exchange.deals.states import Side, State, Turn, turn_of
from leaderboard.seasons.signals import Phrase

RUN_OUT: Final[Mapping[tuple[State, Side], str]] = MappingProxyType(
    {
        (State.OFFERED, "demander"): N_("The offer has run out. Request terms, and the supplier can offer anew."),
        (State.OFFERED, "supplier"): N_(
            "Your offer has run out. Take it back and offer anew, or wait for the demander's request."
        ),
        (State.REQUESTED, "supplier"): N_("The request has run out. Offer terms, or ask the demander to request anew."),
        (State.REQUESTED, "demander"): N_(
            "Your request has run out. Take it back and request anew, or wait for the supplier's offer."
        ),
    }
)
"""Where the last terms were not answered in time."""

_TO_DO: Final[Mapping[State, str]] = MappingProxyType(
    {
        State.INTEREST: N_("Say whether you are interested too. Nothing is agreed by that."),
        State.MUTUAL: N_(
            "Read the confidentiality agreement and sign it. Terms are named when both sides have signed the same text."
        ),
        State.REQUESTED: N_("Agree to the terms that were requested, or offer other ones."),
        State.OFFERED: N_("Accept the offer, or request other terms."),
        State.ACCEPTED: N_("Make the agreement: from then on the accepted terms are frozen."),
        State.VERIFIED: N_("Put the agreement into force; then you deliver."),
        State.FINALIZED: N_("Deliver the data, as a file or as an address with its SHA-256."),
        State.DELIVERING: N_("Look at the delivery and at what was measured. Accept it, or reject it and say why."),
        State.REJECTED: N_("The delivery was rejected; the reason stands in the history. Deliver again."),
        State.FULFILLED: N_("Confirm the settlement when you are paid, or when nothing is owed."),
        State.SETTLED: N_(
            "Rate the other side within 14 days of the settlement. Neither sees a rating before both have rated or the time is over."
        ),
    }
)
_AWAITED: Final[Mapping[State, str]] = MappingProxyType(
    {
        State.INTEREST: N_(
            "The other side says whether it is interested too. Until then you can take your interest back."
        ),
        State.MUTUAL: N_("Your side has signed. The other side signs the same text next."),
        State.REQUESTED: N_(
            "The supplier agrees to your terms or offers other ones. Until then you can take them back."
        ),
        State.OFFERED: N_("The demander accepts your offer or requests other terms. Until then you can take it back."),
        State.ACCEPTED: N_("The supplier makes the agreement of the accepted terms."),
        State.VERIFIED: N_("The supplier puts the agreement into force."),
        State.FINALIZED: N_("The supplier delivers the data."),
        State.DELIVERING: N_("The demander looks at the delivery, and accepts or rejects it."),
        State.REJECTED: N_("The supplier delivers again."),
        State.FULFILLED: N_("The supplier confirms the settlement when it is paid."),
        State.SETTLED: N_("Your rating is kept. The other side rates next."),
    }
)
_AGREED: Final[Mapping[Turn, tuple[str, str]]] = MappingProxyType(
    {
        "auditor": (
            N_("Read the agreement. Sign it, or return it with findings."),
            N_("The auditor reads the agreement, and signs it or returns it with findings."),
        ),
        "demander": (
            N_("Read the agreement and confirm it; both sides need no auditor."),
            N_("The demander reads the agreement and confirms it; both sides need no auditor."),
        ),
        "either": (
            N_("Name an auditor: both sides have to name the same organization, or both say that they need none."),
            N_("The parties name an auditor."),
        ),
    }
)
"""An agreement that was made: to whose turn it is, and to the others."""

_BETWEEN_TERMS: Final[Mapping[Side, str]] = MappingProxyType(
    {
        "supplier": N_("Offer terms, or wait for the demander to request some."),
        "demander": N_("Request terms, or wait for the supplier's offer."),
    }
)
_NOTHING: Final[Mapping[State, str]] = MappingProxyType(
    {
        State.SETTLED: N_("The time for ratings is over; nothing is left to do. Everything stays here to be read."),
        State.REVIEWED: N_("Nothing is left to do. Everything stays here to be read."),
        State.TERMINATED: N_("The deal is over. What was said and signed stays here to be read."),
    }
)


def next_step(state: State, turn: Turn, side: Side, *, run_out: bool = False, measuring: bool = False) -> Phrase:
    """What a side does next, or waits for. ``turn`` as it is now; ``run_out``: the last terms can be agreed to no more;
    ``measuring``: what was delivered is being measured.
    """
    mine = turn_of(side, turn)
    if not turn:
        return Phrase(_NOTHING[state])
    if state == State.AGREED:
        to_do, awaited = _AGREED[turn]
        return Phrase(to_do if mine else awaited)
    if side == "auditor":
        return Phrase(N_("Nothing is asked of you: the parties go on."))
    if measuring:
        return Phrase(N_("The delivery is being measured. The demander decides when the figures are there."))
    if state == State.NDA_SIGNED:
        return Phrase(_BETWEEN_TERMS[side])
    ran_out = RUN_OUT.get((state, side)) if run_out else None
    return Phrase(ran_out or (_TO_DO if mine else _AWAITED)[state])
