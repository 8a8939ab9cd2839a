from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import func, select

from leaderboard.accounts import organizations, service, tokens
from leaderboard.accounts.access import NOBODY, SYSTEM
from leaderboard.accounts.actor import Actor
from leaderboard.accounts.models import Attempt, Membership, PasswordReset, Person, SignIn
from leaderboard.accounts.service import (
    change_password,
    close_account,
    create_operator,
    edit_profile,
    prune,
    register,
)
from leaderboard.accounts.sign_in import SignedIn, Visitor
from leaderboard.core.clock import FixedClock
from leaderboard.core.errors import Closed, Forbidden, JiebangError, Malformed, Refused, SignInNeeded, TooMany
from leaderboard.core.work import Resources
from tests.accounts.factories import PASSWORD, Ledger, People, PostOffice

FRESH = "seven bridges over a river"


def join(resources: Resources, email: str = "li@songshanlake.example", **values: str) -> SignedIn:
    given = {"name": "Li Si", "password": FRESH, "locale": "zh", **values}
    return register(resources, NOBODY, Visitor("203.0.113.9"), email=email, **given)


def count(resources: Resources, table: type) -> int:
    with resources.read() as work:
        return work.session.exec(select(func.count()).select_from(table)).one()


# Registering


def test_whoever_registers_is_signed_in_as_a_participant(people: People, resources: Resources, ledger: Ledger) -> None:
    signed = join(resources, " Li@SongshanLake.example ", name="  Li   Si ")
    actor = people.recognised(signed)
    assert (actor.name, actor.email, actor.role, actor.locale) == (
        "Li Si",
        "li@songshanlake.example",
        "participant",
        "zh",
    )
    row = people.row(actor.person_id)
    assert row.password_hash.startswith("$argon2id$")
    assert [(line.act, line.subject, line.detail) for line in ledger.lines()] == [
        ("account.register", f"person:{actor.person_id}", {})
    ]
    assert people.sign_in(actor, FRESH).person_id == actor.person_id


def test_registering_ends_the_session_that_the_browser_had(people: People, resources: Resources) -> None:
    signed = people.sign_in(people.add())
    given = {"email": "li@songshanlake.example", "name": "Li Si", "password": FRESH, "locale": "zh"}
    register(resources, people.recognised(signed), people.visitor, **given)
    assert people.recognised(signed) == NOBODY


def test_everything_that_is_wrong_is_said_at_once(resources: Resources) -> None:
    with pytest.raises(Malformed) as refusal:
        join(resources, "li@", name=" ", password="short", locale="fr")
    assert [fault.field for fault in refusal.value.fields] == ["name", "email", "password", "locale"]
    assert count(resources, Person) == count(resources, Attempt) == 0


def test_an_address_is_taken_once_in_whatever_case(people: People, resources: Resources) -> None:
    people.add("Li Si")
    with pytest.raises(Malformed) as refusal:
        join(resources, "LI@songshanlake.example")
    assert [fault.field for fault in refusal.value.fields] == ["email"]


def test_of_many_who_register_an_address_at_once_one_gets_it(resources: Resources) -> None:
    def one(n: int) -> str:
        try:
            join(resources, name=f"Li {n}")
        except Malformed as refusal:
            return refusal.fields[0].field
        return "in"

    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(one, range(8)))
    assert answers == ["email"] * 7 + ["in"]
    assert count(resources, Person) == count(resources, SignIn) == 1


def test_where_registration_is_closed_nobody_registers(resources: Resources) -> None:
    resources.settings.registration = "closed"
    with pytest.raises(Closed):
        join(resources)


def test_one_internet_address_registers_a_class_but_not_a_town(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "PER_ADDRESS", service.limits.Limit("register", 3, service.limits.HOUR))
    join(resources)
    for _ in range(2):
        with pytest.raises(Malformed):
            join(resources)  # taken, and counted: this is how addresses would be collected
    with pytest.raises(TooMany):
        join(resources, "wang@songshanlake.example")


def test_a_token_cannot_register(people: People, resources: Resources) -> None:
    program = people.actor(people.add().id, scopes=frozenset({"read"}))
    with pytest.raises(Forbidden):
        register(resources, program, Visitor(), email="a@b.cn", name="A", password=FRESH, locale="zh")


def test_the_command_line_makes_operators(people: People, resources: Resources, ledger: Ledger) -> None:
    resources.settings.registration = "closed"
    person_id = create_operator(resources, SYSTEM, email="Root@jiebang.example", name="运维", password=FRESH)
    row = people.row(person_id)
    assert (row.email, row.role, row.locale) == ("root@jiebang.example", "operator", "zh")
    [line] = ledger.lines()
    assert (line.act, line.person_id, line.detail) == ("person.create", None, {"role": "operator"})
    with pytest.raises(Malformed):
        create_operator(resources, SYSTEM, email="root@jiebang.example", name="运维", password=FRESH)
    with pytest.raises(Malformed) as refusal:
        create_operator(resources, SYSTEM, email="x", name="", password="")
    assert len(refusal.value.fields) == 3


def test_nobody_else_makes_operators(people: People, resources: Resources) -> None:
    for actor in (NOBODY, people.add(role="organizer")):
        with pytest.raises(JiebangError) as refusal:
            create_operator(resources, actor, email="a@b.cn", name="A", password=FRESH)
        assert refusal.value.status == 404


# One's own account


def test_name_and_language_can_be_changed(people: People, resources: Resources, ledger: Ledger) -> None:
    lin = people.add()
    with resources.write() as work:
        edit_profile(work, lin, name=" 林 小岚 ", locale="zh")
    assert (people.row(lin.id).name, people.row(lin.id).locale) == ("林 小岚", "zh")
    assert ledger.lines()[0].detail == {}
    with pytest.raises(Malformed) as refusal, resources.write() as work:
        edit_profile(work, lin, name="", locale="xx")
    assert [fault.field for fault in refusal.value.fields] == ["name", "locale"]


def test_a_new_password_needs_the_old_one_and_ends_the_other_sign_ins(
    people: People, resources: Resources, post_office: PostOffice, ledger: Ledger
) -> None:
    lin = people.add()
    here, there = people.sign_in(lin), people.sign_in(lin)
    with resources.write() as work:
        token = tokens.make_token(work, lin, name="laptop", scopes=(), days=7)
    actor = people.recognised(here)
    change_password(resources, actor, people.visitor, password=PASSWORD, new_password=FRESH)
    assert people.recognised(here).person_id == lin.id
    assert people.recognised(there) == NOBODY
    assert people.sign_in(lin, FRESH)
    with pytest.raises(SignInNeeded):
        people.sign_in(lin, PASSWORD)
    with resources.read() as work:
        assert [row.id for row in tokens.tokens(work, lin)] == [token.id]
    [mail] = post_office.mails()
    assert mail["To"].addresses[0].addr_spec == lin.email
    assert "tokens still work" in mail.get_content()
    assert [line.act for line in ledger.lines()] == ["token.create", "account.change_password"]


def test_a_wrong_old_password_changes_nothing_and_is_counted(people: People, resources: Resources) -> None:
    resources.settings.sign_in_attempts = 2
    lin = people.add()
    for left in (1, 0):
        with pytest.raises(SignInNeeded) as refusal:
            change_password(resources, lin, people.visitor, password="not this one", new_password=FRESH)
        assert refusal.value.fields[0].field == "password"
        assert refusal.value.params["left"] == left
    with pytest.raises(TooMany):
        change_password(resources, lin, people.visitor, password=PASSWORD, new_password=FRESH)
    assert people.row(lin.id).password_hash == people.password_hash


def test_new_passwords_follow_the_rules(people: People, resources: Resources) -> None:
    lin = people.add()
    for old, new, fields in (
        ("", "short", ["password", "new_password"]),
        (PASSWORD, PASSWORD, ["new_password"]),
        (PASSWORD, "lin@songshanlake.example", ["new_password"]),
    ):
        with pytest.raises(Malformed) as refusal:
            change_password(resources, lin, people.visitor, password=old, new_password=new)
        assert [fault.field for fault in refusal.value.fields] == fields


def test_closing_an_account_erases_who_it_was(people: People, resources: Resources, ledger: Ledger) -> None:
    lin = people.add()
    signed = people.sign_in(lin)
    with resources.write() as work:
        tokens.make_token(work, lin, name="laptop", scopes=(), days=7)
    with pytest.raises(SignInNeeded):
        close_account(resources, lin, people.visitor, password="not this one")
    close_account(resources, people.recognised(signed), people.visitor, password=PASSWORD)
    row = people.row(lin.id)
    assert (row.email, row.name, row.password_hash) == (f"closed-{lin.id}", f"#{lin.id}", "")
    assert row.closed_at is not None
    assert people.recognised(signed) == NOBODY
    with resources.read() as work:
        assert not tokens.tokens(work, lin)
    for password in (PASSWORD, ""):
        for email in (lin.email, row.email):
            with pytest.raises(JiebangError):
                people.sign_in(people.actor(lin.id, email=email), password or "x")
    assert ledger.lines()[-1].act == "account.close"
    assert all("lin" not in str(line.detail).lower() for line in ledger.lines())
    assert people.recognised(join(resources, lin.email)).person_id != lin.id  # the address is free again


def test_the_last_owner_of_an_organization_hands_it_over_first(people: People, resources: Resources) -> None:
    lin, wang = people.add(role="organizer"), people.add("Wang Wu")
    with resources.write() as work:
        grid = organizations.create_organization(work, lin, name="State Grid", slug="state-grid")
        lab = organizations.create_organization(work, lin, name="Guangzhou Laboratory", slug="lab")
        lin = people.actor(
            lin.id, organization_ids=frozenset({grid.id, lab.id}), owned_ids=frozenset({grid.id, lab.id})
        )
        organizations.add_member(work, lin, lab, email=wang.email, role="owner")
        organizations.add_member(work, lin, grid, email=wang.email)
    with pytest.raises(Refused) as refusal:
        close_account(resources, lin, people.visitor, password=PASSWORD)
    assert refusal.value.params == {"names": "State Grid"}
    with resources.write() as work:
        organizations.set_member_role(work, lin, grid, wang.id, "owner")
    close_account(resources, lin, people.visitor, password=PASSWORD)
    with resources.read() as work:
        assert {row.person_id for row in work.session.exec(select(Membership)).all()} == {wang.id}


def test_the_last_operator_cannot_close_the_account(people: People, resources: Resources) -> None:
    root = people.add(role="operator")
    with pytest.raises(Refused) as refusal:
        close_account(resources, root, people.visitor, password=PASSWORD)
    assert refusal.value.id == "accounts.last_operator"
    assert count(resources, Attempt) == 0  # the password was right
    people.add("Wang Wu", role="operator")
    close_account(resources, root, people.visitor, password=PASSWORD)


def test_two_last_operators_cannot_both_close_at_once(people: People, resources: Resources) -> None:
    both = [people.add(role="operator"), people.add("Wang Wu", role="operator")]

    def close(actor: object) -> bool:
        try:
            close_account(resources, actor, people.visitor, password=PASSWORD)
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(close, both)) == [False, True]


def test_an_account_is_its_persons_with_a_browser(people: People, resources: Resources) -> None:
    program = people.actor(people.add().id, scopes=frozenset({"read", "submit", "organize"}))

    def edit(actor: Actor) -> None:
        with resources.write() as work:
            edit_profile(work, actor, name="X", locale="en")

    deeds = (
        edit,
        lambda actor: change_password(resources, actor, people.visitor, password=PASSWORD, new_password=FRESH),
        lambda actor: close_account(resources, actor, people.visitor, password=PASSWORD),
    )
    for deed in deeds:
        with pytest.raises(SignInNeeded):
            deed(NOBODY)
        with pytest.raises(Forbidden):
            deed(program)


def test_housekeeping_forgets_what_is_long_over(people: People, resources: Resources, clock: FixedClock) -> None:
    lin = people.add()
    people.sign_in(lin)
    with pytest.raises(SignInNeeded):
        people.sign_in(lin, "not the password")
    with resources.write() as work:
        tokens.make_token(work, lin, name="laptop", scopes=(), days=7)
        work.session.add(PasswordReset(token_hash="x", person_id=lin.id, created_at=work.now, expires_at=work.now))
    with resources.write() as work:
        prune(work)
    tables = (SignIn, Attempt, tokens.ApiToken, PasswordReset)
    assert [count(resources, table) for table in tables] == [1, 2, 1, 1]
    clock.advance(days=200)
    with resources.write() as work:
        prune(work)
    assert [count(resources, table) for table in tables] == [0, 0, 0, 0]
