"""What a run could not know is asked of the supplier, who answers in words and is asked to put the answer into the listing."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from sqlmodel import col, select

from leaderboard.accounts.actor import Actor
from leaderboard.core.errors import FieldError, Malformed, NotFound, Refused
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.exchange.demands import service as demands
from leaderboard.exchange.demands.models import DemandRow
from leaderboard.exchange.listings import service as listings
from leaderboard.exchange.listings.models import ListingRow
from leaderboard.exchange.matches import feedback, runs, sentences
from leaderboard.exchange.matches.models import MatchQuestion
from leaderboard.exchange.matching.explanation import Question
from leaderboard.seasons.signals import Phrase
from leaderboard.submissions.service import plain

LONGEST_ANSWER: Final = 2_000


def digest(question: Question) -> str:
    """By which a question is known: the same words with the same params."""
    said = json.dumps([question.id, question.params], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def ask(work: Work, actor: Actor, demand_key: str, listing_key: str, question: str) -> MatchQuestion:
    """Puts one of the newest run's questions (by its digest) to the supplier; twice is once. Raises NotFound, Refused."""
    demand = demands.demand_for(work, actor, demand_key, "match.judge", lock=True)
    listing = feedback.matched(work, demand, listing_key)
    known = select(MatchQuestion).where(
        col(MatchQuestion.demand_id) == demand.id,
        col(MatchQuestion.listing_id) == listing.id,
        col(MatchQuestion.digest) == question,
    )
    found = work.session.exec(known).one_or_none()
    if found is not None:
        return found
    run = runs.latest(work, demand.id or 0)
    shown = [] if run is None else [one for one in (*run.run.matches, *run.run.near) if one.listing == listing_key]
    asked = next((one for explanation in shown for one in explanation.questions if digest(one) == question), None)
    if asked is None:
        raise Refused("matches.no_question", N_("This is no open question any more. Look at the newest run."))
    made = MatchQuestion(
        demand_id=demand.id or 0,
        listing_id=listing.id or 0,
        digest=question,
        question=asked.id,
        params=dict(asked.params),
        asked_by=actor.id,
        asked_at=work.now,
    )
    work.session.add(made)
    work.session.flush()
    demands.record(work, actor, "match.ask", demand, listing=listing.id, question=asked.id)
    return made


def answer(work: Work, actor: Actor, listing_key: str, question_id: int, text: str) -> MatchQuestion:
    """Answers a question to the actor's listing, or says it anew. Raises NotFound, Malformed."""
    listing = listings.listing_for(work, actor, listing_key, "listing.edit", lock=True)
    found = work.session.get(MatchQuestion, question_id)
    if found is None or found.listing_id != listing.id:
        raise NotFound("matches.none", N_("There is no such question."))
    text = plain(text.replace("\r\n", "\n")).strip()
    if not text or len(text) > LONGEST_ANSWER:
        message = N_("Write an answer of at most {most} characters")
        raise Malformed(
            "matches.answer",
            N_("This is no answer yet."),
            fields=[FieldError(f"answer-{question_id}", message, {"most": LONGEST_ANSWER})],
        )
    found.answer, found.answered_by, found.answered_at = text, actor.id, work.now
    work.session.add(found)
    work.session.flush()
    listings.record(work, actor, "match.answer", listing, question=question_id)
    return found


def of_demand(work: Work, demand_id: int) -> dict[tuple[int, str], MatchQuestion]:
    """What was asked for a demand, by listing and digest."""
    rows = work.session.exec(select(MatchQuestion).where(col(MatchQuestion.demand_id) == demand_id))
    return {(row.listing_id, row.digest): row for row in rows}


def to_listing(work: Work, row: ListingRow) -> list[tuple[MatchQuestion, Phrase]]:
    """What was asked of a listing as its supplier may read it, open questions first, then the latest: what a question says of a
    demand that the supplier does not read in full is no more than its blind card says.
    """
    query = select(MatchQuestion, DemandRow).join(DemandRow, col(DemandRow.id) == col(MatchQuestion.demand_id))
    ordered = query.where(col(MatchQuestion.listing_id) == row.id).order_by(
        col(MatchQuestion.answered_at).is_not(None), col(MatchQuestion.id).desc()
    )
    found = work.session.exec(ordered).all()
    read = {
        demand.id: bool(demands.readers(work, demand, {row.organization_id}))
        for demand in {demand.id: demand for _, demand in found}.values()
    }
    return [(one, as_read(one.question, one.params, in_full=read[demand.id])) for one, demand in found]


def as_read(id: str, params: Mapping[str, Any], *, in_full: bool) -> Phrase:
    """A question as the supplier reads it; ``in_full``: they read the demand."""
    return sentences.sentence(id, params) if in_full else sentences.open_question(id, params)
