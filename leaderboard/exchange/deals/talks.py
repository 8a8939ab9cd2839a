"""Messages in a deal, with one attachment each. A file is kept as it came, and given to those in the deal as a download only."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlmodel import col, select

from leaderboard.accounts.actor import Actor
from leaderboard.core.errors import NotFound, Refused
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.exchange.deals import lookup, moves
from leaderboard.exchange.deals.models import Deal, DealDelivery, DealFile, DealMessage, DealSample, DealStep
from leaderboard.exchange.deals.moves import Asked, Body, Outcome
from leaderboard.exchange.deals.states import Side
from leaderboard.submissions.reception import ReceivedFile
from leaderboard.submissions.signals import OwnerAsked

LONGEST_MESSAGE: Final = 8_000
MOST_ATTACHED: Final = 20_000_000
"""Bytes of an attachment."""
MOST_FILES: Final = 200
"""Files of one side in one deal."""


def write(asked: Asked) -> Outcome:
    """Writes to the others in the deal."""
    work, actor, deal, side, body = asked.work, asked.actor, asked.deal, asked.side, asked.body
    file = attached(work, deal, side, body)
    needed = "" if file else N_("Write something, or attach a file")
    text = moves.text_of(body, "text", needed=needed, most=LONGEST_MESSAGE)
    work.session.add(
        DealMessage(
            deal_id=deal.id or 0,
            side=side,
            person_id=actor.id,
            text=text,
            file_id=file.id if file else None,
            at=work.now,
        )
    )
    return Outcome()


def of_deal(work: Work, deal: Deal) -> Sequence[DealMessage]:
    """All messages, the oldest first."""
    return work.session.exec(
        select(DealMessage).where(DealMessage.deal_id == deal.id).order_by(col(DealMessage.id))
    ).all()


def shown(work: Work, deal: Deal, side: Side | None) -> Sequence[DealMessage]:
    """The messages that a side may read: of an auditor those since both parties named it, not what they said before."""
    every = of_deal(work, deal)
    if side != "auditor":
        return every
    since = _named_at(work, deal)
    return [one for one in every if since is not None and one.at >= since]


def _named_at(work: Work, deal: Deal) -> datetime | None:
    """Since when both parties name the same auditor."""
    query = select(DealStep).where(DealStep.deal_id == deal.id, DealStep.move == "name_auditor")
    since: datetime | None = None
    for step in work.session.exec(query.order_by(col(DealStep.id))):
        since = (since or step.at) if step.detail["both"] else None
    return since


# Files


def receive(work: Work, actor: Actor, key: str, file: ReceivedFile) -> DealFile:
    """Makes a row of a file that has come in. Raises NotFound, Refused: one side has put in too many."""
    deal = lookup.deal_for(work, actor, key, "deal.act", lock=True)
    side = lookup.side_of(actor, deal)
    if side is None:
        raise lookup.none_such()
    query = select(DealFile.id).where(DealFile.deal_id == deal.id, DealFile.side == side)
    if len(work.session.exec(query).all()) >= MOST_FILES:
        raise Refused(
            "deals.many_files",
            N_("Your side has put {count} files into this deal; no more are taken."),
            count=MOST_FILES,
        )
    made = DealFile(
        deal_id=deal.id or 0,
        side=side,
        person_id=actor.id,
        name=file.file_name,
        size=file.size,
        sha256=file.sha256,
        storage_key=file.storage_key,
        at=work.now,
    )
    work.session.add(made)
    work.session.flush()
    return made


def discard_unused(work: Work, file: DealFile) -> bool:
    """Drops the row of a file that no move has taken, because the same move had been made with the same file before; whether it did."""
    named = (col(DealMessage.file_id), col(DealDelivery.file_id), col(DealSample.source_id))
    if any(work.session.exec(select(ids).where(ids == file.id).limit(1)).first() for ids in named):
        return False
    work.session.delete(file)
    work.session.flush()
    return True


def attached(work: Work, deal: Deal, side: Side, body: Body) -> DealFile | None:
    """The file that a body names by ``file`` (its id): one of this side in this deal. Raises Malformed for any other."""
    id: Any = body.get("file")
    if id is None:
        return None
    found = work.session.get(DealFile, id) if isinstance(id, int) else None
    if found is None or (found.deal_id, found.side) != (deal.id, side):
        raise moves.malformed("file", N_("There is no such file of yours in this deal"))
    return found


def file_for(work: Work, actor: Actor, key: str, file_id: int) -> DealFile:
    """A file of a deal, for those who have a part in it. What a sample is made of is its supplier's alone. Raises NotFound."""
    deal = lookup.deal_for(work, actor, key, "deal.read")
    found = work.session.get(DealFile, file_id)
    if found is None or found.deal_id != deal.id or not _may_have(work, actor, deal, found):
        raise NotFound("deals.no_file", N_("There is no such file in this deal."))
    return found


def _may_have(work: Work, actor: Actor, deal: Deal, file: DealFile) -> bool:
    side = lookup.side_of(actor, deal)
    attached_to = {one.file_id for one in shown(work, deal, side)}
    return side == file.side or file.id in attached_to or file.id in delivered(work, deal, side)


def delivered(work: Work, deal: Deal, side: Side | None) -> frozenset[int]:
    """The files that were delivered, which are for the demander and not for the auditor."""
    if side != "demander":
        return frozenset()
    query = select(DealDelivery.file_id).where(DealDelivery.deal_id == deal.id, col(DealDelivery.file_id).is_not(None))
    return frozenset(id for id in work.session.exec(query) if id is not None)


def owned_by(work: Work, signal: OwnerAsked) -> None:
    """Answers for the files of deals."""
    keys = col(DealFile.storage_key)
    signal.found.extend(work.session.exec(select(keys).where(keys == signal.key).limit(1)))
