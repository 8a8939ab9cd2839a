from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from leaderboard.accounts import tokens
from leaderboard.accounts.access import NOBODY
from leaderboard.accounts.actor import Actor
from leaderboard.accounts.models import ApiToken
from leaderboard.accounts.policy import POLICY
from leaderboard.accounts.recognition import SEEN_EVERY, recognise
from leaderboard.accounts.tokens import NewToken, drop_token, make_token, make_token_by_password, revoke_token
from leaderboard.core.clock import FixedClock
from leaderboard.core.errors import Forbidden, JiebangError, Malformed, NotFound, Refused, SignInNeeded, TooMany
from leaderboard.core.work import Resources
from tests.accounts.factories import PASSWORD, Ledger, People


def make(
    resources: Resources, actor: Actor, name: str = "laptop", scopes: tuple[str, ...] = (), days: int = 30
) -> NewToken:
    with resources.write() as work:
        return make_token(work, actor, name=name, scopes=scopes, days=days)


def bearer(resources: Resources, key: str) -> Actor:
    return recognise(resources, cookie=None, authorization=f"Bearer {key}")


def rows(resources: Resources, actor: Actor) -> list[ApiToken]:
    with resources.read() as work:
        found = list(tokens.tokens(work, actor))
        work.session.expunge_all()
    return found


def test_a_token_is_shown_once_and_kept_as_a_hash(people: People, resources: Resources, ledger: Ledger) -> None:
    lin = people.add()
    made = make(resources, lin, " my   laptop ", ("submit",))
    assert made.key.startswith("jb_")
    assert len(made.key) == 46
    assert made.key not in repr(made)
    [row] = rows(resources, lin)
    assert (row.name, row.scopes, row.start) == ("my laptop", "read submit", made.key[:9])
    assert made.key not in str(row.model_dump())
    [line] = ledger.lines()
    assert line.act == "token.create"
    assert made.key[:9] not in str(line.detail)


def test_a_token_stands_for_its_person_within_its_scopes(people: People, resources: Resources) -> None:
    lin = people.add(role="organizer")
    actor = bearer(resources, make(resources, lin, scopes=("organize",)).key)
    assert (actor.person_id, actor.role, actor.scopes) == (lin.id, "organizer", {"read", "organize"})
    assert actor.sign_in is None
    actor.demand("challenge.create")
    with pytest.raises(Forbidden):
        actor.demand("entry.create")


def test_no_token_does_what_a_browser_must(people: People, resources: Resources) -> None:
    root = people.add(role="operator")
    actor = bearer(resources, make(resources, root, scopes=tokens.SCOPES).key)
    for name in (name for name, rule in POLICY.items() if rule.scope is None):
        with pytest.raises(JiebangError) as refusal:
            actor.demand(name)
        assert refusal.value.status in {403, 404}, name


def test_the_scheme_may_be_written_in_any_case(people: People, resources: Resources) -> None:
    lin = people.add()
    key = make(resources, lin).key
    for written in (f"bearer {key}", f"BEARER   {key} ", f" Bearer {key}"):
        assert recognise(resources, cookie=None, authorization=written).person_id == lin.id


def test_an_unknown_token_is_an_error_and_never_nobody(people: People, resources: Resources) -> None:
    signed = people.sign_in(people.add())
    for key in ("", "jb_", "jb_unknown", "é", "' OR 1=1", "x" * 5000):
        with pytest.raises(SignInNeeded) as refusal:
            recognise(resources, cookie=signed.key, authorization=f"Bearer {key}")
        assert refusal.value.id == "accounts.token_unknown"
        assert refusal.value.headers["WWW-Authenticate"].startswith("Bearer ")
        assert key == "" or key not in str(refusal.value)


def test_other_schemes_are_not_ours(people: People, resources: Resources) -> None:
    signed = people.sign_in(people.add())
    assert recognise(resources, cookie=None, authorization="Basic bGluOng=") == NOBODY
    assert recognise(resources, cookie=signed.key, authorization="Basic bGluOng=").person_id == signed.person_id


def test_a_token_comes_before_a_cookie(people: People, resources: Resources) -> None:
    lin, wang = people.add(), people.add("Wang Wu")
    signed = people.sign_in(lin)
    actor = recognise(resources, cookie=signed.key, authorization=f"Bearer {make(resources, wang).key}")
    assert actor.person_id == wang.id


def test_a_session_key_is_no_token_and_a_token_is_no_session_key(people: People, resources: Resources) -> None:
    lin = people.add()
    signed, made = people.sign_in(lin), make(resources, lin)
    with pytest.raises(SignInNeeded):
        bearer(resources, signed.key)
    assert recognise(resources, cookie=made.key, authorization=None) == NOBODY


def test_a_token_expires(people: People, resources: Resources, clock: FixedClock) -> None:
    lin = people.add()
    key = make(resources, lin, days=7).key
    clock.advance(days=6, hours=23)
    assert bearer(resources, key).person_id == lin.id
    clock.advance(hours=1)
    with pytest.raises(SignInNeeded) as refusal:
        bearer(resources, key)
    assert refusal.value.id == "accounts.token_expired"
    assert rows(resources, lin) == []


def test_a_revoked_token_is_unknown_at_once(people: People, resources: Resources, ledger: Ledger) -> None:
    lin = people.add()
    made, other = make(resources, lin), make(resources, lin, "ci")
    with resources.write() as work:
        revoke_token(work, lin, made.id)
    with pytest.raises(SignInNeeded):
        bearer(resources, made.key)
    assert bearer(resources, other.key).person_id == lin.id
    assert [row.name for row in rows(resources, lin)] == ["ci"]
    assert ledger.lines()[-1].subject == f"token:{made.id}"
    with pytest.raises(NotFound), resources.write() as work:
        revoke_token(work, lin, made.id)


def test_nobody_revokes_anothers_token(people: People, resources: Resources) -> None:
    lin, root = people.add(), people.add("Wang Wu", role="operator")
    made = make(resources, lin)
    with pytest.raises(NotFound), resources.write() as work:
        revoke_token(work, root, made.id)
    assert bearer(resources, made.key).person_id == lin.id


def test_a_token_ends_itself_and_only_itself(people: People, resources: Resources) -> None:
    lin = people.add()
    made, other = make(resources, lin), make(resources, lin)
    actor = bearer(resources, made.key)  # which may write by itself: not inside another transaction
    with resources.write() as work:
        drop_token(work, actor)
    with pytest.raises(SignInNeeded):
        bearer(resources, made.key)
    assert bearer(resources, other.key).person_id == lin.id
    with pytest.raises(Refused), resources.write() as work:
        drop_token(work, lin)
    with pytest.raises(SignInNeeded), resources.write() as work:
        drop_token(work, NOBODY)


def test_a_token_of_a_closed_account_is_unknown(people: People, resources: Resources) -> None:
    lin = people.add()
    key = make(resources, lin).key
    with resources.write() as work:
        work.session.get_one(type(people.row(lin.id)), lin.id).closed_at = work.now
    with pytest.raises(SignInNeeded):
        bearer(resources, key)


def test_what_a_token_cannot_be(people: People, resources: Resources) -> None:
    lin = people.add()
    for values, fields in (
        ({"name": ""}, ["name"]),
        ({"name": "x" * 61}, ["name"]),
        ({"scopes": ("admin",)}, ["scopes"]),
        ({"days": 0}, ["days"]),
        ({"days": 367}, ["days"]),
        ({"name": " ", "scopes": ("x",), "days": -1}, ["name", "scopes", "days"]),
    ):
        with pytest.raises(Malformed) as refusal:
            make(resources, lin, **values)
        assert [fault.field for fault in refusal.value.fields] == fields
    assert rows(resources, lin) == []


def test_tokens_are_counted_also_when_made_at_once(
    people: People, resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "MOST", 3)
    lin, wang = people.add(), people.add("Wang Wu")
    make(resources, wang)

    def one(n: int) -> bool:
        try:
            make(resources, lin, f"token {n}")
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(one, range(12))) == 3
    assert len(rows(resources, lin)) == 3


def test_use_is_written_down_every_few_minutes_only(people: People, resources: Resources, clock: FixedClock) -> None:
    lin = people.add()
    key = make(resources, lin).key
    assert rows(resources, lin)[0].seen_at is None
    bearer(resources, key)
    first = clock.now()
    clock.advance(seconds=SEEN_EVERY.total_seconds() - 1)
    bearer(resources, key)
    assert rows(resources, lin)[0].seen_at == first
    clock.advance(seconds=1)
    bearer(resources, key)
    assert rows(resources, lin)[0].seen_at == clock.now()


# jiebang login


def by_password(people: People, password: str, **values: object) -> NewToken:
    given = {"name": "laptop", "scopes": ("submit",), "days": 90, **values}
    return make_token_by_password(
        people.resources, NOBODY, people.visitor, email="LIN@songshanlake.example", password=password, **given
    )


def test_whoever_knows_the_password_gets_a_token(people: People, resources: Resources, ledger: Ledger) -> None:
    lin = people.add()
    made = by_password(people, PASSWORD)
    assert bearer(resources, made.key).person_id == lin.id
    assert [(line.act, line.person_id) for line in ledger.lines()] == [("token.create", lin.id)]


def test_tries_for_tokens_and_for_sessions_are_counted_together(people: People, resources: Resources) -> None:
    resources.settings.sign_in_attempts = 2
    lin = people.add()
    with pytest.raises(SignInNeeded):
        by_password(people, "not the password")
    with pytest.raises(SignInNeeded):
        people.sign_in(lin, "not the password")
    with pytest.raises(TooMany):
        by_password(people, PASSWORD)


def test_a_token_that_cannot_be_made_is_refused_before_the_password_is_looked_at(people: People) -> None:
    with pytest.raises(Malformed):
        by_password(people, "whatever", days=1000)


def test_a_token_makes_no_token(people: People, resources: Resources) -> None:
    lin = people.add()
    program = replace(bearer(resources, make(resources, lin, scopes=tokens.SCOPES).key))
    with pytest.raises(Forbidden):
        make(resources, program)
    with pytest.raises(Forbidden):
        make_token_by_password(
            resources, program, people.visitor, email=lin.email, password=PASSWORD, name="x", scopes=(), days=1
        )
