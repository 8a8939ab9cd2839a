"""Random moves by random parties, and two sides at the same moment."""

import threading
from itertools import pairwise
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from leaderboard.core.errors import JiebangError, Refused
from leaderboard.exchange.deals import news, service
from leaderboard.exchange.deals.models import Deal, DealReader, DealStep
from leaderboard.exchange.deals.next_step import next_step
from leaderboard.exchange.deals.states import DSP, MOVES, OVER, STAGES, STATES, State, turn_of
from leaderboard.exchange.demands import making
from leaderboard.exchange.demands import service as demands
from tests.exchange.deals.conftest import demanded

SIDES = ("supplier", "demander", "auditor")


def body_of(table, move, right):
    """A body that the move takes, or one that means nothing."""
    if not right:
        return {"sha256": "0" * 64}
    deal = table.deal()
    bodies = {
        "sign_nda": lambda: {"sha256": table.nda()} if deal.met_at else {},
        "request": lambda: {"terms": table.terms()},
        "offer": lambda: {"terms": table.terms(price=1)},
        "name_auditor": lambda: {"organization": "meiguan-law"},
        "sign_off": lambda: {"sha256": table.agreement()} if deal.agreed_at else {},
        "verify": lambda: {"sha256": table.agreement()} if deal.agreed_at else {},
        "return": lambda: {"sha256": table.agreement(), "findings": "No."} if deal.agreed_at else {},
        "deliver": lambda: {"address": "https://x.example/f.csv", "sha256": "ab" * 32},
        "reject_delivery": lambda: {"note": "No."},
        "rate": lambda: {"described": 3, "punctual": 3, "spoken": 3},
        "terminate": lambda: {"reason": "other"},
        "write": lambda: {"text": "Hello."},
        "ask_sample": lambda: {"rows": 10},
    }
    return bodies.get(move, dict)()


MOST_LIKELY = [move for move in MOVES if move != "terminate"]
WALK = st.lists(
    st.tuples(
        st.sampled_from(SIDES),
        st.one_of(st.sampled_from(MOST_LIKELY), st.sampled_from(list(MOVES))),
        st.sampled_from([True, True, True, False]),
        st.booleans(),
    ),
    min_size=10,
    max_size=60,
)


@pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=st.sampled_from(["interest", "nda_signed", "offered", "agreed", "delivering"]), walk=WALK)
def test_no_walk_leaves_the_table(table, start, walk):
    """Whatever is tried: moves that the table forbids are refused and change nothing, the others lead where it says."""
    if table.key and table.deal().state not in OVER:
        table.act("supplier", "terminate", reason="other")
    table.until(start, auditor="meiguan-law")
    for side, move, right, twice in walk:
        before, message, body = table.deal(), uuid4().hex, body_of(table, move, right)
        rule = MOVES[move]
        legal = side in rule.by and before.state in rule.sources and (not rule.in_turn or turn_of(side, before.turn))
        try:
            table.act(side, move, message=message, **body)
        except JiebangError:
            after = table.deal()
            assert (after.state, after.turn) == (before.state, before.turn), "a refusal changes nothing"
            continue
        after = table.deal()
        assert legal, f"{side} made {move} at {before.state}, turn {before.turn!r}"
        assert after.state == (rule.to or after.state)
        assert after.state == before.state or move not in {"write", "ask_sample", "name_auditor"}
        if twice:
            assert table.act(side, move, message=message, **body) == after.state
    with table.scene.resources.read() as work:
        steps = work.session.exec(
            select(DealStep).where(DealStep.deal_id == table.deal().id).order_by(col(DealStep.id))
        ).all()
    assert steps[0].move == "begin"
    assert all(first.after == second.before for first, second in pairwise(steps)), "an unbroken history"
    assert steps[-1].after == table.deal().state


@pytest.mark.parametrize(
    ("state", "first", "second"),
    [
        ("nda_signed", ("supplier", "offer"), ("demander", "request")),
        ("offered", ("supplier", "terminate"), ("demander", "accept")),
        ("accepted", ("supplier", "agree"), ("demander", "terminate")),
    ],
)
def test_of_two_sides_at_once_one_wins_and_the_other_hears_the_new_state(table, state, first, second):
    table.until(state)
    gate, said, seen = threading.Barrier(2), {}, table.version()

    def act(side, move):
        body = (
            {"terms": table.terms()}
            if move in {"offer", "request"}
            else {"reason": "price"}
            if move == "terminate"
            else {}
        )
        gate.wait()
        try:
            said[side] = table.act(side, move, seen=seen, **body)
        except Refused as error:
            said[side] = error

    threads = [threading.Thread(target=act, args=one) for one in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    refused = [one for one in said.values() if isinstance(one, Refused)]
    won = [one for one in said.values() if isinstance(one, str)]
    assert len(won) == len(refused) == 1
    assert refused[0].id in {"deals.moved_on", "deals.not_your_turn"}
    assert refused[0].params["state"].message == STATES[State(won[0])]
    assert table.deal().state == won[0]


def test_one_message_sent_eight_times_at_once_is_one_move(table):
    table.until("nda_signed")
    terms, said, gate = table.terms(), [], threading.Barrier(8)

    def act():
        gate.wait()
        said.append(table.act("supplier", "offer", message="one-and-the-same", terms=terms))

    threads = [threading.Thread(target=act) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert said == ["offered"] * 8
    with table.scene.resources.read() as work:
        assert len([one for one in work.session.exec(select(DealStep)).all() if one.move == "offer"]) == 1


def test_interest_shown_by_both_at_once_is_one_deal(table):
    keys, gate = [], threading.Barrier(4)

    def begin():
        gate.wait()
        with table.scene.resources.write() as work:
            keys.append(service.begin(work, table.scene.clinic.actor, table.listing, by="demander").key)

    threads = [threading.Thread(target=begin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(set(keys)) == 1
    with table.scene.resources.read() as work:
        assert len(work.session.exec(select(Deal)).all()) == 1
    assert len(keys) == 4


def test_a_demand_that_is_withdrawn_while_its_supplier_answers(table):
    """Nobody waits for the other for ever, and what was withdrawn stays so."""
    for _ in range(4):
        demand = demanded(table.scene, table.scene.clinic)
        table.begin(demand=demand)
        gate, said = threading.Barrier(2), []

        def withdraw(key=demand):
            with table.scene.resources.write() as work:
                making.withdraw(work, table.scene.clinic.actor, key)

        def at_once(deed, gate=gate, said=said):
            gate.wait()
            try:
                deed()
            except Refused as error:
                said.append(error.id)

        threads = [
            threading.Thread(target=at_once, args=(deed,))
            for deed in (withdraw, lambda: table.act("supplier", "answer"))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert said in ([], ["deals.demand_gone"])
        with table.scene.resources.read() as work:
            assert demands.demand_for(work, table.scene.clinic.actor, demand, "demand.edit").state == "withdrawn"


def test_there_is_a_sentence_for_every_state_and_turn():
    for state in State:
        turns = {move.turn for move in MOVES.values() if move.to == state and move.turn is not None}
        for turn in turns | ({"auditor", "demander", "either"} if state == State.AGREED else set()):
            for side in ("supplier", "demander", "auditor"):
                assert next_step(state, turn, side).said("zh")
                for run_out in (False, True):
                    next_step(state, turn, side, run_out=run_out)
    assert set().union(*STAGES.values()) == set(State) - {State.REVIEWED, State.TERMINATED}
    assert set(DSP) <= set(STATES)


@pytest.mark.parametrize("database_address", ["postgresql"], indirect=True)  # on SQLite one writes at a time
def test_somebody_who_opens_a_deal_in_two_windows_at_once_sees_it_in_both(table):
    table.begin("demander")
    lake, seen = table.scene.lake.actor, []

    def look():
        with table.scene.resources.write() as work:
            news.see(work, lake, service.deal_for(work, lake, table.key, "deal.read"))
        seen.append(table.key)

    second = threading.Thread(target=look)
    with table.scene.resources.write() as work:
        news.see(work, lake, service.deal_for(work, lake, table.key, "deal.read"))
        work.session.flush()
        second.start()
        second.join(0.5)
        assert seen == [], "it waits for the first"
    second.join(60)
    assert seen == [table.key]
    with table.scene.resources.read() as work:
        assert len(work.session.exec(select(DealReader)).all()) == 1
