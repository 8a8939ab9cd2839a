from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import argon2
import pytest
from sqlmodel import select

from leaderboard.accounts import passwords, sign_in
from leaderboard.accounts.access import NOBODY
from leaderboard.accounts.actor import Actor
from leaderboard.accounts.keys import fingerprint
from leaderboard.accounts.models import Attempt, SignIn
from leaderboard.accounts.recognition import SEEN_EVERY
from leaderboard.accounts.sign_in import Visitor
from leaderboard.core.clock import FixedClock
from leaderboard.core.errors import Forbidden, JiebangError, Malformed, NotFound, SignInNeeded, TooMany
from leaderboard.core.work import Resources
from tests.accounts.factories import PASSWORD, Ledger, People


def rows(resources: Resources) -> list[SignIn]:
    with resources.read() as work:
        found = list(work.session.exec(select(SignIn).order_by(SignIn.created_at)).all())
        work.session.expunge_all()
    return found


def knock(people: People, email: str, password: str, visitor: Visitor | None = None) -> JiebangError | None:
    try:
        sign_in.sign_in(people.resources, NOBODY, visitor or people.visitor, email=email, password=password)
    except JiebangError as error:
        return error
    return None


def test_signing_in_opens_a_session_of_which_only_the_hash_is_stored(people: People, resources: Resources) -> None:
    lin = people.add()
    signed = people.sign_in(lin)
    [row] = rows(resources)
    assert row.token_hash == fingerprint(signed.key)
    assert signed.key not in repr(row)
    assert signed.key not in repr(signed)
    assert (row.person_id, row.address) == (lin.id, "203.0.113.7")
    actor = people.recognised(signed)
    assert (actor.person_id, actor.name, actor.role, actor.scopes) == (lin.id, "Lin Xiaolan", "participant", None)


def test_the_address_may_be_typed_in_any_case(people: People) -> None:
    people.add()
    assert knock(people, "  LIN@Songshanlake.example ", PASSWORD) is None


def test_every_sign_in_has_a_key_of_its_own_and_ends_the_session_before_it(
    people: People, resources: Resources
) -> None:
    lin, wang = people.add(), people.add("Wang Wu")
    first = people.sign_in(lin)
    second = people.sign_in(wang, by=people.recognised(first))  # somebody else at the same browser
    assert first.key != second.key
    assert people.recognised(first) == NOBODY
    assert people.recognised(second).person_id == wang.id
    third = people.sign_in(wang)  # another browser
    assert people.recognised(second).person_id == people.recognised(third).person_id == wang.id
    assert len({row.token_hash for row in rows(resources)}) == 3


def test_a_session_id_that_somebody_planted_is_never_taken_up(people: People) -> None:
    lin = people.add()
    planted = "A" * 43
    signed = people.sign_in(lin, by=Actor(sign_in=fingerprint(planted)))
    assert signed.key != planted
    assert people.recognised(type(signed)(lin.id, "en", planted)) == NOBODY


def test_wrong_passwords_and_unknown_addresses_get_the_same_answer(people: People) -> None:
    people.add()
    closed = people.add("Zhao Liu", closed_at=people.resources.clock.now())
    answers = []
    for email in ("lin@songshanlake.example", "nobody@songshanlake.example", closed.email):
        error = knock(people, email, "not the password")
        assert isinstance(error, SignInNeeded)
        answers.append((error.id, error.message, error.params, error.fields, error.headers))
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][2]["left"] == 9


def test_a_closed_account_does_not_open_with_its_password(people: People) -> None:
    closed = people.add(closed_at=people.resources.clock.now())
    error = knock(people, closed.email, PASSWORD)
    assert error is not None
    assert error.id == "accounts.mismatch"


def test_known_and_unknown_addresses_cost_one_comparison_each(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    people.add()
    compared: list[str | None] = []
    real = passwords.matches

    def counted(password: str, known: str | None) -> bool:
        compared.append(known)
        return real(password, known)

    monkeypatch.setattr(passwords, "matches", counted)
    knock(people, "lin@songshanlake.example", "not the password")
    knock(people, "nobody@songshanlake.example", "not the password")
    assert len(compared) == 2
    assert compared[1] is None


def test_empty_fields_are_named_all_at_once_and_count_as_no_try(people: People, resources: Resources) -> None:
    for email, password, fields in (
        ("", "", ["email", "password"]),
        (" ", "x", ["email"]),
        ("lin@songshanlake.example", "", ["password"]),
    ):
        error = knock(people, email, password)
        assert isinstance(error, Malformed)
        assert [fault.field for fault in error.fields] == fields
    with resources.read() as work:
        assert work.session.exec(select(Attempt)).all() == []


def test_an_account_rests_after_too_many_tries_also_for_the_right_password(people: People, clock: FixedClock) -> None:
    people.add()
    for left in range(9, -1, -1):
        error = knock(people, "lin@songshanlake.example", "not the password", Visitor(f"198.51.100.{left}"))
        assert error is not None
        assert error.params["left"] == left
    refused = knock(people, "lin@songshanlake.example", PASSWORD, Visitor("198.51.100.99"))
    assert isinstance(refused, TooMany)
    assert refused.headers["Retry-After"] == "900"
    assert knock(people, "wang@songshanlake.example", "x", Visitor("198.51.100.99")).id == "accounts.mismatch"
    clock.advance(minutes=15)
    assert knock(people, "lin@songshanlake.example", PASSWORD) is None


def test_unknown_addresses_rest_as_known_ones_do(people: People) -> None:
    errors = [knock(people, "nobody@songshanlake.example", "x" * 12, Visitor(f"198.51.100.{n}")) for n in range(11)]
    assert [error.status for error in errors] == [401] * 10 + [429]


def test_one_internet_address_cannot_try_many_accounts(people: People, resources: Resources) -> None:
    resources.settings.sign_in_attempts = 2
    answers = [knock(people, f"p{n}@songshanlake.example", "x" * 12, Visitor(f"2001:db8::{n:x}")) for n in range(11)]
    assert [error.status for error in answers] == [401] * 10 + [429]


def test_honest_sign_ins_are_not_counted(people: People, resources: Resources) -> None:
    resources.settings.sign_in_attempts = 2
    lin = people.add()
    for _ in range(12):
        people.sign_in(lin)
    with resources.read() as work:
        assert work.session.exec(select(Attempt)).all() == []


def test_guesses_sent_at_once_are_limited_as_if_sent_in_turn(people: People, resources: Resources) -> None:
    resources.settings.sign_in_attempts = 3
    people.add()

    def guess(n: int) -> int:
        error = knock(people, "lin@songshanlake.example", f"guess number {n}", Visitor(f"198.51.100.{n}"))
        assert error is not None
        return error.status

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(guess, range(16)))
    assert statuses == [401] * 3 + [429] * 13


def test_a_hash_with_old_parameters_is_renewed_at_sign_in(people: People, resources: Resources) -> None:
    lin = people.add()
    old = argon2.PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    with resources.write() as work:
        work.session.get_one(type(people.row(lin.id)), lin.id).password_hash = old
    knock(people, lin.email, "not the password")
    assert people.row(lin.id).password_hash == old
    people.sign_in(lin)
    renewed = people.row(lin.id).password_hash
    assert renewed != old
    assert not passwords.outdated(renewed)
    people.sign_in(lin)
    assert people.row(lin.id).password_hash == renewed


def test_a_password_that_changes_while_it_is_compared_opens_nothing(
    people: People, resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    lin = people.add()
    real = passwords.matches

    def slow(password: str, known: str | None) -> bool:
        with resources.write() as work:
            work.session.get_one(type(people.row(lin.id)), lin.id).password_hash = "another"
        return real(password, known)

    monkeypatch.setattr(passwords, "matches", slow)
    error = knock(people, lin.email, PASSWORD)
    assert error is not None
    assert error.id == "accounts.mismatch"
    assert rows(resources) == []


def test_signing_out_ends_the_session_for_good(people: People, resources: Resources) -> None:
    lin = people.add()
    here, there = people.sign_in(lin), people.sign_in(lin)
    with resources.write() as work:
        sign_in.sign_out(work, people.recognised(here))
    assert people.recognised(here) == NOBODY
    assert people.recognised(there).person_id == lin.id
    with resources.write() as work:
        sign_in.sign_out(work, NOBODY)


def test_a_session_ends_when_it_was_not_used_for_so_many_days(people: People, clock: FixedClock) -> None:
    signed = people.sign_in(people.add())
    for _ in range(3):
        clock.advance(days=29)
        assert people.recognised(signed).person_id is not None
    clock.advance(days=30)
    assert people.recognised(signed) == NOBODY


def test_use_is_written_down_every_few_minutes_only(people: People, clock: FixedClock, resources: Resources) -> None:
    signed = people.sign_in(people.add())
    began = clock.now()
    clock.advance(seconds=SEEN_EVERY.total_seconds() - 1)
    people.recognised(signed)
    assert rows(resources)[0].seen_at == began
    clock.advance(seconds=1)
    people.recognised(signed)
    assert rows(resources)[0].seen_at == clock.now()


def test_people_see_and_end_their_own_sessions_and_no_others(
    people: People, resources: Resources, ledger: Ledger, clock: FixedClock
) -> None:
    lin, wang = people.add(), people.add("Wang Wu")
    first = people.sign_in(lin)
    clock.advance(hours=1)
    second, third, strange = people.sign_in(lin), people.sign_in(lin), people.sign_in(wang)
    here = people.recognised(second)
    with resources.write() as work:
        listed = sign_in.sign_ins(work, here)
        assert {row.token_hash for row in listed} == {fingerprint(s.key) for s in (first, second, third)}
        assert listed[-1].token_hash == fingerprint(first.key)
        sign_in.end_sign_in(work, here, fingerprint(first.key)[:16])
    assert people.recognised(first) == NOBODY
    with pytest.raises(NotFound), resources.write() as work:
        sign_in.end_sign_in(work, here, fingerprint(strange.key)[:16])
    with resources.write() as work:
        sign_in.end_other_sign_ins(work, here)
    assert people.recognised(third) == NOBODY
    assert people.recognised(second).person_id == lin.id
    assert people.recognised(strange).person_id == wang.id
    assert [line.act for line in ledger.lines()] == ["account.end_sign_in", "account.end_other_sign_ins"]


def test_sessions_are_for_signed_in_people_with_a_browser(people: People, resources: Resources) -> None:
    program = people.actor(people.add().id, scopes=frozenset({"read", "submit", "organize"}))
    for verb in (sign_in.sign_ins, sign_in.end_other_sign_ins):
        with pytest.raises(SignInNeeded), resources.write() as work:
            verb(work, NOBODY)
        with pytest.raises(Forbidden), resources.write() as work:
            verb(work, program)


def test_a_token_cannot_sign_in(people: People, resources: Resources) -> None:
    lin = people.add()
    program = people.actor(lin.id, scopes=frozenset({"read", "submit", "organize"}))
    with pytest.raises(Forbidden):
        sign_in.sign_in(resources, program, people.visitor, email=lin.email, password=PASSWORD)


def test_old_sessions_are_forgotten(people: People, resources: Resources, clock: FixedClock) -> None:
    lin = people.add()
    ended, unused = people.sign_in(lin), people.sign_in(lin)
    with resources.write() as work:
        sign_in.sign_out(work, people.recognised(ended))
    clock.at += sign_in.KEEP_ENDED + timedelta(seconds=1)
    with resources.write() as work:
        sign_in.prune(work)
    assert [row.token_hash for row in rows(resources)] == [fingerprint(unused.key)]
    clock.advance(days=resources.settings.session_days)
    with resources.write() as work:
        sign_in.prune(work)
    assert rows(resources) == []


def test_what_browsers_call_themselves_is_cut(people: People, resources: Resources) -> None:
    lin = people.add()
    visitor = Visitor("x" * 1000, "y" * 10_000)
    sign_in.sign_in(resources, NOBODY, visitor, email=lin.email, password=PASSWORD)
    [row] = rows(resources)
    assert (len(row.address), len(row.agent)) == (64, 300)
