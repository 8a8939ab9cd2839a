from concurrent.futures import ThreadPoolExecutor

import pytest

from leaderboard.accounts import organizations
from leaderboard.accounts import people as persons
from leaderboard.accounts.access import NOBODY, SYSTEM
from leaderboard.accounts.actor import Actor
from leaderboard.accounts.models import Organization
from leaderboard.accounts.organizations import (
    add_member,
    create_organization,
    leave_organization,
    organization_by_slug,
    organizations_of,
    remove_member,
    rename_organization,
    set_member_role,
    vouch,
)
from leaderboard.core.errors import Forbidden, JiebangError, Malformed, NotFound, Refused, SignInNeeded
from leaderboard.core.work import Resources
from tests.accounts.factories import Ledger, People


def found(
    people: People, founder: Actor, slug: str = "state-grid", name: str = "State Grid"
) -> tuple[Organization, Actor]:
    """An organization and its founder as they are from then on."""
    with people.resources.write() as work:
        made = create_organization(work, founder, name=name, slug=slug)
    return made, people.actor(founder.id)


def take_in(people: People, owner: Actor, unit: Organization, email: str, role: str = "member") -> None:
    with people.resources.write() as work:
        add_member(work, owner, unit, email=email, role=role)


def test_a_founder_owns_what_they_found(people: People, resources: Resources, ledger: Ledger) -> None:
    unit, lin = found(people, people.add(role="organizer"), " State-Grid ", "  国家  电网 ")
    assert (unit.slug, unit.name) == ("state-grid", "国家 电网")
    assert lin.owned_ids == lin.organization_ids == {unit.id}
    with resources.read() as work:
        assert organization_by_slug(work, NOBODY, "state-grid").name == "国家 电网"
    [line] = ledger.lines()
    assert (line.act, line.subject, line.person_id) == ("organization.create", f"organization:{unit.id}", lin.id)


def test_addresses_that_are_refused(people: People) -> None:
    lin = people.add(role="organizer")
    slugs = ("", "a", "9lives", "state_grid", "state--grid", "-a", "a-", "ab c", "new", "x" * 41, "电网", "a/b", "..")
    for slug in slugs:
        with pytest.raises(Malformed) as refusal:
            found(people, lin, slug, "")
        assert [fault.field for fault in refusal.value.fields] == ["name", "slug"], slug


def test_an_address_is_taken_once_also_when_asked_for_at_once(people: People) -> None:
    lin = people.add(role="organizer")

    def one(n: int) -> str:
        try:
            found(people, lin, "lab", f"Lab {n}")
        except Malformed as refusal:
            return refusal.fields[0].field
        return "in"

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(one, range(6))) == ["in"] + ["slug"] * 5


def test_whoever_has_not_signed_in_founds_nothing(people: People) -> None:
    with pytest.raises(SignInNeeded):
        found(people, NOBODY, "nobody")


def test_a_member_organizes_for_the_organization_without_a_role(people: People, ledger: Ledger) -> None:
    unit, lin = found(people, people.add(role="organizer"))
    wang = people.add("Wang Wu")
    take_in(people, lin, unit, "  WANG@songshanlake.example ")
    member = people.actor(wang.id)
    member.demand("challenge.edit", organization_id=unit.id)
    with pytest.raises(Forbidden):
        member.demand("organization.edit", organization_id=unit.id)
    line = ledger.lines()[-1]
    assert (line.act, line.detail) == ("organization.add_member", {"person": wang.id, "role": "member"})


def test_who_cannot_be_taken_in(people: People) -> None:
    unit, lin = found(people, people.add(role="organizer"))
    closed = people.add("Zhao Liu", closed_at=people.resources.clock.now())
    for email, role, fields in (
        ("nobody@songshanlake.example", "member", ["email"]),
        (closed.email, "member", ["email"]),
        (lin.email, "member", ["email"]),
        ("", "boss", ["email", "role"]),
    ):
        with pytest.raises(Malformed) as refusal:
            take_in(people, lin, unit, email, role)
        assert [fault.field for fault in refusal.value.fields] == fields


def test_members_strangers_and_owners_elsewhere_change_nothing(people: People) -> None:
    unit, lin = found(people, people.add(role="organizer"))
    wang = people.add("Wang Wu")
    take_in(people, lin, unit, wang.email)
    _, elsewhere = found(people, people.add("Zhao Liu", role="organizer"), "lab")
    deeds = (
        lambda work, who: rename_organization(work, who, unit, name="X"),
        lambda work, who: add_member(work, who, unit, email=elsewhere.email),
        lambda work, who: set_member_role(work, who, unit, wang.id, "owner"),
        lambda work, who: remove_member(work, who, unit, lin.id),
    )
    for actor in (NOBODY, people.actor(wang.id), elsewhere, people.add("Qian Qi")):
        for deed in deeds:
            with pytest.raises((Forbidden, SignInNeeded)), people.resources.write() as work:
                deed(work, actor)


def test_an_operator_helps_where_no_owner_can(people: People, ledger: Ledger) -> None:
    unit, lin = found(people, people.add(role="organizer"))
    root, wang = people.add("Root", role="operator"), people.add("Wang Wu")
    with people.resources.write() as work:
        persons.close_person(work, root, lin.id)
        add_member(work, root, unit, email=wang.email, role="owner")
    assert people.actor(wang.id).owned_ids == {unit.id}
    assert ledger.lines()[-1].person_id == root.id


def test_the_command_line_may_found_without_owning(people: People, resources: Resources) -> None:
    wang = people.add("Wang Wu")
    with resources.write() as work:
        unit = create_organization(work, SYSTEM, name="Demo", slug="demo")
        add_member(work, SYSTEM, unit, email=wang.email, role="owner")
    assert people.actor(wang.id).owned_ids == {unit.id}


def test_a_name_changes_and_the_address_stays(people: People, resources: Resources, ledger: Ledger) -> None:
    unit, lin = found(people, people.add(role="organizer"))
    with resources.write() as work:
        rename_organization(work, lin, organization_by_slug(work, lin, unit.slug), name="Southern Grid")
    with resources.read() as work:
        assert organization_by_slug(work, lin, "state-grid").name == "Southern Grid"
    assert ledger.lines()[-1].detail == {"before": "State Grid", "after": "Southern Grid"}
    with pytest.raises(Malformed), resources.write() as work:
        rename_organization(work, lin, unit, name=" ")


def test_the_last_owner_stays_in_every_way_of_going(people: People, resources: Resources) -> None:
    unit, lin = found(people, people.add(role="organizer"))
    wang = people.add("Wang Wu")
    take_in(people, lin, unit, wang.email)
    for go in (
        lambda work: leave_organization(work, lin, unit),
        lambda work: remove_member(work, lin, unit, lin.id),
        lambda work: set_member_role(work, lin, unit, lin.id, "member"),
    ):
        with pytest.raises(Refused), resources.write() as work:
            go(work)
    with resources.write() as work:
        set_member_role(work, lin, unit, wang.id, "owner")
        leave_organization(work, lin, unit)
    assert people.actor(lin.id).organization_ids == frozenset()
    with pytest.raises(Forbidden), resources.write() as work:
        leave_organization(work, people.actor(lin.id), unit)


def test_an_owner_whose_account_is_closed_does_not_count(people: People, resources: Resources) -> None:
    unit, lin = found(people, people.add(role="organizer"))
    wang = people.add("Wang Wu")
    take_in(people, lin, unit, wang.email, "owner")
    with resources.write() as work:
        persons.close_person(work, SYSTEM, wang.id)
    with pytest.raises(Refused), resources.write() as work:
        leave_organization(work, lin, unit)


def test_two_owners_who_leave_at_once_do_not_both_go(people: People, resources: Resources) -> None:
    unit, lin = found(people, people.add(role="organizer"))
    wang = people.add("Wang Wu")
    take_in(people, lin, unit, wang.email, "owner")

    def go(person_id: int) -> bool:
        try:
            with resources.write() as work:
                leave_organization(work, people.actor(person_id), unit)
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(go, [lin.id, wang.id])) == [False, True]


def test_a_member_who_is_removed_organizes_no_more(people: People, resources: Resources) -> None:
    unit, lin = found(people, people.add(role="organizer"))
    wang = people.add("Wang Wu")
    take_in(people, lin, unit, wang.email)
    signed = people.sign_in(wang)
    assert people.recognised(signed).organization_ids == {unit.id}
    with resources.write() as work:
        remove_member(work, lin, unit, wang.id)
    assert people.recognised(signed).organization_ids == frozenset()
    for verb in (remove_member, lambda *given: set_member_role(*given, "owner")):
        with pytest.raises(NotFound), resources.write() as work:
            verb(work, lin, unit, wang.id)


def test_everyone_sees_their_own_and_operators_all(people: People, resources: Resources) -> None:
    grid, lin = found(people, people.add(role="organizer"))
    lab, wang = found(people, people.add("Wang Wu", role="organizer"), "lab", "Laboratory")
    root = people.add("Root", role="operator")
    with resources.read() as work:
        seen = [[unit.slug for unit in organizations_of(work, who)] for who in (NOBODY, lin, wang, root)]
    assert seen == [[], [grid.slug], [lab.slug], [lab.slug, grid.slug]]
    with pytest.raises(NotFound), resources.read() as work:
        organization_by_slug(work, lin, "nowhere")


def test_no_token_changes_who_belongs_to_what(people: People, resources: Resources) -> None:
    unit, lin = found(people, people.add(role="organizer"))
    program = people.actor(lin.id, scopes=frozenset({"read", "submit", "organize"}))
    for verb in (
        lambda work: create_organization(work, program, name="X", slug="xx"),
        lambda work: add_member(work, program, unit, email="a@b.cn"),
        lambda work: leave_organization(work, program, unit),
    ):
        with pytest.raises(JiebangError) as refusal, resources.write() as work:
            verb(work)
        assert refusal.value.id == "accounts.browser_only"


def test_roles_are_a_closed_list(people: People, resources: Resources) -> None:
    unit, lin = found(people, people.add(role="organizer"))
    with pytest.raises(Malformed), resources.write() as work:
        set_member_role(work, lin, unit, lin.id, "king")
    assert organizations.MEMBER_ROLES == ("owner", "member")


def test_anybody_may_found_an_organization_and_the_operator_says_that_it_posts(
    people: People, resources: Resources, ledger: Ledger
) -> None:
    unit, wang = found(people, people.add("Wang Wu"))
    assert (unit.posts, unit.verified, wang.posting_ids) == (False, 0, frozenset())
    with resources.write() as work:
        root = people.add(role="operator")
        vouch(
            work,
            root,
            organization_by_slug(work, root, unit.slug),
            posts=True,
            audits=True,
            verified="2",
            region=" cn-44 ",
        )
    assert (people.actor(wang.id).posting_ids, people.actor(wang.id).auditing_ids) == ({unit.id}, {unit.id})
    with resources.read() as work:
        seen = organization_by_slug(work, NOBODY, unit.slug)
        assert (seen.posts, seen.verified, seen.region) == (True, 2, "CN-44")
    assert ledger.lines()[-1].detail == {"posts": True, "audits": True, "verified": 2, "region": "CN-44"}


def test_a_wrong_word_of_the_operator_is_explained_at_each_field_and_changes_nothing(
    people: People, resources: Resources
) -> None:
    unit, wang = found(people, people.add("Wang Wu"))
    root = people.add(role="operator")
    with resources.write() as work:
        mine = organization_by_slug(work, root, unit.slug)
        with pytest.raises(Malformed) as refusal:
            vouch(work, root, mine, posts=True, audits=True, verified="4", region="Guangdong")
        assert [fault.field for fault in refusal.value.fields] == ["verified", "region"]
        assert (mine.posts, mine.audits, mine.verified) == (False, False, 0)
        with pytest.raises(Forbidden):
            vouch(work, wang, mine, posts=True, audits=False, verified="3", region="")


def test_somebody_who_is_no_founder_owns_five_at_most(people: People) -> None:
    wang = people.add("Wang Wu")
    for number in range(organizations.MOST_OWNED):
        _, wang = found(people, wang, f"unit-{number}")
    with pytest.raises(Refused) as refusal:
        found(people, wang, "one-more")
    assert refusal.value.id == "accounts.many_organizations"
