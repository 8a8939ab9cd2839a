import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from leaderboard.accounts.actor import NOBODY, Actor
from leaderboard.accounts.signals import AccountClosed
from leaderboard.core.clock import FixedClock
from leaderboard.core.errors import Closed, Forbidden, Gone, JiebangError, Malformed, NotFound, Refused, SignInNeeded
from leaderboard.core.work import Resources, Work
from leaderboard.entries import membership, service, teams
from leaderboard.entries.signals import EntryMade, EntryWithdrawn, TeamRenamed, WithdrawalAsked
from leaderboard.seasons import posting
from leaderboard.seasons import service as seasons
from leaderboard.seasons.signals import Phrase
from tests.seasons import factories


def team_of(work: Work, captain: Actor, *members: Actor, name: str = "Data Team") -> int:
    made = teams.create(work, captain, name)
    assert made.id is not None
    for member in members:
        membership.accept(work, member, teams.invite(work, captain, made.id).token)
    return made.id


def enter(work: Work, actor: Actor, challenge_id: int | None, team_id: int | None = None) -> int:
    assert challenge_id is not None
    entry = service.enter(work, actor, challenge_id, team_id, accept_rules=True)
    assert entry.id is not None
    return entry.id


@pytest.fixture
def heard(resources: Resources) -> list[object]:
    """Signals emitted, in order."""
    signals: list[object] = []
    table = {cls: (lambda _work, signal: signals.append(signal),) for cls in (EntryMade, EntryWithdrawn, TeamRenamed)}
    resources.__dict__["handlers"] = {**resources.handlers, **table}
    return signals


@pytest.fixture
def submitted(resources: Resources) -> set[int]:
    """Entries that have handed something in; stands for the room above."""
    entries: set[int] = set()

    def object_to(_work: object, asked: WithdrawalAsked) -> None:
        if asked.entry_id in entries:
            asked.objections.append(Phrase("Something was handed in."))

    resources.__dict__["handlers"] = {**resources.handlers, WithdrawalAsked: (object_to,)}
    return entries


def test_a_person_enters_alone_under_their_own_name(resources: Resources, heard: list[object]):
    with resources.write() as work:
        challenge, _ = factories.posted(work)
        person = factories.person(work, "Lin Xiaolan")
        entry_id = enter(work, person, challenge.id)
        entry = service.standing_entry(work, person, challenge)
        assert (entry.id, entry.state) == (entry_id, "approved")
        assert teams.get(work, entry.team_id).name == "Lin Xiaolan"
        assert heard == [EntryMade(entry_id, challenge.id)]
        assert service.relations_to_entry(work, person, entry) >= {"person", "member", "captain"}
        assert seasons.relations(work, person, challenge) >= {"member", "captain"}


def test_two_people_of_one_name_are_told_apart(resources: Resources):
    with resources.write() as work:
        challenge, _ = factories.posted(work)
        for _ in range(3):
            enter(work, factories.person(work, "王伟"), challenge.id)
        found = {service.teams.get(work, n).name for n in (1, 2, 3)}
        assert found == {"王伟", "王伟 (2)", "王伟 (3)"}


def test_a_name_that_no_team_may_have_is_replaced(resources: Resources):
    with resources.write() as work:
        person = factories.person(work, "\u202e")
        assert teams.solo(work, person).name == f"Team {person.person_id}"


def test_one_team_of_one_serves_all_challenges(resources: Resources):
    with resources.write() as work:
        first, _ = factories.posted(work)
        second, _ = factories.posted(work, "other")
        person = factories.person(work)
        enter(work, person, first.id)
        enter(work, person, second.id)
        assert len({teams.solo(work, person).id}) == 1


def test_to_enter_one_signs_in_and_accepts_the_rules(resources: Resources):
    with resources.write() as work:
        challenge, _ = factories.posted(work)
        assert challenge.id is not None
        person = factories.person(work)
        with pytest.raises(Refused, match=r"entries\.rules"):
            service.enter(work, person, challenge.id, None, accept_rules=False)
        with pytest.raises((SignInNeeded, NotFound)):
            service.enter(work, NOBODY, challenge.id, None, accept_rules=True)
        with pytest.raises(SignInNeeded):
            service.standing_entry(work, NOBODY, challenge)
        with pytest.raises(Forbidden, match="not_entered"):
            service.standing_entry(work, person, challenge)


def test_every_member_accepts_the_rules_for_themselves(resources: Resources):
    with resources.write() as work:
        challenge, _ = factories.posted(work)
        captain, member = factories.person(work, "A1"), factories.person(work, "B2")
        entry_id = enter(work, captain, challenge.id, team_of(work, captain, member))
        with pytest.raises(Forbidden, match="rules_first"):
            service.standing_entry(work, member, challenge)
        service.accept_rules(work, member, challenge)
        assert service.standing_entry(work, member, challenge).id == entry_id


def test_only_the_captain_enters_the_team(resources: Resources):
    with resources.write() as work:
        challenge, _ = factories.posted(work)
        captain, member = factories.person(work), factories.person(work)
        team = team_of(work, captain, member)
        for other in (member, factories.person(work)):
            with pytest.raises(Forbidden):
                service.enter(work, other, challenge.id or 0, team, accept_rules=True)


def test_a_person_stands_for_one_team_in_a_challenge(resources: Resources):
    with resources.write() as work:
        challenge, _ = factories.posted(work)
        captain, member, other = (factories.person(work, name) for name in ("A1", "B2", "C3"))
        team = team_of(work, captain, member)
        enter(work, member, challenge.id)
        with pytest.raises(Refused, match="one_team") as refused:
            service.enter(work, captain, challenge.id or 0, team, accept_rules=True)
        assert refused.value.params == {"person": "B2", "team": "B2", "challenge": "flight-delays"}
        with pytest.raises(Refused, match="one_team"):
            service.enter(work, member, challenge.id or 0, None, accept_rules=True)
        second, _ = factories.posted(work, "other")
        rivals = team_of(work, other, name="Rivals")
        enter(work, other, second.id, rivals)
        enter(work, member, second.id)
        with pytest.raises(Refused, match="one_team"):
            membership.accept(work, member, teams.invite(work, other, rivals).token)


@pytest.mark.parametrize("how", ["draft", "closed", "over"])
def test_a_challenge_that_is_not_running_takes_no_entries(resources: Resources, clock: FixedClock, how: str):
    with resources.write() as work:
        actor, unit = factories.organizer(work)
        posting.draft(work, actor, factories.ready_package(work, actor, unit))
        if how != "draft":
            posting.post(work, actor, "flight-delays")
        if how == "closed":
            posting.close(work, actor, "flight-delays", reason="It is over.")
    if how == "over":
        clock.at = factories.CLOSES
    with resources.write() as work, pytest.raises(Closed):
        service.enter(work, factories.person(work), 1, None, accept_rules=True)


def test_before_the_first_phase_one_may_enter(resources: Resources, clock: FixedClock):
    clock.at = factories.OPENS - timedelta(days=3)
    with resources.write() as work:
        challenge, _ = factories.posted(work)
        enter(work, factories.person(work), challenge.id)
        assert service.count_entries(work, challenge.id or 0) == 1


def test_an_entry_is_withdrawn_and_taken_up_again(resources: Resources, heard: list[object]):
    with resources.write() as work:
        challenge, _ = factories.posted(work)
        captain, member = factories.person(work, "A1"), factories.person(work, "B2")
        team = team_of(work, captain, member)
        entry_id = enter(work, captain, challenge.id, team)
        with pytest.raises(Forbidden):
            service.withdraw(work, member, entry_id)
        service.withdraw(work, captain, entry_id)
        assert heard[-1] == EntryWithdrawn(entry_id, challenge.id)
        assert service.entry_of(work, captain.id, challenge.id or 0) is None
        enter(work, member, challenge.id)
        with pytest.raises(Refused, match="withdrawn_already"):
            service.withdraw(work, captain, entry_id)
        membership.leave(work, member, team)
        assert enter(work, captain, challenge.id, team) == entry_id


def test_an_entry_with_submissions_stays(resources: Resources, submitted: set[int]):
    with resources.write() as work:
        challenge, _ = factories.posted(work)
        captain = factories.person(work)
        team = team_of(work, captain)
        entry_id = enter(work, captain, challenge.id, team)
        submitted.add(entry_id)
        with pytest.raises(Refused, match="cannot_withdraw"):
            service.withdraw(work, captain, entry_id)
        with pytest.raises(Refused, match="cannot_withdraw"):
            membership.dissolve(work, captain, team)


def test_whoever_left_after_a_submission_cannot_stand_elsewhere_but_can_come_back(
    resources: Resources, submitted: set[int]
):
    with resources.write() as work:
        challenge, _ = factories.posted(work)
        captain, member = factories.person(work, "A1"), factories.person(work, "B2")
        team = team_of(work, captain, member)
        submitted.add(enter(work, captain, challenge.id, team))
        membership.leave(work, member, team)
        assert service.entry_of(work, member.id, challenge.id or 0) is None
        with pytest.raises(Refused, match="one_team"):
            service.enter(work, member, challenge.id or 0, None, accept_rules=True)
        membership.accept(work, member, teams.invite(work, captain, team).token)
        assert service.entry_of(work, member.id, challenge.id or 0) is not None


def test_whoever_left_before_any_submission_is_free(resources: Resources, submitted: set[int]):
    with resources.write() as work:
        challenge, _ = factories.posted(work)
        captain, member = factories.person(work, "A1"), factories.person(work, "B2")
        team = team_of(work, captain, member)
        enter(work, captain, challenge.id, team)
        membership.leave(work, captain, team, member.id)
        enter(work, member, challenge.id)


def test_names_are_unique_over_all_teams(resources: Resources, heard: list[object]):
    with resources.write() as work:
        first, second = factories.person(work), factories.person(work)
        teams.create(work, first, "Data Team")
        with pytest.raises(Malformed, match="name_taken"):
            teams.create(work, second, "ｄａｔａ  team")
        other = teams.create(work, second, "Other")
        assert other.id is not None
        with pytest.raises(Malformed, match="name_taken"):
            teams.rename(work, second, other.id, "DATA TEAM")
        teams.rename(work, second, other.id, "OTHER")
        assert (other.name, heard) == ("OTHER", [TeamRenamed(other.id)])
        with pytest.raises(Forbidden):
            teams.rename(work, first, other.id, "Mine now")


def test_an_invitation_is_good_once_and_for_seven_days(resources: Resources, clock: FixedClock):
    with resources.write() as work:
        captain, one, two = (factories.person(work, name) for name in ("A1", "B2", "C3"))
        team = team_of(work, captain)
        made = teams.invite(work, captain, team)
        membership.accept(work, one, made.token)
        with pytest.raises(Gone, match="invitation_used"):
            membership.accept(work, two, made.token)
        late = teams.invite(work, captain, team)
        with pytest.raises(Refused, match="member_already"):
            membership.accept(work, one, late.token)
        with pytest.raises(NotFound):
            membership.accept(work, two, "no-such-token")
    clock.at = late.expires_at
    with resources.write() as work, pytest.raises(Gone, match="invitation_over"):
        membership.accept(work, two, late.token)


def test_a_revoked_invitation_is_worthless(resources: Resources):
    with resources.write() as work:
        captain, one = factories.person(work), factories.person(work)
        team = team_of(work, captain)
        made = teams.invite(work, captain, team)
        with pytest.raises(Forbidden):
            teams.revoke(work, one, team, made.id)
        teams.revoke(work, captain, team, made.id)
        with pytest.raises(Gone):
            membership.accept(work, one, made.token)


def test_a_team_has_at_most_five_members(resources: Resources):
    with resources.write() as work:
        captain = factories.person(work)
        team = team_of(work, captain, *(factories.person(work) for _ in range(3)))
        two = [teams.invite(work, captain, team) for _ in range(2)]
        membership.accept(work, factories.person(work), two[0].token)
        with pytest.raises(Refused, match="full"):
            membership.accept(work, factories.person(work), two[1].token)
        with pytest.raises(Refused, match="full"):
            teams.invite(work, captain, team)


def test_the_token_is_not_kept(resources: Resources):
    with resources.write() as work:
        captain = factories.person(work)
        made = teams.invite(work, captain, team_of(work, captain))
        assert made.token not in str(teams.invitations(work, 1)[0].model_dump())


def test_a_captain_hands_over_before_leaving(resources: Resources):
    with resources.write() as work:
        captain, member = factories.person(work), factories.person(work)
        team = team_of(work, captain, member)
        with pytest.raises(Refused, match="captain_leave"):
            membership.leave(work, captain, team)
        with pytest.raises(Forbidden, match="captain_only"):
            membership.leave(work, member, team, captain.id)
        with pytest.raises(NotFound):
            membership.hand_over(work, captain, team, factories.person(work).id)
        membership.hand_over(work, captain, team, member.id)
        membership.leave(work, captain, team)
        assert teams.member_ids(work, team) == [member.id]


def test_a_dissolved_team_is_gone_and_its_name_stays_taken(resources: Resources):
    with resources.write() as work:
        challenge, _ = factories.posted(work)
        captain, member = factories.person(work, "A1"), factories.person(work, "B2")
        team = team_of(work, captain, member)
        open_link = teams.invite(work, captain, team)
        enter(work, captain, challenge.id, team)
        membership.dissolve(work, captain, team)
        assert service.entry_of(work, member.id, challenge.id or 0) is None
        with pytest.raises(Gone):
            membership.accept(work, factories.person(work), open_link.token)
        with pytest.raises(Malformed, match="name_taken"):
            teams.create(work, member, "Data Team")
        with pytest.raises(Gone, match="dissolved"):
            teams.rename(work, captain, team, "Back again")


def test_a_team_of_one_stays_so(resources: Resources):
    with resources.write() as work:
        person = factories.person(work)
        alone = teams.solo(work, person).id or 0
        with pytest.raises(Refused, match="solo_invite"):
            teams.invite(work, person, alone)
        for verb in (membership.leave, membership.dissolve):
            with pytest.raises(Refused, match="solo_leave"):
                verb(work, person, alone)


# Races: real threads on real connections


def race(resources: Resources, *acts: Callable[[Work], object]) -> list[object]:
    """Runs every act in a transaction of its own, all at once; gives what each returned or raised."""
    results: list[object] = [None] * len(acts)
    ready = threading.Barrier(len(acts))

    def run(number: int) -> None:
        ready.wait()
        try:
            with resources.write() as work:
                results[number] = acts[number](work)
        except JiebangError as error:
            results[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def test_of_many_who_accept_one_invitation_one_joins(resources: Resources):
    with resources.write() as work:
        captain = factories.person(work)
        team = team_of(work, captain)
        token = teams.invite(work, captain, team).token
        crowd = [factories.person(work) for _ in range(6)]
    results = race(resources, *(lambda work, who=who: membership.accept(work, who, token).id for who in crowd))
    assert sorted(str(result) for result in results if not isinstance(result, Gone)) == [str(team)]
    with resources.read() as work:
        assert len(teams.member_ids(work, team)) == 2


def test_the_last_place_in_a_team_is_taken_once(resources: Resources):
    with resources.write() as work:
        captain = factories.person(work)
        team = team_of(work, captain, *(factories.person(work) for _ in range(3)))
        tokens = [teams.invite(work, captain, team).token for _ in range(4)]
        crowd = [factories.person(work) for _ in tokens]
    acts = [
        lambda work, who=who, token=token: membership.accept(work, who, token).id
        for who, token in zip(crowd, tokens, strict=True)
    ]
    results = race(resources, *acts)
    assert sum(isinstance(result, Refused) for result in results) == 3
    with resources.read() as work:
        assert len(teams.member_ids(work, team)) == teams.MOST_MEMBERS


def test_of_many_entries_of_one_person_one_stands(resources: Resources):
    with resources.write() as work:
        challenge, _ = factories.posted(work)
        challenge_id = challenge.id or 0
        person = factories.person(work)
        own = [team_of(work, person, name=f"Team {n}") for n in range(3)]
        teams.solo(work, person)
    acts = [lambda work, team=team: enter(work, person, challenge_id, team) for team in (*own, None)]
    results = race(resources, *acts)
    assert sum(isinstance(result, Refused) for result in results) == 3
    with resources.read() as work:
        assert service.count_entries(work, challenge_id) == 1


def test_of_many_teams_with_one_name_one_is_made(resources: Resources):
    with resources.write() as work:
        crowd = [factories.person(work) for _ in range(4)]
    results = race(resources, *(lambda work, who=who: teams.create(work, who, "Data Team").id for who in crowd))
    assert sum(isinstance(result, Malformed) for result in results) == 3


def test_when_a_captain_s_account_is_closed_the_team_goes_to_the_next_member(resources: Resources):
    with resources.write() as work:
        challenge, _ = factories.posted(work)
        captain, member, last = (factories.person(work, name) for name in ("A1", "B2", "C3"))
        team = team_of(work, captain, member, last)
        entry_id = enter(work, captain, challenge.id, team)
        work.emit(AccountClosed(captain.id, erased=False))
        assert teams.get(work, team).captain_id == member.id
        assert teams.member_ids(work, team) == [member.id, last.id]
        assert service.entry_of(work, captain.id, challenge.id or 0) is None
        assert service.entry_of(work, member.id, challenge.id or 0).id == entry_id


def test_an_erased_name_is_gone_from_the_team_of_one(resources: Resources, heard: list[object]):
    with resources.write() as work:
        person = factories.person(work, "Lin Xiaolan")
        alone = teams.solo(work, person)
        work.emit(AccountClosed(person.id, erased=True))
        assert "Lin" not in alone.name
        assert heard == [TeamRenamed(alone.id)]
        assert teams.create(work, factories.person(work), "Lin Xiaolan").id is not None
