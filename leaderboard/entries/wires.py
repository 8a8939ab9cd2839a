"""What entries plugs in: it answers seasons' questions about who the viewer is to a challenge."""

from typing import Final

from leaderboard.accounts.signals import AccountClosed
from leaderboard.core.i18n import N_
from leaderboard.core.signals import Handlers
from leaderboard.core.work import Work
from leaderboard.entries import membership, service, teams
from leaderboard.seasons import service as seasons
from leaderboard.seasons.models import Challenge
from leaderboard.seasons.signals import Fact, HeaderShown, NextStepAsked, Phrase, RelationsAsked, RulesAsked, Step, Tab
from leaderboard.seasons.states import Status


def _relations(work: Work, asked: RelationsAsked) -> None:
    if asked.actor.person_id is not None:
        entry = service.entry_of(work, asked.actor.person_id, asked.challenge_id)
        if entry is not None and entry.state == "approved":
            asked.found.update(teams.relations_to_team(work, asked.actor, entry.team_id))


def _header(work: Work, shown: HeaderShown) -> None:
    shown.facts.append(Fact(Phrase(N_("Teams")), service.count_entries(work, shown.challenge_id), weight=30))
    if shown.actor.person_id is None or service.entry_of(work, shown.actor.person_id, shown.challenge_id) is None:
        challenge = work.session.get_one(Challenge, shown.challenge_id)
        if seasons.status_of(work, challenge, work.now) in service.ENTERABLE:
            shown.tabs.append(Tab("enter", Phrase(N_("Enter")), f"/challenges/{challenge.slug}/enter", weight=30))


def _rules(_work: Work, asked: RulesAsked) -> None:
    most = {"most": teams.MOST_MEMBERS}
    asked.rules[:0] = [
        Phrase(
            N_("Enter alone, or as a team of at most {most} people. A person stands for one team in this challenge."),
            most,
        ),
        Phrase(N_("Every member accepts the rules once, for themselves, before they submit.")),
    ]


def _next_step(work: Work, asked: NextStepAsked) -> None:
    challenge = work.session.get(Challenge, asked.challenge_id)
    if challenge is None or seasons.status_of(work, challenge, work.now) not in service.ENTERABLE:
        return
    path = f"/challenges/{challenge.slug}/enter"
    entry = service.entry_of(work, asked.actor.person_id, asked.challenge_id) if asked.actor.person_id else None
    if entry is None:
        text = Phrase(N_("Enter alone or with a team. You accept the rules once; then you can submit."))
        asked.steps.append(Step(text, Phrase(N_("Enter this challenge")), path, weight=5))
        return
    assert asked.actor.person_id is not None
    seat = service.seat_of(work, asked.actor.person_id, asked.challenge_id)
    if seat is None or seat.rules_accepted_at is None:
        text = Phrase(N_("Your team has entered. Accept the rules yourself before you submit."))
        asked.steps.append(Step(text, Phrase(N_("Read and accept the rules")), path, weight=35))
    elif seasons.status_of(work, challenge, work.now) is Status.UPCOMING:
        text = Phrase(N_("You have entered. Submissions open when the first phase begins."))
        asked.steps.append(Step(text, weight=10))


def _account_closed(work: Work, closed: AccountClosed) -> None:
    membership.part_from(work, closed.person_id)
    if closed.erased:
        teams.forget_name(work, closed.person_id)


HANDLERS: Final[Handlers] = {
    RelationsAsked: (_relations,),
    HeaderShown: (_header,),
    NextStepAsked: (_next_step,),
    RulesAsked: (_rules,),
    AccountClosed: (_account_closed,),
}
