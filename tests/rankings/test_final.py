"""The final standing: walls before it is published, places on private scores after, once."""

from datetime import timedelta

import pytest
from sqlmodel import select

from leaderboard.accounts.actor import Actor
from leaderboard.core.changes import Feed
from leaderboard.core.errors import Forbidden, JiebangError, NotFound, Refused
from leaderboard.core.ledger import LedgerLine
from leaderboard.entries.models import Team
from leaderboard.entries.signals import TeamRenamed
from leaderboard.rankings import final
from leaderboard.rankings.service import board_topic
from leaderboard.seasons import posting
from leaderboard.seasons.models import Challenge, Phase
from leaderboard.seasons.windows import PhasePlan
from leaderboard.submissions import service as submissions
from leaderboard.submissions.models import Submission, Upload
from leaderboard.submissions.states import State
from tests.rankings.conftest import DEFINITION

STRANGER = Actor(person_id=999, name="S", email="s@x.cn", role="organizer")


def organizer(harbour):
    with harbour.resources.read() as work:
        unit = work.session.get_one(Challenge, harbour.challenge_id).organization_id
    return Actor(
        person_id=harbour.owner_id,
        name="O",
        email="owner@x.cn",
        role="organizer",
        organization_ids=frozenset({unit}),
        posting_ids=frozenset({unit}),
        owned_ids=frozenset({unit}),
    )


def finalise(harbour, actor=None):
    with harbour.resources.write() as work:
        final.finalise(work, actor or organizer(harbour), work.session.get_one(Challenge, harbour.challenge_id))


def preview(harbour, actor=None):
    with harbour.resources.read() as work:
        challenge = work.session.get_one(Challenge, harbour.challenge_id)
        return final.preview(
            work, actor or organizer(harbour), challenge, work.session.get_one(Phase, harbour.phase_id)
        )


def published(harbour):
    with harbour.resources.read() as work:
        return final.published(work, harbour.phase_id)


def pick(harbour, *submissions):
    with harbour.resources.write() as work:
        for id in submissions:
            work.session.get_one(Submission, id).picked = True


def after_the_close(harbour):
    harbour.clock.advance(days=30)


def test_what_is_final_stays_as_it_is(harbour):
    made = harbour.hand_in("a", 0.9, private=0.6)
    after_the_close(harbour)
    finalise(harbour)
    later = PhasePlan("main", harbour.clock.now() - timedelta(days=60), harbour.clock.now() + timedelta(days=9))
    with harbour.resources.read() as work:
        slug = work.session.get_one(Challenge, harbour.challenge_id).slug
    for change in (
        lambda work: submissions.rescore(work, organizer(harbour), made),
        lambda work: submissions.rescore_all(
            work, organizer(harbour), work.session.get_one(Challenge, harbour.challenge_id)
        ),
        lambda work: posting.set_phases(work, organizer(harbour), slug, [later], reason="We would like to go on."),
        lambda work: posting.adopt(work, organizer(harbour), slug, 1, reason="We would like to go on."),
    ):
        with pytest.raises(Refused) as refused, harbour.resources.write() as work:
            change(work)
        assert refused.value.id in {"submissions.final", "seasons.final"}
    assert [line.value for line in published(harbour)] == [0.6]


def test_a_new_name_is_news_for_the_boards_that_show_it(harbour):
    harbour.hand_in("a", 0.9)
    feed = Feed(harbour.resources.database)
    feed.poll()
    with harbour.resources.write() as work:
        work.emit(TeamRenamed(work.session.exec(select(Team.id)).one()))
    assert feed.poll() == [board_topic(harbour.phase_id)]


def test_private_scores_decide(harbour):
    harbour.hand_in("a", 0.9, private=0.6)
    harbour.hand_in("b", 0.8, private=0.7)
    harbour.hand_in("reference", 0.5, private=0.65, baseline=True)
    after_the_close(harbour)
    assert published(harbour) == []
    finalise(harbour)
    lines = published(harbour)
    assert [(line.team, line.place, line.public_place, line.move, line.value) for line in lines] == [
        ("b", 1, 2, 1, 0.7),
        ("a", 2, 1, -1, 0.6),
        ("reference", None, None, None, 0.65),
    ]
    assert all(line.best_place and line.worst_place for line in lines if line.place)
    with harbour.resources.read() as work:
        assert work.session.exec(select(LedgerLine.act)).all() == ["board.finalise"]


def test_the_preview_is_what_gets_published(harbour):
    harbour.hand_in("a", 0.9, private=0.6)
    harbour.hand_in("b", 0.8, private=0.7)
    after_the_close(harbour)
    before = preview(harbour)
    finalise(harbour)
    assert published(harbour) == before == preview(harbour)


def test_what_a_team_picked_counts_though_others_would_be_better(harbour):
    chosen = harbour.hand_in("a", 0.70, private=0.50)
    harbour.hand_in("a", 0.90, private=0.90)
    pick(harbour, chosen)
    (line,) = preview(harbour)
    assert (line.submission_id, line.value, line.picked) == (chosen, 0.50, True)


def test_of_several_picks_the_best_counts(harbour):
    picks = [harbour.hand_in("a", auc, private=private) for auc, private in [(0.7, 0.5), (0.6, 0.8)]]
    pick(harbour, *picks)
    assert preview(harbour)[0].submission_id == picks[1]


def test_without_picks_the_best_public_ones_stand_in(harbour):
    with harbour.resources.write() as work:
        work.session.get_one(Phase, harbour.phase_id).picks = 2
    harbour.hand_in("a", 0.5, private=0.99)  # third in public: it would win, and does not count
    harbour.hand_in("a", 0.9, private=0.6)
    second = harbour.hand_in("a", 0.8, private=0.7)
    assert preview(harbour)[0].submission_id == second


def test_without_picks_the_latest_stands_in_where_the_rules_say_so(harbour):
    harbour.define({**DEFINITION, "board": {"final": {"otherwise": "latest"}}})
    harbour.hand_in("a", 0.9, private=0.9)
    latest = harbour.hand_in("a", 0.5, private=0.5)
    assert preview(harbour)[0].submission_id == latest


def test_equal_private_scores_share_a_place(harbour):
    harbour.hand_in("a", 0.9, private=0.7001)
    harbour.hand_in("b", 0.8, private=0.7004)
    harbour.hand_in("c", 0.7, private=0.6)
    assert [(line.team, line.place) for line in preview(harbour)] == [("a", 1), ("b", 1), ("c", 3)]


def test_who_withdrew_everything_is_not_in_it(harbour):
    harbour.withdraw(harbour.hand_in("a", 0.9))
    harbour.hand_in("b", 0.8)
    assert [line.team for line in preview(harbour)] == ["b"]


class TestRefused:
    def test_while_a_phase_is_open(self, harbour):
        self.refused(harbour, "rankings.still_open")

    def test_while_a_submission_is_on_its_way(self, harbour):
        made = harbour.hand_in("a", 0.9)
        with harbour.resources.write() as work:
            work.session.get_one(Submission, made).state = State.QUEUED
        after_the_close(harbour)
        self.refused(harbour, "rankings.pending")

    def test_while_an_upload_that_began_in_time_may_still_be_completed(self, harbour):
        harbour.hand_in("a", 0.9)
        with harbour.resources.write() as work:
            phase = work.session.get_one(Phase, harbour.phase_id)
            phase.closes_at = work.now + timedelta(minutes=1)
            work.session.add(
                Upload(
                    token="t",
                    person_id=harbour.owner_id,
                    entry_id=harbour.teams["a"],
                    phase_id=harbour.phase_id,
                    file_name="p.csv",
                    size=9,
                    created_at=work.now,
                    started_at=work.now,
                )
            )
        harbour.clock.advance(minutes=2)
        self.refused(harbour, "rankings.pending")
        harbour.clock.advance(hours=2)  # its grace is over
        finalise(harbour)

    def test_a_second_time(self, harbour):
        harbour.hand_in("a", 0.9)
        after_the_close(harbour)
        finalise(harbour)
        self.refused(harbour, "rankings.finalised")

    @pytest.mark.parametrize("actor", [STRANGER, Actor(person_id=5, name="P", email="p@x.cn", role="participant")])
    def test_for_anyone_but_its_organizer(self, harbour, actor):
        harbour.hand_in("a", 0.9)
        after_the_close(harbour)
        for deed in (finalise, preview):
            with pytest.raises((Forbidden, NotFound)):  # not found: for whom it does not even exist
                deed(harbour, actor)
        assert published(harbour) == []

    @staticmethod
    def refused(harbour, id):
        with pytest.raises(JiebangError) as caught:
            finalise(harbour)
        assert isinstance(caught.value, Refused)
        assert caught.value.id == id
