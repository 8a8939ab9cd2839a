"""Deliveries and their acceptance: a file with its hash, measured again and held against the agreed indicators.

A verdict is certain only where the whole interval of the measured value lies on one side of the limit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from sqlmodel import col, select

from challenges.quality import QualityReport
from challenges.quality_description import MEDIA
from leaderboard.core.errors import Refused
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.datasets import measuring
from leaderboard.datasets.signals import FileMeasured
from leaderboard.exchange.deals import interest, moves, news, offers, sign_off, talks
from leaderboard.exchange.deals.models import Deal, DealDelivery, DealFile
from leaderboard.exchange.deals.moves import Asked, Body, Outcome
from leaderboard.exchange.listings import evidence
from leaderboard.exchange.matching.floors import interval
from leaderboard.terms.demand import GradeFloor, Indicator, MeasureFloor
from leaderboard.terms.listing import Evidence
from leaderboard.terms.words import GRADES

LONGEST_ADDRESS: Final = 500
REFUSED: Final = N_("The file cannot be read as a dataset, so nothing could be measured.")
FAILED: Final = N_("The file could not be measured; the fault is ours. You may decide without it.")
MeasuredVerdict = Literal["met", "missed", "uncertain"]


@dataclass(frozen=True, slots=True)
class Checked:
    """One indicator held against a delivery: in the measure's own unit, or grades. None: not measured."""

    indicator: Indicator
    limit: float | str
    value: float | str | None
    low: float | str | None
    high: float | str | None
    verdict: MeasuredVerdict


def of_deal(work: Work, deal: Deal) -> Sequence[DealDelivery]:
    """All deliveries, the newest first."""
    query = select(DealDelivery).where(DealDelivery.deal_id == deal.id)
    return work.session.exec(query.order_by(col(DealDelivery.number).desc())).all()


def subject_of(deal_id: int, number: int) -> str:
    """By which the measuring of a delivery is known."""
    return f"deal:{deal_id}:{number}"


# Moves


def deliver(asked: Asked) -> Outcome:
    """The supplier delivers a file, or an address with the hash of what lies there.

    Raises Malformed, and Refused where the hash is not the agreed one.
    """
    work, deal, side, body = asked.work, asked.deal, asked.side, asked.body
    file = talks.attached(work, deal, side, body)
    address, sha256 = ("", file.sha256) if file else _elsewhere(body)
    agreed = _agreed(work, deal)
    if agreed.sha256 and agreed.sha256 != sha256:
        raise Refused(
            "deals.other_file",
            N_("This is not the agreed file: its SHA-256 begins {given}, agreed was {agreed}."),
            given=sha256[:12],
            agreed=agreed.sha256[:12],
        )
    known = of_deal(work, deal)
    made = DealDelivery(
        deal_id=deal.id or 0,
        number=known[0].number + 1 if known else 1,
        file_id=file.id if file else None,
        address=address,
        sha256=sha256,
        note=moves.text_of(body, "note"),
        at=work.now,
    )
    if file is not None:
        made.measuring = "waiting"
        _measure(work, deal, made.number, file)
    work.session.add(made)
    work.session.flush()
    return Outcome(detail={"number": made.number, "sha256": sha256})


def _elsewhere(body: Body) -> tuple[str, str]:
    address = moves.text_of(body, "address", needed=N_("Upload a file, or say where it lies"), most=LONGEST_ADDRESS)
    if urlsplit(address).scheme not in {"http", "https"} or not urlsplit(address).hostname:
        raise moves.malformed("address", N_("Write an address that begins with https://"))
    sha256 = moves.text_of(body, "sha256", needed=N_("Write the SHA-256 of the file: 64 hexadecimal digits")).lower()
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise moves.malformed("sha256", N_("Write the SHA-256 of the file: 64 hexadecimal digits"))
    return address, sha256


def _measure(work: Work, deal: Deal, number: int, file: DealFile) -> None:
    media = MEDIA.get(file.name.rpartition(".")[2].lower(), "text/csv")
    subject = subject_of(deal.id or 0, number)
    measuring.enqueue(work, subject=subject, storage_key=file.storage_key, media_type=media, weight=file.size)


def accept(asked: Asked) -> Outcome:
    """The demander accepts the last delivery. Raises Refused while it is being measured."""
    work, deal, body = asked.work, asked.deal, asked.body
    return _decide(work, deal, "accepted", moves.text_of(body, "note"))


def reject(asked: Asked) -> Outcome:
    """The demander rejects the last delivery and says why; the report stays beside it."""
    work, deal, body = asked.work, asked.deal, asked.body
    return _decide(work, deal, "rejected", moves.text_of(body, "note", needed=N_("Say what is wrong with it")))


def _decide(work: Work, deal: Deal, verdict: str, note: str) -> Outcome:
    last = of_deal(work, deal)[0]
    if last.measuring == "waiting":
        raise Refused("deals.measuring", N_("The delivery is still being measured. Decide when the figures are there."))
    last.verdict = verdict
    work.session.add(last)
    detail = {"number": last.number} | ({"note": note} if note else {})
    return Outcome(detail=detail)


def settle(asked: Asked) -> Outcome:
    """The supplier says that it was paid, or that nothing was owed."""
    work, actor, deal, body = asked.work, asked.actor, asked.deal, asked.body
    note = moves.text_of(body, "note")
    deal.settled_at = work.now
    interest.move_demand(work, actor, deal, "fulfilled")
    return Outcome(detail={"note": note} if note else {})


# Figures


def measured(work: Work, signal: FileMeasured) -> None:
    """Hears that a file was measured, and keeps it where the file is a delivery."""
    kind, _, rest = signal.subject.partition(":")
    if kind != "deal":
        return
    deal_id, _, number = rest.partition(":")
    query = select(DealDelivery).where(DealDelivery.deal_id == int(deal_id), DealDelivery.number == int(number))
    found = work.session.exec(query.with_for_update()).one_or_none()
    if found is None or found.measuring != "waiting":
        return
    if signal.outcome == "measured":
        found.measuring, found.quality_key = "measured", signal.quality_key
    else:
        found.measuring, found.failure = "failed", REFUSED if signal.outcome == "refused" else FAILED
    work.session.add(found)
    deal = work.session.get_one(Deal, found.deal_id)
    work.announce(f"deal:{deal.key}")
    news.tell(work, deal)


def _agreed(work: Work, deal: Deal) -> offers.Terms:
    agreement = sign_off.latest(work, deal)
    assert agreement is not None, "a deal that delivers has an agreement"
    return offers.Terms.model_validate(agreement.document["terms"], strict=False)


def checked(work: Work, deal: Deal, delivery: DealDelivery) -> tuple[Checked, ...]:
    """Each agreed indicator held against what was measured of a delivery; all uncertain where nothing was."""
    found = () if delivery.quality_key is None else (_evidence(work.storage.path(delivery.quality_key), delivery),)
    return tuple(held(one, found) for one in _agreed(work, deal).indicators)


def held(indicator: Indicator, found_in: tuple[Evidence, ...]) -> Checked:
    """One indicator held against evidence: met or missed when the whole interval says so."""
    floor = indicator.floor
    limit: float | str = floor.grade if isinstance(floor, GradeFloor) else floor.limit
    found = interval(floor, found_in)
    if found is None:
        return Checked(indicator, limit, None, None, None, "uncertain")
    verdict: MeasuredVerdict = (
        "met" if found.low >= found.limit else "missed" if found.high < found.limit else "uncertain"
    )
    if isinstance(floor, GradeFloor):
        value, low, high = (GRADES[int(one)] for one in (found.value, found.low, found.high))
        return Checked(indicator, limit, value, low, high, verdict)
    if isinstance(floor, MeasureFloor) and not floor.falling:
        return Checked(indicator, limit, found.value, found.low, found.high, verdict)
    return Checked(indicator, limit, -found.value, -found.high, -found.low, verdict)


def _evidence(path: Path, delivery: DealDelivery) -> Evidence:
    measures, graded = evidence.figures(path)
    return Evidence(
        key=f"deliveries/{delivery.number}",
        version=delivery.sha256,
        measured_on=delivery.at.date(),
        measures=dict(measures),
        grade=graded,
    )


def report_of(work: Work, delivery: DealDelivery) -> QualityReport | None:
    """The quality report on a delivery."""
    if delivery.quality_key is None:
        return None
    return QualityReport.parse(work.storage.path(delivery.quality_key).read_bytes())


def summary(found: Sequence[Checked]) -> dict[str, Any]:
    """How many indicators are met, missed and uncertain."""
    return {verdict: sum(one.verdict == verdict for one in found) for verdict in ("met", "missed", "uncertain")}
