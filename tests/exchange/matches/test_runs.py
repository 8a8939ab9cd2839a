"""Runs: stored with all that they were given, replayed to the last bit, made again only where a change matters."""

import json
from datetime import date

import pytest
from sqlmodel import func, select

from leaderboard.exchange.listings import drafting
from leaderboard.exchange.matches import feedback, index, runs, service
from leaderboard.exchange.matches import jobs as matching
from leaderboard.exchange.matches.models import Match, MatchDocument, MatchRun
from leaderboard.exchange.matching.constraints import judged
from leaderboard.exchange.matching.explanation import recomputed
from leaderboard.terms.demand import Budget
from leaderboard.terms.licences import POLICIES
from leaderboard.terms.listing import Price
from leaderboard.terms.policy import Usage
from tests.exchange import scene as scenes
from tests.exchange.matches.conftest import DELAYS, Fair

pytestmark = pytest.mark.usefixtures("resources")


def stall(fair: Fair) -> dict[str, str]:
    """Siblings that differ in what matters, terms, price and modality, among things that are about something else."""
    pictures = scenes.sheet(
        title="Pictures of apron vehicles",
        title_zh="机坪车辆图片",
        summary_en="Photographs of baggage carts and tugs.",
        summary_zh="行李车与牵引车照片。",
        modalities=("image",),
    )
    bearings = scenes.sheet(
        title="Bearing temperatures",
        title_zh="轴承温度",
        summary_en="Readings of machines in one plant.",
        summary_zh="某工厂机器读数。",
        sector="manufacturing",
    )
    ships = scenes.sheet(
        title="Ship tracks",
        title_zh="船舶轨迹",
        summary_en="Positions of vessels near ports.",
        summary_zh="港口附近船位。",
    )
    dear = scenes.sheet(title="Flights, delays and wind", price=Price(model="fixed", low=900_000))
    closed = scenes.sheet(title="Late flights and weather", policy=POLICIES["CC-BY-NC-4.0"])
    lake, bay, audit = fair.scene.lake, fair.scene.bay, fair.scene.audit
    stalls = {
        "plain": fair.offer(lake, scenes.sheet()),
        "dear": fair.offer(bay, dear),
        "closed": fair.offer(audit, closed),
    }
    for name, content in (("pictures", pictures), ("bearings", bearings), ("ships", ships)):
        stalls[name] = fair.offer(bay, content)
    return stalls


def test_a_demand_is_matched_stored_and_replayed_to_the_last_bit(fair: Fair):
    stalls = stall(fair)
    key = fair.demand(document=DELAYS)
    assert f"matches:demand:{fair.id(key)}" in fair.work_off()
    found = fair.run(key)
    assert found.run.order[0] in {stalls["plain"], stalls["closed"]}
    assert stalls["pictures"] not in found.run.order
    assert found.run.removed == {"modality": 1}
    with fair.resources.read() as work:
        assert service.replay(work, found.id)
        matched = work.session.exec(select(Match).order_by(Match.rank)).all()
        assert [one.rank for one in matched] == list(range(1, len(found.run.matches) + 1))
        ids = [one.listing_id for one in matched]
        worth = service.scores(work, [fair.id(key)], ids)
        assert [worth[fair.id(key), id] for id in ids] == [one.scores.placing for one in found.run.matches]


def test_a_run_whose_input_was_touched_is_not_the_same(fair: Fair):
    stall(fair)
    key = fair.demand()
    fair.work_off()
    with fair.resources.write() as work:
        row = work.session.exec(select(MatchRun).order_by(MatchRun.id.desc())).first()
        given = json.loads(runs._text(work, row.given_key))
        given["considered"] = [[id, 1.0] for id, _ in given["considered"]]
        row.given_key = runs._stored(work, json.dumps(given), fair.id(key), "given")
        work.session.add(row)
        work.session.flush()
        assert not service.replay(work, row.id)


def test_every_score_of_every_stored_match_recomputes_and_nothing_in_the_top_ten_fails(fair: Fair):
    stall(fair)
    documents = (
        DELAYS,
        DELAYS.model_copy(update={"budget": Budget(high=50_000), "musts": ("modality", "budget")}),
        DELAYS.model_copy(update={"modalities": (), "sectors": ()}),
        DELAYS.model_copy(update={"modalities": ("image",), "personal": "none"}),
    )
    keys = [fair.demand(by=by, document=one) for one in documents for by in (fair.scene.grid, fair.scene.clinic)]
    fair.work_off()
    seen = 0
    for key in keys:
        found = fair.run(key)
        with fair.resources.read() as work:
            given, listings, _ = runs.given_to(work, work.session.get_one(MatchRun, found.id))
        by_key = {one.key: one for one in listings}
        for one in (*found.run.matches, *found.run.near):
            assert recomputed(one) == one.scores
            seen += 1
        for name in found.run.order[:10]:
            answers = judged(given.demand, by_key[name], found.run.today, found.run.config.stale_days)
            assert [one.key for one in answers if one.verdict == "fail"] == []
    assert seen > len(keys)


def test_a_demand_that_nothing_satisfies_says_what_would_change_that(fair: Fair):
    stall(fair)
    key = fair.demand(
        document=DELAYS.model_copy(
            update={"certificate": True, "deadline": None, "languages": ("ja",), "musts": ("modality", "language")}
        )
    )
    fair.work_off()
    nothing = fair.run(key).run.nothing
    assert nothing is not None
    assert [one.id for one in nothing.relaxations] == ["relax.language"]
    with fair.resources.read() as work:
        row = work.session.exec(select(runs.demands.DemandRow).where(runs.demands.DemandRow.key == key)).one()
        assert row.missing[0] == "language"


def test_a_new_listing_runs_only_the_demands_that_it_can_matter_to(fair: Fair):
    stall(fair)
    flights, pictures = fair.demand(), fair.demand(document=DELAYS.model_copy(update={"modalities": ("audio",)}))
    fair.work_off()
    before = {key: fair.run(key).id for key in (flights, pictures)}
    new = fair.offer(fair.scene.audit, scenes.sheet(title="Flight delays, every airport"))
    fair.work_off()
    assert fair.run(flights).id > before[flights]
    assert fair.run(pictures).id == before[pictures]
    assert new in fair.run(flights).run.order


def test_a_withdrawn_listing_leaves_the_matches(fair: Fair):
    stalls = stall(fair)
    key = fair.demand()
    fair.work_off()
    assert stalls["plain"] in fair.run(key).run.order
    with fair.resources.write() as work:
        scenes.deeds.withdraw(work, fair.scene.lake.actor, stalls["plain"])
    fair.work_off()
    assert stalls["plain"] not in fair.run(key).run.order


def test_many_changes_before_a_run_are_one_run(fair: Fair):
    fair.demand()
    stall(fair)
    fair.work_off(matching.LISTING_JOB)
    assert [one for one in fair.work_off() if one.startswith("matches:demand:")] == ["matches:demand:1"]
    with fair.resources.read() as work:
        assert work.session.exec(select(func.count()).select_from(MatchRun)).one() == 1


def test_the_same_document_is_kept_once(fair: Fair):
    stall(fair)
    for _ in range(3):
        fair.demand()
    fair.work_off()
    with fair.resources.read() as work:
        assert work.session.exec(select(func.count()).select_from(runs.MatchDocument)).one() == 6
        assert runs.day_of(work) == date(2026, 12, 15)
        assert index.current(work).behind == 0


def test_counterfactuals_have_the_effect_that_they_promise(fair: Fair):
    stall(fair)
    key = fair.demand(document=DELAYS.model_copy(update={"usage": Usage(actions=("commercialize",))}))
    fair.work_off()
    found, tried = fair.run(key), 0
    with fair.resources.read() as work:
        given, listings, relevance = runs.given_to(work, work.session.get_one(MatchRun, found.id))
    for one in (*found.run.matches, *found.run.near):
        for change in one.counterfactuals:
            changed = [change.change.apply(x) if x.key == one.listing else x for x in listings]
            again = runs.matching.run(given.demand, changed, relevance, today=given.today, config=given.config)
            assert again.order.index(one.listing) + 1 == change.rank
            tried += 1
    assert tried


def test_a_document_goes_with_the_last_run_that_looked_at_it(fair: Fair, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(runs, "KEPT", 2)
    monkeypatch.setattr(runs, "UNDER_WAY", 0)
    listing = fair.offer()
    key = fair.demand()
    fair.work_off()

    def documents() -> list[int]:
        with fair.resources.read() as work:
            return list(work.session.exec(select(MatchDocument.id).order_by(MatchDocument.id)))

    def changed(title: str) -> None:
        with fair.resources.write() as work:
            drafting.edit(work, fair.scene.lake.actor, listing, scenes.sheet(title=title), seen=numbers.pop(0))
        fair.work_off()

    numbers = [1, 2, 3]
    (first,) = documents()
    changed("Delays by airport")
    assert documents()[0] == first  # a run that is kept looked at it
    with fair.resources.read() as work:
        oldest = work.session.exec(select(func.min(MatchRun.id))).one()
        assert service.replay(work, oldest)
    changed("Delays by airline")
    changed("Delays by aircraft")
    kept = documents()
    assert first not in kept
    with fair.resources.read() as work:
        for run in work.session.exec(select(MatchRun.id).where(MatchRun.demand_id == fair.id(key))):
            assert service.replay(work, run)


def test_old_runs_go_with_their_files_but_for_those_that_feedback_names(fair: Fair, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(runs, "KEPT", 3)
    stalls = stall(fair)
    key, others = fair.demand(), fair.demand(by=fair.scene.clinic)
    fair.work_off()
    first, foreign = fair.run(key).id, fair.run(others).id
    with fair.resources.write() as work:
        feedback.say(work, fair.scene.grid.actor, key, stalls["plain"], verdict="useful")
    files = {}
    for _ in range(5):
        with fair.resources.write() as work:
            for row in work.session.exec(select(MatchRun).where(MatchRun.demand_id == fair.id(key))):
                files[row.id] = (row.given_key, row.result_key)
            matching.ask(work, fair.id(key))
        fair.work_off()
    with fair.resources.read() as work:
        left = {row.id for row in work.session.exec(select(MatchRun).where(MatchRun.demand_id == fair.id(key)))}
        assert left == {first, *sorted({fair.run(key).id, *files})[-3:]}
        assert len(files) > len(left)
        assert fair.run(others).id == foreign
        for id, keys in files.items():
            for one in keys:
                if id in left:
                    assert work.storage.path(one)
                else:
                    with pytest.raises(FileNotFoundError):
                        work.storage.path(one)
        assert service.replay(work, first)
    with fair.resources.write() as work:
        feedback.take_back(work, fair.scene.grid.actor, key, stalls["plain"])
        matching.ask(work, fair.id(key))
    fair.work_off()
    with fair.resources.read() as work:
        assert work.session.get(MatchRun, first) is None
