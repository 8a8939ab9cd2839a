"""Alerts: one mail a person and interval, never twice, never for what somebody may not know, and no storm."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import event
from sqlmodel import func, select

from leaderboard.accounts.models import Membership, Person
from leaderboard.core.errors import Malformed, NotFound, Refused
from leaderboard.core.jobs import Job
from leaderboard.exchange.demands import showing
from leaderboard.exchange.matches import digests, watches
from leaderboard.exchange.matches.digests import PEOPLE_A_RUN
from leaderboard.exchange.matches.models import Digest, Watch
from tests.exchange import scene as scenes
from tests.exchange.matches.conftest import DELAYS, NEED, Fair
from tests.exchange.matches.test_runs import stall

ZONE = "Asia/Shanghai"


def mails(fair: Fair) -> list[dict]:
    with fair.resources.read() as work:
        return [job.payload for job in work.session.exec(select(Job).where(Job.kind == "mail").order_by(Job.id))]


def digested(fair: Fair) -> list[dict]:
    return [one for one in mails(fair) if "/exchange/watches/" in one["text"]]


def saved(fair: Fair, q: str = "flights", cadence: str = "daily", name: str = "Delays") -> Watch:
    with fair.resources.write() as work:
        return watches.save_search(work, fair.scene.grid.actor, name=name, query={"q": q}, cadence=cadence)


def test_many_new_listings_of_two_searches_are_one_mail_and_never_told_again(fair: Fair):
    saved(fair)
    saved(fair, q="ships", name="Ships")
    stall(fair)
    fair.scene.clock.advance(days=1)
    fair.work_off(digests.JOB)
    (mail,) = digested(fair)
    assert mail["text"].count("/listings/") >= 3
    assert "Ship tracks" in mail["text"] or "船舶轨迹" in mail["text"]
    fair.offer(content=scenes.sheet("cleaning", title="Cleaning", title_zh="清洗", summary_en="-", summary_zh="-"))
    fair.scene.clock.advance(days=1)
    fair.work_off(digests.JOB)
    assert len(digested(fair)) == 1


def test_intervals_are_due_at_eight_and_on_mondays():
    tuesday = datetime(2026, 12, 15, 4, tzinfo=UTC)  # noon in Shanghai
    assert digests.begun("daily", tuesday, ZONE) == datetime(2026, 12, 15, 0, tzinfo=UTC)
    assert digests.begun("daily", datetime(2026, 12, 14, 23, tzinfo=UTC), ZONE) == datetime(2026, 12, 14, 0, tzinfo=UTC)
    assert digests.begun("weekly", tuesday, ZONE) == datetime(2026, 12, 14, 0, tzinfo=UTC)
    assert digests.begun("weekly", datetime(2026, 12, 13, 23, tzinfo=UTC), ZONE) == datetime(2026, 12, 7, 0, tzinfo=UTC)
    assert digests.begun("once", tuesday, ZONE) == tuesday


def test_at_once_is_soon_and_still_one_mail(fair: Fair):
    saved(fair, cadence="once")
    stall(fair)
    fair.work_off(digests.JOB)
    assert 1 <= len(digested(fair)) <= 2
    assert len({one["text"] for one in digested(fair)}) == len(digested(fair))


@pytest.mark.slow
def test_ten_thousand_alerts_are_a_slow_stream_that_ends(fair: Fair):
    count = 10_000
    with fair.resources.write() as work:
        work.session.execute(
            Person.__table__.insert(),
            [
                {
                    "email": f"p{at}@example.org",
                    "name": f"P {at}",
                    "password_hash": "-",
                    "role": "participant",
                    "locale": "en",
                    "created_at": work.now,
                }
                for at in range(count)
            ],
        )
        people = work.session.exec(select(Person.id).where(Person.email.like("p%@example.org"))).all()
        work.session.execute(
            Watch.__table__.insert(),
            [
                {
                    "person_id": id,
                    "kind": "search",
                    "name": "Delays",
                    "query": {"q": "flights"},
                    "cadence": "daily",
                    "token": f"t{id}",
                    "created_at": work.now,
                    "looked_at": work.now,
                }
                for id in people
            ],
        )
    fair.scene.clock.advance(minutes=1)
    stall(fair)
    fair.scene.clock.advance(days=1)
    statements: Counter[str] = Counter()

    def counted(_connection, _cursor, statement, _parameters, _context, _many):
        statements[statement.split()[0]] += 1

    event.listen(fair.resources.database.engine, "before_cursor_execute", counted)
    sent = []
    while fair.work_off_one(digests.JOB):
        sent.append(written(fair))
    event.remove(fair.resources.database.engine, "before_cursor_execute", counted)
    steps = [b - a for a, b in zip([0, *sent], sent, strict=False)]
    assert sent[-1] == count
    assert max(steps) <= PEOPLE_A_RUN
    assert len(sent) <= count // PEOPLE_A_RUN + 1
    assert statements.total() < 2 * count  # one for each mail, and a few for each run
    with fair.resources.read() as work:
        assert work.session.exec(select(func.count()).select_from(Digest)).one() == count
        assert work.session.exec(select(func.count()).where(Job.kind == digests.JOB, Job.state == "waiting")).one() == 0


def written(fair: Fair) -> int:
    with fair.resources.read() as work:
        return work.session.exec(select(func.count()).select_from(Digest)).one()


def test_a_run_that_is_done_twice_writes_no_second_mail(fair: Fair):
    saved(fair)
    stall(fair)
    fair.scene.clock.advance(days=1)
    with fair.resources.read() as work:
        _, parts, _ = digests._look(work, "daily")
    period = digests.begun("daily", fair.scene.clock.now(), ZONE)
    for _ in range(2):
        with fair.resources.write() as work:
            digests._write(work, "daily", period, list(parts.items()))
    assert len(digested(fair)) == 1


def test_new_matches_of_a_demand_are_told_and_not_to_who_has_left(fair: Fair):
    key = fair.demand()
    with fair.resources.write() as work:
        colleague = scenes.colleague(work, fair.scene.grid)
        for actor in (fair.scene.grid.actor, colleague):
            watches.watch_demand(work, actor, key, cadence="daily")
        with pytest.raises(NotFound):
            watches.watch_demand(work, fair.scene.lake.actor, key, cadence="daily")
        work.session.delete(
            work.session.exec(select(Membership).where(Membership.person_id == colleague.person_id)).one()
        )
    stall(fair)
    fair.work_off()
    fair.scene.clock.advance(days=1)
    fair.work_off(digests.JOB)
    (mail,) = digested(fair)
    assert f"/demands/{key}/matches#" in mail["text"]
    assert mail["to"] == fair.scene.grid.actor.email


def test_suppliers_hear_of_blind_demands_late_and_only_how_many(fair: Fair):
    listing = stall(fair)["plain"]
    with fair.resources.write() as work:
        watches.watch_listing(work, fair.scene.lake.actor, listing, cadence="daily")
        with pytest.raises(Malformed):
            watches.watch_listing(work, fair.scene.lake.actor, listing, cadence="once")
    fair.scene.clock.advance(hours=18)
    blind = DELAYS.model_copy(update={"visibility": "blind"})
    for party in (fair.scene.grid, fair.scene.clinic, fair.scene.audit):
        key = fair.demand(party, blind)
    fair.scene.clock.advance(hours=4)  # past eight, and they are hours old
    fair.work_off(digests.JOB)
    assert digested(fair) == []
    fair.scene.clock.advance(days=1)
    fair.work_off(digests.JOB)
    (mail,) = digested(fair)
    assert "3" in mail["text"]
    assert key not in mail["text"]
    assert "Lingdong" not in mail["text"]


def test_who_reads_the_title_of_a_demand_in_a_mail_stands_in_its_log(fair: Fair):
    listing = stall(fair)["plain"]
    with fair.resources.write() as work:
        watches.watch_listing(work, fair.scene.lake.actor, listing, cadence="daily")
    alike = replace(
        NEED, title_en="Flight delays of 2025", need_en="Departures and arrivals with weather, one row a flight."
    )
    key = fair.demand(document=DELAYS.model_copy(update={"visibility": "verified"}), written=alike)
    open_one = fair.demand(written=alike)
    with fair.resources.read() as work:
        assert showing.access_log(work, fair.scene.grid.actor, key) == []
    fair.scene.clock.advance(days=1)
    fair.work_off(digests.JOB)
    (mail,) = digested(fair)
    assert f"/demands/{key}" in mail["text"]
    with fair.resources.read() as work:
        ((_, tier, who, unit, _),) = showing.access_log(work, fair.scene.grid.actor, key)
        assert showing.access_log(work, fair.scene.grid.actor, open_one) == []  # everybody reads that one
    assert (tier, who, unit) == ("full", "member", "Songshan Lake Data")


def test_one_click_ends_it_and_there_are_not_endlessly_many(fair: Fair, monkeypatch):
    made = saved(fair)
    with fair.resources.write() as work:
        assert (
            watches.save_search(work, fair.scene.grid.actor, name="Delays", query={"q": "flights"}, cadence="weekly").id
            == made.id
        )
        watches.end_by_token(work, made.token)
        watches.end_by_token(work, made.token)
        assert watches.of_person(work, fair.scene.grid.actor) == []
        with pytest.raises(Malformed):
            watches.save_search(work, fair.scene.grid.actor, name="All", query={}, cadence="daily")
        monkeypatch.setattr(watches, "MOST", 1)
        first = watches.save_search(work, fair.scene.grid.actor, name="A", query={"q": "a"}, cadence="daily")
        with pytest.raises(Refused):
            watches.save_search(work, fair.scene.grid.actor, name="B", query={"q": "b"}, cadence="daily")
        with pytest.raises(NotFound):
            watches.end(work, fair.scene.lake.actor, first.id or 0)
