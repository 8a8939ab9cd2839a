"""The queue on both engines: nothing is lost, nothing is done twice at once, nobody waits behind a crowd."""

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from leaderboard.core import jobs
from leaderboard.core.jobs import DEAD, DONE, LEASED, WAITING, Job

LEASE = timedelta(seconds=30)


def enqueue(resources, key, **options):
    with resources.write() as work:
        return jobs.enqueue(work.session, options.pop("kind", "score"), key, work.now, **options)


def claim(resources, worker="w", **options):
    with resources.write() as work:
        return jobs.claim(work.session, worker, work.now, LEASE, kinds=options.pop("kinds", ["score"]), **options)


def finish(resources, job):
    with resources.write() as work:
        return jobs.finish(work.session, job, work.now)


def retry(resources, job, attempts=5):
    with resources.write() as work:
        return jobs.retry(work.session, job, work.now, "it broke", attempts)


def state(resources, key):
    with resources.read() as work:
        return jobs.state_of(work.session, key)


def test_a_job_exists_only_if_what_it_is_about_is_committed(resources):
    with contextlib.suppress(ZeroDivisionError), resources.write() as work:
        jobs.enqueue(work.session, "score", "ghost", work.now)
        1 / 0  # noqa: B018
    assert claim(resources) == []


def test_the_same_key_waits_once(resources):
    assert enqueue(resources, "a", payload={"n": 1})
    assert not enqueue(resources, "a", payload={"n": 1})
    (job,) = claim(resources)
    assert (job.key, job.payload, job.attempt) == ("a", {"n": 1}, 1)
    assert claim(resources) == []


def test_a_finished_job_is_started_afresh(resources):
    enqueue(resources, "a")
    (job,) = claim(resources)
    assert finish(resources, job)
    assert state(resources, "a") == DONE
    assert enqueue(resources, "a", payload={"n": 2})
    (job,) = claim(resources)
    assert (job.payload, job.attempt) == ({"n": 2}, 1)


def test_asked_for_again_while_leased_it_is_done_once_more(resources):
    enqueue(resources, "a")
    (job,) = claim(resources)
    assert enqueue(resources, "a")
    assert finish(resources, job)
    assert state(resources, "a") == WAITING
    (job,) = claim(resources)
    assert job.attempt == 1
    assert finish(resources, job)
    assert state(resources, "a") == DONE


def test_asked_for_again_while_its_last_try_fails_it_is_not_given_up(resources):
    enqueue(resources, "a")
    (job,) = claim(resources)
    enqueue(resources, "a")
    assert retry(resources, job, attempts=1) == WAITING
    resources.clock.advance(seconds=2)
    (job,) = claim(resources)
    assert job.attempt == 1
    assert retry(resources, job, attempts=1) == DEAD


def test_lanes_are_served_in_turn_however_long_one_of_them_is(resources):
    for number in range(40):
        enqueue(resources, f"crowd-{number}", lane="crowd")
    enqueue(resources, "single", lane="single")
    served = []
    for _ in range(4):
        batch = claim(resources, most=4)
        assert len({job.lane for job in batch}) == 1
        served.append(batch[0].lane)
        resources.clock.advance(seconds=1)
    assert served == ["crowd", "single", "crowd", "crowd"]


def test_a_lane_that_comes_later_is_served_before_one_that_was_just_served(resources):
    for number in range(9):
        enqueue(resources, f"a-{number}", lane="a")
    assert claim(resources, most=2)[0].lane == "a"
    resources.clock.advance(seconds=1)
    enqueue(resources, "b-0", lane="b")
    assert claim(resources, most=2)[0].lane == "b"


def test_a_claim_takes_light_jobs_together_and_a_heavy_one_alone(resources):
    for number, weight in enumerate([900, 10, 10, 10, 95]):
        enqueue(resources, f"j{number}", weight=weight)
    assert [job.key for job in claim(resources, weight=100)] == ["j0"]
    assert [job.key for job in claim(resources, weight=100)] == ["j1", "j2", "j3"]
    assert [job.key for job in claim(resources, weight=100)] == ["j4"]


def test_only_kinds_that_are_asked_for_are_claimed(resources):
    enqueue(resources, "letter", kind="mail")
    enqueue(resources, "file", kind="score")
    assert [job.key for job in claim(resources, kinds=["mail"])] == ["letter"]
    assert claim(resources, kinds=["mail"]) == []


def test_a_delayed_job_waits_for_its_time(resources):
    enqueue(resources, "later", delay=timedelta(seconds=10))
    assert claim(resources) == []
    resources.clock.advance(seconds=10)
    assert [job.key for job in claim(resources)] == ["later"]


def test_an_expired_lease_goes_to_somebody_else_and_the_late_worker_may_write_nothing(resources):
    enqueue(resources, "a")
    (late,) = claim(resources, "late")
    resources.clock.advance(seconds=31)
    (mine,) = claim(resources, "mine")
    assert mine.attempt == 2
    assert not finish(resources, late)
    assert retry(resources, late) is None
    with resources.write() as work:
        jobs.heartbeat(work.session, [late], work.now, timedelta(days=1))
        jobs.release(work.session, [late], work.now)
    assert state(resources, "a") == LEASED
    assert finish(resources, mine)
    assert state(resources, "a") == DONE


def test_a_heartbeat_keeps_the_lease(resources):
    enqueue(resources, "a")
    (job,) = claim(resources)
    for _ in range(3):
        resources.clock.advance(seconds=25)
        with resources.write() as work:
            jobs.heartbeat(work.session, [job], work.now, LEASE)
    assert claim(resources, "thief") == []
    assert finish(resources, job)


def test_a_worker_that_missed_its_own_lease_still_owns_what_nobody_took(resources):
    enqueue(resources, "a")
    (job,) = claim(resources)
    resources.clock.advance(seconds=60)
    assert finish(resources, job)


def test_each_retry_waits_longer_and_the_last_one_ends_it(resources):
    enqueue(resources, "a")
    pauses = []
    for attempt in range(1, 8):
        (job,) = claim(resources)
        assert job.attempt == attempt
        found = retry(resources, job, attempts=7)
        if attempt == 7:
            assert found == DEAD
            break
        assert found == WAITING
        with resources.read() as work:
            pauses.append((work.session.exec(select(Job.not_before)).one() - work.now).total_seconds())
        resources.clock.advance(seconds=pauses[-1] - 1)
        assert claim(resources) == []
        resources.clock.advance(seconds=1)
    assert pauses == [1, 5, 30, 120, 600, 600]
    with resources.read() as work:
        assert work.session.exec(select(Job.error)).one() == "it broke"
    resources.clock.advance(days=30)
    assert claim(resources) == []


def test_released_jobs_have_not_been_tried(resources):
    enqueue(resources, "a")
    held = claim(resources)
    with resources.write() as work:
        jobs.release(work.session, held, work.now)
    (job,) = claim(resources)
    assert job.attempt == 1


def test_how_many_are_ahead(resources):
    for key in "abc":
        enqueue(resources, key)
    enqueue(resources, "mail", kind="mail")
    with resources.read() as work:
        assert [jobs.ahead(work.session, key) for key in ("a", "c", "mail", "none")] == [0, 2, 0, None]
        assert jobs.counts(work.session) == {("score", WAITING): 3, ("mail", WAITING): 1}


def test_what_was_done_long_ago_is_forgotten_and_the_dead_are_kept(resources):
    for key in ("done", "dead", "waiting"):
        enqueue(resources, key)
    held = {job.key: job for job in claim(resources)}
    finish(resources, held["done"])
    retry(resources, held["dead"], attempts=1)
    retry(resources, held["waiting"])
    resources.clock.advance(days=3)
    with resources.write() as work:
        jobs.prune(work.session, work.now)
    assert [state(resources, key) for key in ("done", "dead", "waiting")] == [None, DEAD, WAITING]


def test_workers_that_claim_at_once_share_the_jobs(resources):
    for number in range(40):
        enqueue(resources, f"j{number}", lane=f"lane-{number % 3}")
    taken: dict[str, list[str]] = {}
    start = threading.Barrier(4)

    def work_through(name):
        start.wait()
        mine = taken.setdefault(name, [])
        while batch := claim(resources, name, most=2):
            mine += [job.key for job in batch]

    together(work_through, [f"w{number}" for number in range(4)])
    everything = [key for keys in taken.values() for key in keys]
    # A worker that found only rows in other hands stopped; none was given twice, and what is left can be claimed.
    assert len(everything) == len(set(everything))
    while rest := claim(resources):
        everything += [job.key for job in rest]
    assert sorted(everything) == sorted(f"j{number}" for number in range(40))


@pytest.mark.parametrize("database_address", ["postgresql"], indirect=True)
def test_a_job_in_other_hands_is_skipped_not_waited_for(resources):
    for key in "oab":
        enqueue(resources, key)
    claim(resources, most=1)  # the lane is known from now on
    with resources.write() as slow:
        (first,) = jobs.claim(slow.session, "slow", slow.now, LEASE, kinds=["score"], most=1)
        (second,) = claim(resources, "quick", most=1)  # would wait for ever, or be refused, if it wanted the same row
        assert (first.key, second.key) == ("a", "b")


@pytest.mark.parametrize("database_address", ["postgresql"], indirect=True)
def test_a_wish_that_is_not_committed_yet_is_not_lost_to_a_worker_that_is_quicker(resources):
    """A claim between an enqueue and its commit would work without seeing what the enqueuer has written."""
    enqueue(resources, "a")
    with resources.write() as work:
        assert not jobs.enqueue(work.session, "score", "a", work.now)
        assert claim(resources, "quick") == []
    assert [job.key for job in claim(resources)] == ["a"]


def test_two_that_enqueue_the_same_at_once_make_one_job(resources):
    start = threading.Barrier(4)
    answers = []

    def ask(_name):
        start.wait()
        answers.append(enqueue(resources, "same"))

    together(ask, range(4))
    assert sorted(answers) == [False, False, False, True]
    assert len(claim(resources)) == 1


def together(act, names):
    with ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(act, names))


deeds = st.lists(
    st.tuples(st.sampled_from(["enqueue", "claim", "finish", "retry", "release", "pass"]), st.integers(0, 4)),
    max_size=40,
)


@pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=deeds)
def test_nothing_is_ever_stuck_or_done_by_two(resources, deeds):
    """After any sequence of deeds, time alone makes every job claimable that is not done or dead."""
    with resources.write() as work:
        for job in work.session.exec(select(Job)):
            work.session.delete(job)
    held: list[jobs.Leased] = []
    for deed, number in deeds:
        if deed == "enqueue":
            enqueue(resources, f"k{number}", lane=str(number % 2))
        elif deed == "claim":
            fresh = claim(resources, f"w{number}", most=2)
            assert not {job.id for job in fresh} & alive(resources, held)
            held += fresh
        elif deed == "pass":
            resources.clock.advance(seconds=number * 10)
        elif held:
            job = held.pop(number % len(held))
            if deed == "finish":
                finish(resources, job)
            elif deed == "retry":
                retry(resources, job, attempts=3)
            else:
                with resources.write() as work:
                    jobs.release(work.session, [job], work.now)
    resources.clock.advance(hours=1)
    claimable = set()
    while batch := claim(resources, "last"):
        claimable |= {job.id for job in batch}
    with resources.read() as work:
        left = work.session.exec(select(Job.id).where(Job.state.not_in([DONE, DEAD]))).all()
    assert claimable == set(left)


def alive(resources, held):
    """Ids of what is held with a lease that has not run out."""
    with resources.read() as work:
        rows = work.session.exec(select(Job).where(Job.state == LEASED, Job.lease_until >= work.now)).all()
    ours = {(job.id, job.worker, job.attempt) for job in held}
    return {row.id for row in rows if (row.id, row.leased_by, row.attempts) in ours}
