from concurrent.futures import ThreadPoolExecutor

import pytest

from leaderboard.accounts import tokens
from leaderboard.accounts.access import NOBODY, SYSTEM
from leaderboard.accounts.people import close_person, is_erased, person_by_email, reopen_person, set_role
from leaderboard.accounts.recognition import recognise
from leaderboard.accounts.service import close_account
from leaderboard.core.errors import JiebangError, Malformed, NotFound, Refused, SignInNeeded
from leaderboard.core.work import Resources
from tests.accounts.factories import PASSWORD, Ledger, People


def test_an_operator_makes_organizers_and_it_holds_at_once(
    people: People, resources: Resources, ledger: Ledger
) -> None:
    root, lin = people.add("Root", role="operator"), people.add()
    signed = people.sign_in(lin)
    with resources.write() as work:
        set_role(work, root, lin.id, "organizer")
    assert people.recognised(signed).role == "organizer"
    [line] = ledger.lines()
    assert (line.person_id, line.act, line.subject) == (root.id, "person.set_role", f"person:{lin.id}")
    assert line.detail == {"before": "participant", "after": "organizer"}
    with resources.write() as work:
        set_role(work, root, lin.id, "organizer")
    assert len(ledger.lines()) == 1


def test_the_command_line_makes_operators_of_people(people: People, resources: Resources) -> None:
    lin = people.add()
    with resources.write() as work:
        set_role(work, SYSTEM, person_by_email(work, SYSTEM, " LIN@songshanlake.example").id, "operator")
    assert people.row(lin.id).role == "operator"
    with pytest.raises(NotFound), resources.read() as work:
        person_by_email(work, SYSTEM, "nobody@songshanlake.example")


def test_roles_are_a_closed_list(people: People, resources: Resources) -> None:
    lin = people.add()
    for role in ("", "admin", "Operator"):
        with pytest.raises(Malformed), resources.write() as work:
            set_role(work, SYSTEM, lin.id, role)


def test_to_everyone_else_people_do_not_exist(people: People, resources: Resources) -> None:
    lin = people.add()
    program = people.actor(people.add("Root", role="operator").id, scopes=frozenset({"read", "submit", "organize"}))
    for actor in (NOBODY, lin, people.add("Wang Wu", role="organizer"), program):
        for verb in (
            lambda work, who: set_role(work, who, lin.id, "operator"),
            lambda work, who: close_person(work, who, lin.id),
            lambda work, who: reopen_person(work, who, lin.id),
            lambda work, who: person_by_email(work, who, lin.email),
        ):
            with pytest.raises(JiebangError) as refusal, resources.write() as work:
                verb(work, actor)
            assert refusal.value.status == 404


def test_the_last_operator_stays(people: People, resources: Resources) -> None:
    root = people.add("Root", role="operator")
    people.add("Gone", role="operator", closed_at=resources.clock.now())
    for verb in (
        lambda work: set_role(work, root, root.id, "participant"),
        lambda work: set_role(work, SYSTEM, root.id, "organizer"),
        lambda work: close_person(work, root, root.id),
    ):
        with pytest.raises(Refused) as refusal, resources.write() as work:
            verb(work)
        assert refusal.value.id == "accounts.last_operator"
    lin = people.add()
    with resources.write() as work:
        set_role(work, root, lin.id, "operator")
        set_role(work, root, root.id, "participant")
    assert people.row(root.id).role == "participant"


def test_operators_who_step_down_at_once_leave_one(people: People, resources: Resources) -> None:
    roots = [people.add(f"Root{n}", role="operator") for n in range(4)]

    def down(root: object) -> bool:
        try:
            with resources.write() as work:
                set_role(work, root, root.id, "participant")
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(down, roots)) == [False, True, True, True]


def test_closing_shuts_somebody_out_at_once_and_reopening_lets_them_in(
    people: People, resources: Resources, ledger: Ledger
) -> None:
    root, lin = people.add("Root", role="operator"), people.add()
    signed = people.sign_in(lin)
    with resources.write() as work:
        key = tokens.make_token(work, lin, name="laptop", scopes=(), days=7).key
        close_person(work, root, lin.id)
    assert people.recognised(signed) == NOBODY
    with pytest.raises(SignInNeeded):
        recognise(resources, cookie=None, authorization=f"Bearer {key}")
    with pytest.raises(SignInNeeded):
        people.sign_in(lin)
    with resources.write() as work:
        close_person(work, root, lin.id)
        reopen_person(work, root, lin.id)
        reopen_person(work, root, lin.id)
    assert people.sign_in(lin).person_id == lin.id
    assert people.recognised(signed) == NOBODY
    assert [line.act for line in ledger.lines()] == ["token.create", "person.close", "person.reopen"]
    assert people.row(lin.id).name == "Lin Xiaolan"


def test_a_closed_account_gets_no_role(people: People, resources: Resources) -> None:
    lin = people.add(closed_at=resources.clock.now())
    with pytest.raises(Refused), resources.write() as work:
        set_role(work, SYSTEM, lin.id, "operator")


def test_what_its_person_erased_does_not_come_back(people: People, resources: Resources) -> None:
    lin = people.add()
    close_account(resources, lin, people.visitor, password=PASSWORD)
    assert is_erased(people.row(lin.id))
    with pytest.raises(Refused), resources.write() as work:
        reopen_person(work, SYSTEM, lin.id)


def test_nobody_is_nobody(resources: Resources) -> None:
    for verb in (close_person, reopen_person, lambda *given: set_role(*given, "organizer")):
        with pytest.raises(NotFound), resources.write() as work:
            verb(work, SYSTEM, 404)
