from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from leaderboard.accounts.actor import NOBODY, SYSTEM
from leaderboard.core.clock import FixedClock
from leaderboard.core.errors import Malformed, NotFound, Refused
from leaderboard.core.work import Resources, Work
from leaderboard.rankings.models import Board
from leaderboard.seasons import posting, service
from leaderboard.seasons.signals import ChallengeClosed, ChallengePosted, PackageChanged
from leaderboard.seasons.states import Status
from leaderboard.seasons.windows import PhasePlan
from tests.seasons import factories

WHY = "The venue asked for it."


def plans(work: Work, slug: str = "flight-delays") -> list[PhasePlan]:
    challenge = service.challenge_by_slug(work, SYSTEM, slug)
    return [PhasePlan.of(phase) for phase in service.phases(work, challenge.id or 0)]


@pytest.fixture
def heard(resources: Resources, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Signals emitted, in order."""
    signals: list[object] = []
    classes = (ChallengePosted, ChallengeClosed, PackageChanged)
    table = {cls: (*resources.handlers.get(cls, ()), lambda _work, signal: signals.append(signal)) for cls in classes}
    monkeypatch.setitem(resources.__dict__, "handlers", {**resources.handlers, **table})
    return signals


def test_a_draft_is_seen_by_its_organizers_only(resources: Resources):
    with resources.write() as work:
        actor, unit = factories.organizer(work)
        stranger, _ = factories.organizer(work)
        draft = posting.draft(work, actor, factories.ready_package(work, actor, unit))
        assert (draft.state, draft.title_zh, draft.modality) == ("draft", "哪些航班会晚点?", ["table"])
        assert service.challenge_by_slug(work, actor, draft.slug) is draft
        for other in (NOBODY, stranger, factories.person(work)):
            with pytest.raises(NotFound):
                service.challenge_by_slug(work, other, draft.slug)
            with pytest.raises(NotFound):
                posting.post(work, other, draft.slug)


def test_the_draft_takes_windows_and_quotas_from_the_package(resources: Resources):
    with resources.write() as work:
        factories.posted(work)
        assert plans(work) == [PhasePlan("open", factories.OPENS, factories.CLOSES, "", "", 5, 200, "Asia/Shanghai", 2)]


def test_a_name_is_taken_once(resources: Resources):
    with resources.write() as work:
        factories.posted(work)
        actor, unit = factories.organizer(work)
        second = factories.ready_package(work, actor, unit)
        with pytest.raises(Refused, match="slug_taken"):
            posting.draft(work, actor, second)


def test_one_package_makes_one_challenge(resources: Resources):
    with resources.write() as work:
        actor, unit = factories.organizer(work)
        package = factories.ready_package(work, actor, unit)
        posting.draft(work, actor, package)
        with pytest.raises(Refused, match="package_used"):
            posting.draft(work, actor, package)


def test_posting_makes_it_public_and_says_so(resources: Resources, heard: list[object]):
    with resources.write() as work:
        challenge, actor = factories.posted(work)
        assert service.challenge_by_slug(work, NOBODY, challenge.slug) is challenge
        assert heard == [ChallengePosted(challenge.id)]
        with pytest.raises(Refused, match="posted_already"):
            posting.post(work, actor, challenge.slug)


def test_a_challenge_that_is_all_over_is_not_posted(resources: Resources, clock: FixedClock):
    clock.at = factories.CLOSES
    with resources.write() as work, pytest.raises(Refused, match="all_over"):
        factories.posted(work)


def test_the_phase_is_open_from_its_first_instant_to_before_its_last(resources: Resources):
    with resources.write() as work:
        challenge, _ = factories.posted(work)
        moment = timedelta(microseconds=1)
        for now, is_open in (
            (factories.OPENS - moment, False),
            (factories.OPENS, True),
            (factories.CLOSES - moment, True),
            (factories.CLOSES, False),
        ):
            assert (service.current_phase(work, challenge.id or 0, now) is not None) is is_open


def test_after_posting_every_change_of_dates_needs_a_reason_and_is_shown(resources: Resources, clock: FixedClock):
    with resources.write() as work:
        challenge, actor = factories.posted(work)
        later = [replace(plans(work)[0], closes_at=factories.CLOSES + timedelta(days=1), per_day=3)]
        with pytest.raises(Malformed) as refused:
            posting.set_phases(work, actor, challenge.slug, later)
        assert refused.value.fields[0].field == "reason"
        posting.set_phases(work, actor, challenge.slug, later, reason=f"  {WHY}\n")
        made = service.corrections(work, challenge.id or 0)
        assert {(c.what, c.before, c.after) for c in made} == {
            ("phases.open.closes_at", "2027-02-28T10:00:00+00:00", "2027-03-01T10:00:00+00:00"),
            ("phases.open.per_day", "5", "3"),
        }
        assert {c.reason for c in made} == {WHY}
        assert plans(work) == later


def test_saving_the_same_dates_again_is_no_change(resources: Resources):
    with resources.write() as work:
        challenge, actor = factories.posted(work)
        posting.set_phases(work, actor, challenge.slug, plans(work))
        assert service.corrections(work, challenge.id or 0) == []


def test_a_phase_that_has_begun_stays_and_keeps_its_row(resources: Resources):
    with resources.write() as work:
        challenge, actor = factories.posted(work)
        (first,) = service.phases(work, challenge.id or 0)
        other = PhasePlan("final", factories.CLOSES, factories.CLOSES + timedelta(days=9))
        with pytest.raises(Refused, match="phase_begun"):
            posting.set_phases(work, actor, challenge.slug, [other], reason=WHY)
        posting.set_phases(work, actor, challenge.slug, [other, *plans(work)], reason=WHY)
        kept = service.phases(work, challenge.id or 0)
        assert [(p.key, p.position) for p in kept] == [("open", 0), ("final", 1)]
        assert kept[0].id == first.id


def test_a_phase_on_which_something_hangs_is_not_removed(resources: Resources):
    with resources.write() as work:
        challenge, actor = factories.posted(work)
        (only,) = plans(work)
        moved = replace(only, opens_at=work.now + timedelta(days=1))
        work.session.add(Board(phase_id=service.phases(work, challenge.id or 0)[0].id, changed_at=work.now))
        posting.set_phases(work, actor, challenge.slug, [moved], reason=WHY)
        with pytest.raises(Refused, match="phase_used"):
            posting.set_phases(work, actor, challenge.slug, [replace(moved, key="other")], reason=WHY)


def test_a_draft_changes_without_a_trace(resources: Resources):
    with resources.write() as work:
        actor, unit = factories.organizer(work)
        draft = posting.draft(work, actor, factories.ready_package(work, actor, unit))
        posting.set_phases(work, actor, draft.slug, [PhasePlan("final", factories.OPENS, factories.CLOSES)])
        assert [p.key for p in service.phases(work, draft.id or 0)] == ["final"]
        assert service.corrections(work, draft.id or 0) == []


def test_closing_by_hand_ends_it_at_once(resources: Resources, heard: list[object]):
    with resources.write() as work:
        challenge, actor = factories.posted(work)
        with pytest.raises(Malformed, match="reason"):
            posting.close(work, actor, challenge.slug, reason="no")
        posting.close(work, actor, challenge.slug, reason=WHY)
        assert service.status_of(work, challenge, work.now) is Status.CLOSED
        assert heard[-1] == ChallengeClosed(challenge.id)
        with pytest.raises(Refused, match="not_posted"):
            posting.close(work, actor, challenge.slug, reason=WHY)


def test_a_notice_needs_both_languages(resources: Resources):
    with resources.write() as work:
        challenge, actor = factories.posted(work)
        with pytest.raises(Malformed) as refused:
            posting.announce(
                work, actor, challenge.slug, title_en="A", title_zh=" ", text_en="B" * 20_001, text_zh="丙"
            )
        assert [fault.field for fault in refused.value.fields] == ["title_zh", "text_en"]
        posting.announce(work, actor, challenge.slug, title_en="A", title_zh="甲", text_en="B", text_zh="乙")
        assert [a.title_zh for a in service.announcements(work, challenge.id or 0)] == ["甲"]


@pytest.mark.parametrize(
    ("version", "scoring", "outcome"),
    [
        ("1.0.1", "same", False),
        ("1.1.0", "same", False),
        ("2.0.0", "same", True),
        ("2.0.0", "other", True),
        ("1.0.1", "other", "needs_major"),
        ("1.1.0", "other", "needs_major"),
        ("1.0.0", "same", "version_order"),
        ("0.9.9", "same", "version_order"),
    ],
)
def test_versions_say_what_they_change(
    resources: Resources, heard: list[object], version: str, scoring: str, outcome: bool | str
):
    with resources.write() as work:
        challenge, actor = factories.posted(work)
        said = factories.definition(version=version, title={"en": "Late again?", "zh": "又晚点?"})
        new = factories.ready_package(
            work, actor, challenge.organization_id, said, challenge=challenge, scoring=scoring
        )
        assert new.id is not None
        if isinstance(outcome, str):
            with pytest.raises(Refused, match=outcome):
                posting.adopt(work, actor, challenge.slug, new.id, reason=WHY)
            assert challenge.title_en == "Which flights will be late?"
            return
        posting.adopt(work, actor, challenge.slug, new.id, reason=WHY)
        assert heard[-1] == PackageChanged(challenge.id, new.id, rescore=outcome)
        assert (challenge.package_id, challenge.title_en) == (new.id, "Late again?")
        assert service.definition(work, challenge).title.zh == "又晚点?"
        (made,) = service.corrections(work, challenge.id or 0)
        assert (made.what, made.before, made.after) == ("package", "1.0.0", version)


def test_a_version_of_another_challenge_is_refused(resources: Resources):
    with resources.write() as work:
        challenge, actor = factories.posted(work)
        renamed = factories.definition("other", "1.0.1")
        new = factories.ready_package(work, actor, challenge.organization_id, renamed, challenge=challenge)
        with pytest.raises(Refused, match="other_slug"):
            posting.adopt(work, actor, challenge.slug, new.id or 0, reason=WHY)
        foreign = factories.ready_package(work, actor, challenge.organization_id, factories.definition(version="1.0.2"))
        with pytest.raises(Refused, match="foreign_package"):
            posting.adopt(work, actor, challenge.slug, foreign.id or 0, reason=WHY)


def test_a_season_is_made_once_when_there_is_none(resources: Resources):
    with resources.write() as work:
        first, _ = factories.posted(work)
        second, _ = factories.posted(work, "other")
        assert first.season_id == second.season_id
        assert service.season_by_slug(work, "open").title_zh == "常年发榜"


def test_phases_are_spread_over_another_span_in_proportion():
    start = datetime(2026, 12, 1, tzinfo=UTC)
    day = timedelta(days=1)
    given = [PhasePlan("a", start, start + 10 * day), PhasePlan("b", start + 10 * day, start + 40 * day)]
    moved = posting.shifted(given, start + 100 * day, start + 104 * day)
    assert [(p.opens_at - start, p.closes_at - start) for p in moved] == [
        (100 * day, 101 * day),
        (101 * day, 104 * day),
    ]
