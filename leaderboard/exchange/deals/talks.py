"""Messages in a deal, with one attachment each. A file is kept as it came, and given to those in the deal as a download only."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from sqlalchemy import func
from sqlmodel import col, select

from leaderboard.accounts.actor import Actor
from leaderboard.core import ledger
from leaderboard.core.errors import NotFound, Refused
from leaderboard.core.i18n import N_
from leaderboard.core.jobs import Leased
from leaderboard.core.work import Resources, Work
from leaderboard.exchange.deals import lookup, moves, quotas, sign_off
from leaderboard.exchange.deals.models import (
    Deal,
    DealDelivery,
    DealFile,
    DealMessage,
    DealReader,
    DealSample,
    DealStep,
)
from leaderboard.exchange.deals.moves import Asked, Body, Outcome
from leaderboard.exchange.deals.states import AUDITED, Side
from leaderboard.submissions.reception import ReceivedFile
from leaderboard.submissions.signals import OwnerAsked

LONGEST_MESSAGE: Final = 8_000
MOST_ATTACHED: Final = 20_000_000
"""Bytes of an attachment."""
UNUSED_JOB: Final = "deal-file-unused"


def write(asked: Asked) -> Outcome:
    """Writes to the others in the deal."""
    work, actor, deal, side, body = asked.work, asked.actor, asked.deal, asked.side, asked.body
    if is_over(deal, side):
        raise Refused(
            "deals.audit_over", N_("The audit ended with the signature; what follows is between the parties.")
        )
    file = attached(work, deal, side, body)
    if file is not None and file.size > MOST_ATTACHED:  # it may have come in for a delivery, which may be larger
        raise moves.malformed("file", N_("A message takes files of at most {most} MB"), most=MOST_ATTACHED // 1_000_000)
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


def is_over(deal: Deal, side: Side) -> bool:
    """Whether a side has done its part, and what follows is not its business: an auditor that has signed."""
    return side == "auditor" and deal.state in AUDITED


def of_deal(work: Work, deal: Deal) -> Sequence[DealMessage]:
    """All messages, the oldest first."""
    return work.session.exec(
        select(DealMessage).where(DealMessage.deal_id == deal.id).order_by(col(DealMessage.id))
    ).all()


def shown(work: Work, deal: Deal, side: Side | None) -> Sequence[DealMessage]:
    """The messages that a side may read: of an auditor those since both parties named it until it signed, not what they said
    before and after.
    """
    every = of_deal(work, deal)
    if side != "auditor":
        return every
    since, until = _named_at(work, deal), sign_off.signed_at(work, deal)
    return [one for one in every if since is not None and since <= one.at and (until is None or one.at <= until)]


def unread(work: Work, actor: Actor, deals: Sequence[Deal]) -> dict[int, int]:
    """By deal: how many messages of others came since the actor last looked; deals without any are left out.

    Of an auditor only those count that it may read, and they are looked at one deal after the other: they are few.
    """
    audited = [deal for deal in deals if lookup.side_of(actor, deal) == "auditor"]
    ids = [deal.id or 0 for deal in deals if deal not in audited]
    query = (
        select(DealMessage.deal_id, func.count())
        .outerjoin(
            DealReader,
            (col(DealReader.deal_id) == col(DealMessage.deal_id)) & (col(DealReader.person_id) == actor.person_id),
        )
        .where(
            col(DealMessage.deal_id).in_(ids),
            DealMessage.person_id != actor.person_id,
            col(DealReader.seen_at).is_(None) | (col(DealMessage.at) > col(DealReader.seen_at)),
        )
        .group_by(col(DealMessage.deal_id))
    )
    counts = dict(work.session.exec(query).all())
    counts |= {deal.id or 0: _unread_of(work, actor, shown(work, deal, "auditor")) for deal in audited}
    return {id: count for id, count in counts.items() if count}


def _unread_of(work: Work, actor: Actor, messages: Sequence[DealMessage]) -> int:
    if not messages:
        return 0
    look = work.session.get(DealReader, (messages[0].deal_id, actor.person_id))
    return sum(one.person_id != actor.person_id and (look is None or one.at > look.seen_at) for one in messages)


def _named_at(work: Work, deal: Deal) -> datetime | None:
    """Since when both parties name the same auditor."""
    query = select(DealStep).where(DealStep.deal_id == deal.id, DealStep.move == "name_auditor")
    since: datetime | None = None
    for step in work.session.exec(query.order_by(col(DealStep.id))):
        since = (since or step.at) if step.detail["both"] else None
    return since


# Files


def receive(work: Work, actor: Actor, key: str, file: ReceivedFile) -> DealFile:
    """Makes a row of a file that has come in. Raises NotFound, Refused: it does not fit any more."""
    deal = lookup.deal_for(work, actor, key, "deal.act", lock=True)
    side = lookup.side_of(actor, deal)
    if side is None:
        raise lookup.none_such()
    quotas.take_room(work, deal, side, file.size)
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


def drop_unused(work: Work, file: DealFile) -> None:
    """Drops a file that no move needs, the row and what is stored; the ledger keeps what it was."""
    id, deal_id, sha256, size, key = file.id, file.deal_id, file.sha256, file.size, file.storage_key
    if discard_unused(work, file):
        work.after_commit.append(partial(work.storage.delete, key))
        ledger.record(work, None, "deal.drop_file", f"deal:{deal_id}", file=id, sha256=sha256, size=size)


def put_by(work: Work, file: DealFile) -> None:
    """A file waits for the move that names it, and is dropped when none does."""
    work.enqueue(
        UNUSED_JOB,
        f"{UNUSED_JOB}:{file.id}",
        payload={"file": file.id},
        delay=timedelta(hours=work.settings.upload_keep_hours),
    )


def drop_put_by(held: Resources, job: Leased) -> None:
    """The job: drops a file that no move has named in time. Twice is once."""
    with held.write() as work:
        file = work.session.get(DealFile, job.payload["file"])
        if file is not None:
            lookup.locked(work, file.deal_id)
            drop_unused(work, file)


def attached(work: Work, deal: Deal, side: Side, body: Body) -> DealFile | None:
    """The file that a body names by ``file`` (its id): one of this side in this deal. Raises Malformed for any other."""
    if body.get("file") is None:
        return None
    id = moves.id_of(body, "file")
    found = None if id is None else work.session.get(DealFile, id)
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
    own = side == file.side and side != "auditor"  # another one may have had the part before
    attached_to = {one.file_id for one in shown(work, deal, side)}
    return own or file.id in attached_to or file.id in delivered(work, deal, side)


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
