"""What submissions add to a challenge's header, and to the question what comes next."""

from sqlalchemy import func
from sqlmodel import col, select

from leaderboard.core.errors import JiebangError
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.entries import service as entries
from leaderboard.entries.signals import WithdrawalAsked
from leaderboard.seasons.models import Challenge
from leaderboard.seasons.signals import Fact, HeaderShown, NextStepAsked, Phrase, Step, Tab
from leaderboard.submissions import service
from leaderboard.submissions.models import Submission
from leaderboard.submissions.states import State

OWN_TAB = "submissions"


def show(work: Work, signal: HeaderShown) -> None:
    """The fact how many submissions have been scored, and for members the tab with their own."""
    scored = select(func.count()).where(
        Submission.challenge_id == signal.challenge_id, Submission.state == State.SCORED
    )
    signal.facts.append(Fact(Phrase(N_("Scored submissions")), work.session.exec(scored).one(), weight=40))
    if signal.actor.person_id is None:
        return
    entry = entries.entry_of(work, signal.actor.person_id, signal.challenge_id)
    if entry is not None:
        mine = work.session.exec(select(func.count()).where(Submission.entry_id == entry.id)).one()
        slug = work.session.get_one(Challenge, signal.challenge_id).slug
        path = f"/challenges/{slug}/submissions"
        signal.tabs.append(Tab(OWN_TAB, Phrase(N_("My submissions")), path, count=mine, weight=30))


def next_step(work: Work, signal: NextStepAsked) -> None:
    """For somebody who stands in an open challenge: submit, or why not now."""
    challenge = work.session.get_one(Challenge, signal.challenge_id)
    if signal.actor.person_id is None or entries.entry_of(work, signal.actor.person_id, signal.challenge_id) is None:
        return
    path = f"/challenges/{challenge.slug}/submit"
    try:
        entries.standing_entry(work, signal.actor, challenge)
    except JiebangError:
        return  # entries says what to do first
    try:
        right = service.may_submit(work, signal.actor, challenge, service.open_phase(work, challenge, work.now))
    except JiebangError as error:
        signal.steps.append(Step(Phrase(error.message, error.params), weight=21))
        return
    if right.left_today is None:
        text = Phrase(N_("Your team may submit."))
    else:
        text = Phrase(N_("Submissions left today: {count}."), {"count": right.left_today})
    signal.steps.append(Step(text, Phrase(N_("Submit predictions")), path, weight=20))


def object_to_withdrawal(work: Work, signal: WithdrawalAsked) -> None:
    """An entry that has handed something in stays."""
    if work.session.exec(select(Submission.id).where(col(Submission.entry_id) == signal.entry_id).limit(1)).first():
        signal.objections.append(
            Phrase(N_("The team has handed in submissions, so the entry stays. Withdraw the submissions instead."))
        )
