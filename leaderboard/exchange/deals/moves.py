"""The one way through a deal: under a lock on its row, each message once, only the side whose turn it is, written into its history.

A deed checks the body of a move, keeps what is said in it, and answers with an `Outcome`; it does not touch the deal's state.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import func
from sqlmodel import col, select

from leaderboard.accounts.actor import Actor
from leaderboard.core import ledger
from leaderboard.core.errors import FieldError, Malformed, Refused
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.exchange.deals import lookup, news, quotas
from leaderboard.exchange.deals.models import Deal, DealFile, DealStep
from leaderboard.exchange.deals.signals import DealMoved
from leaderboard.exchange.deals.states import MOVES, STATES, Move, Side, State, Turn, turn_of
from leaderboard.seasons.signals import Phrase
from leaderboard.submissions.service import plain

LONGEST_NOTE: Final = 2_000
LARGEST_ID: Final = 2**31 - 1
BINDING: Final = frozenset({"accept", "agree"})
"""Moves that agree to what the other side has written."""
_MESSAGE_ID: Final = re.compile(r"[A-Za-z0-9._:-]{8,80}")

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a deed made of a deal. ``to`` and ``turn`` None: as the table of moves says, else as they were.

    ``detail`` is shown in the history to everybody in the deal, and but for a ``note`` kept in the ledger: no names.
    """

    to: State | None = None
    turn: Turn | None = None
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """A move that may be made: who of which side wants what in which deal, locked."""

    work: Work
    actor: Actor
    deal: Deal
    side: Side
    body: Body


Deed = Callable[[Asked], Outcome]


def make(
    work: Work,
    actor: Actor,
    key: str,
    move: str,
    message_id: str,
    body: Body,
    deeds: Mapping[str, Deed],
    *,
    seen: int | None = None,
) -> Deal:
    """Makes a move. The same message once more changes nothing and gives the same deal.

    ``seen``: the `version` of the deal that the move answers; one that changes its state is refused when it has moved on since.
    The `BINDING` ones must say it: nobody agrees to what they have not read.

    Raises NotFound (no part in it), Malformed (message or body cannot be read), Refused (not theirs to make, not their turn,
    moved on meanwhile, another body under a known message id, or what the deed itself refuses).
    """
    deal = lookup.deal_for(work, actor, key, "deal.act", lock=True)
    if not _MESSAGE_ID.fullmatch(message_id):
        message = N_("A message id has 8 to 80 letters, digits, dots, colons or dashes.")
        raise Malformed("deals.message_id", message, fields=[FieldError("message_id", message)])
    if move not in MOVES:
        raise Malformed("deals.no_move", N_("There is no such move: {move}."), move=move[:40])
    side = _acting(actor, deal)
    digest = fingerprint(move, side, _by_content(work, body))
    if _is_known(work, deal, message_id, digest):
        return deal
    _demand(MOVES[move], deal, side)
    if move in quotas.UNASKED:
        quotas.demand_patience(work, deal, side)
    if seen is None and move in BINDING:
        message = N_("Say which version of the deal you have read: this binds you to its terms.")
        raise Malformed("deals.version", message, fields=[FieldError("version", message)])
    if seen is not None and (MOVES[move].in_turn or MOVES[move].to) and seen != version(work, deal):
        raise _moved_on(deal)
    outcome = deeds[move](Asked(work, actor, deal, side, body))
    step(work, actor, deal, side, move, message_id, digest, outcome)
    return deal


def _acting(actor: Actor, deal: Deal) -> Side:
    side = lookup.side_of(actor, deal)
    if side is None:
        raise lookup.none_such()
    lookup.demand_one_side(actor, deal.supplier_id, deal.demander_id)
    return side


def fingerprint(move: str, side: Side, body: Body) -> str:
    """What makes two messages the same: the move, the side and the body, SHA-256."""
    said = json.dumps([move, side, body], sort_keys=True, ensure_ascii=False, default=str)
    return sha256(said.encode(errors="surrogatepass")).hexdigest()  # half characters too: the deed refuses them


def _by_content(work: Work, body: Body) -> Body:
    """A file that is sent twice is stored twice, under two ids; what counts is what is in it."""
    id = id_of(body, "file")
    file = None if id is None else work.session.get(DealFile, id)
    return body if file is None else {**body, "file": file.sha256}


def _is_known(work: Work, deal: Deal, message_id: str, digest: str) -> bool:
    query = select(DealStep.body_sha256).where(DealStep.deal_id == deal.id, DealStep.message_id == message_id)
    known = work.session.exec(query).one_or_none()
    if known is not None and known != digest:
        raise Refused(
            "deals.other_body",
            N_(
                "This message was sent before and said something else. Load the page again, and send what you mean now."
            ),
        )
    return known is not None


def _demand(rule: Move, deal: Deal, side: Side) -> None:
    """Raises unless the table lets this side make the move now."""
    demand_part(rule, deal, side)
    if deal.state not in rule.sources:
        raise _moved_on(deal)
    if rule.in_turn and not turn_of(side, deal.turn):
        raise Refused(
            "deals.not_your_turn",
            N_("It is not your turn: the deal stands at “{state}”, and the other side is to answer."),
            state=Phrase(STATES[deal.state]),
        )


def demand_part(rule: Move, deal: Deal, side: Side) -> None:
    """Raises Refused where a move is never this side's to make."""
    if side not in rule.by:
        raise Refused(
            "deals.not_yours",
            N_("This is for the other side to do. The deal stands at “{state}”."),
            state=Phrase(STATES[deal.state]),
        )


def version(work: Work, deal: Deal) -> int:
    """A number that goes up with every change of a deal's state."""
    query = select(func.max(DealStep.id)).where(
        DealStep.deal_id == deal.id, col(DealStep.before) != col(DealStep.after)
    )
    return work.session.exec(query).one() or 0


def _moved_on(deal: Deal) -> Refused:
    return Refused(
        "deals.moved_on",
        N_("The deal has moved on and stands at “{state}” now. Load the page again, and look before you act."),
        state=Phrase(STATES[deal.state]),
    )


def step(
    work: Work, actor: Actor, deal: Deal, side: Side, move: str, message_id: str, digest: str, outcome: Outcome
) -> None:
    """Brings a locked deal to where the outcome leads, and writes it down: history, ledger, news for the others."""
    rule, before = MOVES.get(move), deal.state
    to = outcome.to or (rule.to if rule else None) or deal.state
    turn = outcome.turn if outcome.turn is not None else rule.turn if rule else None
    turn = deal.turn if turn is None else turn
    if (to, turn) != (deal.state, deal.turn):
        deal.state, deal.turn, deal.moved_at = to, turn, work.now
    work.session.add(deal)
    work.session.add(
        DealStep(
            deal_id=deal.id or 0,
            message_id=message_id,
            move=move,
            side=side,
            person_id=actor.person_id,
            body_sha256=digest,
            before=before,
            after=to,
            detail=outcome.detail,
            at=work.now,
        )
    )
    work.session.flush()
    kept = {key: value for key, value in outcome.detail.items() if key != "note"}
    ledger.record(work, actor.person_id, f"deal.{move}", f"deal:{deal.id}", before=before, after=to, **kept)
    news.tell(work, deal, but=side)
    if to != before:
        work.emit(DealMoved(deal.id or 0, to.value))


def id_of(body: Body, name: str) -> int | None:
    """A number in a body that a row could have; None for anything else."""
    id = body.get(name)
    return id if isinstance(id, int) and not isinstance(id, bool) and 0 < id <= LARGEST_ID else None


def text_of(body: Body, name: str, *, needed: str = "", most: int = LONGEST_NOTE) -> str:
    """A text in a body, without spaces around it. ``needed``: the sentence that asks for it. Raises Malformed."""
    text = body.get(name, "")
    if not isinstance(text, str):
        raise malformed(name, N_("Write a text here"))
    text = plain(text.replace("\r\n", "\n")).strip()
    if len(text) > most:
        raise malformed(name, N_("At most {most} characters"), most=most)
    if needed and not text:
        raise malformed(name, needed)
    return text


def malformed(name: str, message: str, **params: Any) -> Malformed:
    """The refusal of one field."""
    fault = FieldError(name, message, params)
    return Malformed("deals.form", N_("What was sent is not complete or cannot be read; see below."), fields=[fault])
