import argon2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.accounts import passwords
from leaderboard.core.errors import Unavailable

GOOD = "nine dragons in a lake"


def test_a_password_is_kept_as_argon2id_with_a_salt_of_its_own() -> None:
    one, other = passwords.hashed(GOOD), passwords.hashed(GOOD)
    assert one != other
    assert one.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert GOOD not in one
    assert passwords.matches(GOOD, one)
    assert not passwords.matches(GOOD + " ", one)


def test_the_same_letters_from_another_keyboard_are_the_same_password() -> None:
    assert passwords.matches("ｎｉｎｅ ｄｒａｇｏｎｓ １２３", passwords.hashed("nine dragons 123"))


def test_nobodys_password_never_matches_and_costs_as_much(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []

    class Counting:
        def verify(self, known: str, text: str) -> bool:
            compared.append(known)
            return passwords_hasher.verify(known, text)

    passwords_hasher = passwords._HASHER
    monkeypatch.setattr(passwords, "_HASHER", Counting())
    known = passwords_hasher.hash(GOOD)
    assert not passwords.matches("something else", known)
    assert not passwords.matches("something else", None)
    assert len(compared) == 2
    assert argon2.extract_parameters(compared[0]) == argon2.extract_parameters(compared[1])


def test_the_hash_for_nobody_has_todays_parameters() -> None:
    assert not passwords.outdated(passwords._NOBODY)


def test_a_hash_with_other_parameters_is_outdated_and_still_compared() -> None:
    old = argon2.PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(GOOD)
    assert passwords.outdated(old)
    assert passwords.matches(GOOD, old)


def test_an_erased_password_matches_nothing() -> None:
    assert not passwords.matches("", "")
    assert not passwords.matches(GOOD, "")


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("", "Enter a password"),
        ("short", "at least {count}"),
        ("x" * 9, "at least {count}"),
        ("ab" * 129, "at most {count}"),
        ("password123", "first that anybody would try"),
        ("PassWord1234", "first that anybody would try"),
        ("1234567890", "first that anybody would try"),
        ("１２３４５６７８９０", "first that anybody would try"),
        ("aaaaaaaaaaaaaaaa", "first that anybody would try"),
        ("ababababababab", "first that anybody would try"),
        ("Lin.Xiaolan@Lake.example", "must not be your name"),
        ("lin.xiaolan", "must not be your name"),
        ("lin  xiaolan the first", "must not be your name"),
    ],
)
def test_what_is_refused(password: str, says: str) -> None:
    fault = passwords.fault(password, email="lin.xiaolan@lake.example", name="Lin  Xiaolan the first")
    assert fault is not None
    assert fault.field == "password"
    assert says in fault.message
    assert password == "" or password not in fault.message.format(**fault.params)


@pytest.mark.parametrize(
    "password", [GOOD, "一二三四五六七八九十", "correct horse", "        4 spaces", "🐉🐉🐉🐉🐉 lake 7"]
)
def test_what_is_taken(password: str) -> None:
    assert passwords.fault(password, email="lin@lake.example", name="Lin") is None


def test_the_common_ones_are_all_long_enough_to_matter() -> None:
    assert len(passwords._COMMON) > 150
    for word in passwords._COMMON:
        assert len(word) >= passwords.SHORTEST
        assert word == word.casefold()


@given(st.text(max_size=300))
def test_any_text_is_judged_without_an_error(text: str) -> None:
    fault = passwords.fault(text, email="lin@lake.example", name="Lin")
    assert fault is None or fault.message.format(**fault.params)


def test_who_waits_too_long_hears_that_it_is_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "WAIT_SECONDS", 0.01)
    taken = 0
    while passwords._TURNS.acquire(blocking=False):
        taken += 1
    try:
        with pytest.raises(Unavailable):
            passwords.hashed(GOOD)
        with pytest.raises(Unavailable):
            passwords.matches(GOOD, None)
    finally:
        passwords._TURNS.release(taken)
    assert passwords.matches(GOOD, passwords.hashed(GOOD))
