"""Samples: asked for, allowed to a size and until a day or denied, drawn and marked in the sandbox, fetched, taken back.

Every sample is the requester's own: which records it has and in which order is decided by a secret (`challenges.watermark`), so
that a copy tells whose it was. Personal columns are masked. Who fetched it, and when, is the supplier's to see.
"""

from collections.abc import Collection, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from secrets import token_hex
from typing import Final

from sqlmodel import col, select

from challenges.quality_description import MEDIA
from challenges.report import Report
from challenges.sample import FACTS, LARGEST, MOST_ROWS, SAMPLE, Facts
from leaderboard.accounts.actor import Actor
from leaderboard.core import ledger
from leaderboard.core.errors import Gone, NotFound, Refused
from leaderboard.core.i18n import N_
from leaderboard.core.jobs import Leased
from leaderboard.core.sandbox import ChildFailed, Task
from leaderboard.core.sandbox import Outcome as Left
from leaderboard.core.work import Resources, Work
from leaderboard.datasets import files
from leaderboard.datasets import service as datasets
from leaderboard.datasets.models import Dataset
from leaderboard.exchange.deals import lookup, moves, news, talks
from leaderboard.exchange.deals.models import Deal, DealFile, DealSample, DealSampleDownload
from leaderboard.exchange.deals.moves import Asked, Body, Outcome
from leaderboard.exchange.deals.states import MOVES
from leaderboard.exchange.listings.models import ListingRow
from leaderboard.submissions.reception import file_sha256
from leaderboard.submissions.recording import copied

SAMPLE_JOB: Final = "deal-sample"
EXPIRE_JOB: Final = "deal-sample-expire"
MOST_DAYS: Final = 90
MOST_OPEN: Final = 3
"""Samples of one deal that are asked for or can be fetched at a time."""
BROKEN_LIMITS: Final = 2
UNREADABLE: Final = N_("No sample can be drawn from this file: it is no table that can be read.")
OURS: Final = N_("The sample could not be drawn; the fault is ours. Approve it once more.")


def of_deal(work: Work, deal: Deal) -> Sequence[DealSample]:
    """All samples of a deal, the newest first; what has run out since says so."""
    query = select(DealSample).where(DealSample.deal_id == deal.id).order_by(col(DealSample.id).desc())
    return work.session.exec(query).all()


def is_over(work: Work, sample: DealSample) -> bool:
    """Whether the day until which it could be fetched has passed."""
    return sample.expires_at is not None and sample.expires_at <= work.now


def downloads(work: Work, sample: DealSample) -> Sequence[DealSampleDownload]:
    """Who fetched it, the newest first."""
    query = select(DealSampleDownload).where(DealSampleDownload.sample_id == sample.id)
    return work.session.exec(query.order_by(col(DealSampleDownload.id).desc())).all()


def undecided(work: Work, deal_ids: Collection[int]) -> frozenset[int]:
    """Among these deals, those in which the supplier has a request for a sample to decide on."""
    query = select(DealSample.deal_id).join(Deal, col(Deal.id) == col(DealSample.deal_id))
    asked = query.where(
        col(DealSample.deal_id).in_(deal_ids),
        col(DealSample.state).in_(("requested", "failed")),
        col(Deal.state).in_(MOVES["approve_sample"].sources),
    )
    return frozenset(work.session.exec(asked))


def source_of(work: Work, deal: Deal) -> tuple[str, str] | None:
    """Storage key and media type of the newest file that the dataset's card counts: what the listing is about.

    None where it is kept elsewhere, or there is no card.
    """
    listing = work.session.get_one(ListingRow, deal.listing_id)
    if listing.dataset_id is None:
        return None
    newest = datasets.versions(work, work.session.get_one(Dataset, listing.dataset_id))[0]
    key = files.key_of(work, newest)
    return None if key is None else (key, newest.media_type)


# Moves


def ask(asked: Asked) -> Outcome:
    """The demander asks for so many records. Raises Malformed, Refused (too many asked for at a time)."""
    work, actor, deal, body = asked.work, asked.actor, asked.deal, asked.body
    rows = _number(body, "rows", MOST_ROWS)
    live = [one for one in of_deal(work, deal) if _is_live(work, one)]
    if len(live) >= MOST_OPEN:
        raise Refused(
            "deals.many_samples", N_("{count} samples are under way already; wait for one of them."), count=MOST_OPEN
        )
    made = DealSample(
        deal_id=deal.id or 0,
        rows=rows,
        purpose=moves.text_of(body, "purpose"),
        asked_by=actor.id,
        asked_at=work.now,
        secret=token_hex(16),
    )
    work.session.add(made)
    work.session.flush()
    return Outcome(detail={"sample": made.id, "rows": rows})


def _is_live(work: Work, sample: DealSample) -> bool:
    return sample.state in {"requested", "approved", "fulfilled"} and not is_over(work, sample)


def approve(asked: Asked) -> Outcome:
    """The supplier allows so many records for so many days, and has them drawn: from the file of the dataset's card, or, where
    that is kept elsewhere, from a file that comes with the approval. Raises NotFound, Malformed, Refused.
    """
    work, deal, side, body = asked.work, asked.deal, asked.side, asked.body
    sample = _waiting(work, deal, body)
    rows, days = _number(body, "rows", MOST_ROWS), _number(body, "days", MOST_DAYS)
    uploaded = talks.attached(work, deal, side, body)
    source = source_of(work, deal) if uploaded is None else (uploaded.storage_key, _media(uploaded))
    if source is None:
        raise moves.malformed("file", N_("The data are kept elsewhere: upload a file from which the sample is drawn"))
    sample.state, sample.rows, sample.reason = "approved", rows, ""
    sample.decided_at, sample.expires_at = work.now, work.now + timedelta(days=days)
    source_id = uploaded.id if uploaded else None
    if sample.source_id != source_id:  # a try that failed is made again with the very same file
        _drop_source(work, sample)
    sample.source_id = source_id
    work.session.add(sample)
    payload = {"sample": sample.id, "storage_key": source[0], "media_type": source[1]}
    work.enqueue(SAMPLE_JOB, f"{SAMPLE_JOB}:{sample.id}:{token_hex(4)}", lane=f"deal:{deal.id}", payload=payload)
    over = f"{EXPIRE_JOB}:{sample.id}:{sample.expires_at.isoformat()}"
    work.enqueue(EXPIRE_JOB, over, payload={"sample": sample.id}, delay=timedelta(days=days))
    return Outcome(detail={"sample": sample.id, "rows": rows, "days": days})


def _media(file: DealFile) -> str:
    return MEDIA.get(file.name.rpartition(".")[2].lower(), "text/csv")


def deny(asked: Asked) -> Outcome:
    """The supplier says no, and why."""
    work, deal, body = asked.work, asked.deal, asked.body
    sample = _waiting(work, deal, body)
    sample.reason = moves.text_of(body, "reason", needed=N_("Say why, so that the other side knows"))
    sample.state, sample.decided_at = "denied", work.now
    _drop_source(work, sample)
    return Outcome(detail={"sample": sample.id})


def revoke(asked: Asked) -> Outcome:
    """The supplier takes a sample back; nobody can fetch it after that."""
    work, deal, body = asked.work, asked.deal, asked.body
    sample = _of_body(work, deal, body)
    if sample.state not in {"approved", "fulfilled"}:
        raise Refused("deals.sample_state", N_("This sample is not there to be taken back."))
    sample.state, sample.reason = "revoked", moves.text_of(body, "reason")
    _drop(work, sample)
    return Outcome(detail={"sample": sample.id})


def _waiting(work: Work, deal: Deal, body: Body) -> DealSample:
    sample = _of_body(work, deal, body)
    if sample.state not in {"requested", "failed"}:
        raise Refused("deals.sample_decided", N_("This request has been decided already."))
    return sample


def _of_body(work: Work, deal: Deal, body: Body) -> DealSample:
    id = moves.id_of(body, "sample")
    found = None if id is None else work.session.get(DealSample, id)
    if found is None or found.deal_id != deal.id:
        raise NotFound("deals.no_sample", N_("There is no such sample in this deal."))
    return found


def _number(body: Body, name: str, most: int) -> int:
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise moves.malformed(name, N_("Write a whole number from 1 to {most}"), most=most)
    return value


def _drop(work: Work, sample: DealSample) -> None:
    if sample.storage_key is not None:
        work.after_commit.append(partial(work.storage.delete, sample.storage_key))
        sample.storage_key = None
    _drop_source(work, sample)


def _drop_source(work: Work, sample: DealSample) -> None:
    """What the supplier uploaded for this sample only is not kept longer than the sample."""
    source = None if sample.source_id is None else work.session.get(DealFile, sample.source_id)
    sample.source_id = None
    work.session.add(sample)
    work.session.flush()
    if source is not None:
        talks.drop_unused(work, source)


# Fetching


def fetch(work: Work, actor: Actor, key: str, sample_id: int) -> tuple[Path, str]:
    """The file of a sample and its name, for both parties; that somebody fetched it is written down first.

    Raises NotFound, Gone (run out, taken back).
    """
    deal = lookup.deal_for(work, actor, key, "deal.act", lock=True)
    sample = work.session.get(DealSample, sample_id)
    if sample is None or sample.deal_id != deal.id or lookup.side_of(actor, deal) == "auditor":
        raise NotFound("deals.no_sample", N_("There is no such sample in this deal."))
    if sample.state == "revoked" or is_over(work, sample):
        raise Gone(
            "deals.sample_gone", N_("This sample has run out or was taken back. Delete the copies that you have.")
        )
    if sample.storage_key is None:
        raise NotFound("deals.no_sample", N_("There is no such sample in this deal."))
    work.session.add(DealSampleDownload(sample_id=sample.id or 0, person_id=actor.id, at=work.now))
    ledger.record(work, actor.person_id, "deal.fetch_sample", f"deal:{deal.id}", sample=sample.id)
    return work.storage.path(sample.storage_key), f"sample-{deal.key}-{sample.id}.csv"


def request_of(deal: Deal, sample: DealSample) -> str:
    """What every record of a sample says of itself."""
    return f"{deal.key}/{sample.id}"


def expire(held: Resources, job: Leased) -> None:
    """The job: removes the file of a sample that has run out, and what it was drawn from, also where that failed.

    One that was approved anew meanwhile has a later job; twice is once.
    """
    with held.write() as work:
        lookup.locked(work, work.session.get_one(DealSample, job.payload["sample"]).deal_id)
        query = select(DealSample).where(DealSample.id == job.payload["sample"]).with_for_update()
        sample = work.session.exec(query.execution_options(populate_existing=True)).one()
        if is_over(work, sample):
            sample.state = "expired" if sample.state in {"approved", "fulfilled"} else sample.state
            _drop(work, sample)


class SampleJob:
    """The sandbox job that draws a sample: see `leaderboard.core.sandbox.SandboxJob`."""

    def stage(self, work: Work, job: Leased) -> Task | None:
        sample = _approved(work, job)
        if sample is None:
            return None
        deal = work.session.get_one(Deal, sample.deal_id)
        suffix = next((suffix for suffix, media in MEDIA.items() if media == job.payload["media_type"]), "csv")
        drawn = {"rows": sample.rows, "secret": sample.secret, "request": request_of(deal, sample)}
        file = work.storage.path(job.payload["storage_key"])
        return Task("sample", {"data": file}, {"file_name": f"data.{suffix}", "drawn": drawn}, f"deal:{deal.key}")

    def record(self, work: Work, job: Leased, outcome: Left) -> None:
        """Raises ValueError for anything but a sample of the size that was asked for."""
        sample = _approved(work, job)
        if sample is None:
            return
        report = Report.parse(outcome.report)
        if report.outcome != "accepted":
            _fail(work, sample, UNREADABLE)
            return
        facts = _facts(outcome.folder, sample.rows)
        with copied(outcome.folder, SAMPLE, most=LARGEST) as copy:
            if copy is None:
                raise ValueError("no sample")
            sample.sha256 = file_sha256(copy)
            sample.storage_key = f"samples/{token_hex(12)}.csv"
            work.storage.put(sample.storage_key, copy)
        sample.state, sample.made_rows, sample.of_rows, sample.threshold = (
            "fulfilled",
            facts.rows,
            facts.of_rows,
            facts.threshold,
        )
        work.session.add(sample)
        _tell(work, sample)

    def failed(self, work: Work, job: Leased, error: ChildFailed, *, dead: bool) -> bool:
        sample = _approved(work, job)
        if sample is None:
            return True
        if error.reason in {"time", "memory"} and job.attempt >= BROKEN_LIMITS:
            _fail(work, sample, UNREADABLE)
            return True
        if dead:
            _fail(work, sample, OURS)
        return dead


def _approved(work: Work, job: Leased) -> DealSample | None:
    query = select(DealSample).where(DealSample.id == job.payload["sample"], DealSample.state == "approved")
    return work.session.exec(query.with_for_update()).one_or_none()


def _facts(folder: Path, most: int) -> Facts:
    """What the child says it drew. Raises ValueError for anything else."""
    with copied(folder, FACTS, most=1 << 20) as copy:
        if copy is None:
            raise ValueError("no facts")
        facts = Facts.model_validate_json(copy.read_bytes(), strict=True)
    if facts.rows > most:
        raise ValueError("more records than were allowed")
    return facts


def _fail(work: Work, sample: DealSample, reason: str) -> None:
    sample.state, sample.reason = "failed", reason
    work.session.add(sample)
    _tell(work, sample)


def _tell(work: Work, sample: DealSample) -> None:
    deal = work.session.get_one(Deal, sample.deal_id)
    work.announce(f"deal:{deal.key}")
    news.tell(work, deal)
