"""Laws of the policy table, whatever acts are added to it."""

from typing import get_args

import pytest

from leaderboard.accounts.access import NOBODY, SYSTEM, Actor, act, acts_of
from leaderboard.accounts.policy import POLICY, Relation, Scope, allows, demand
from leaderboard.core.errors import Forbidden, NotFound, SignInNeeded

RELATIONS = frozenset(get_args(Relation))
SCOPES = frozenset(get_args(Scope))
BROWSER_ONLY = {
    "account.register",
    "account.sign_in",
    "account.own",
    "token.own",
    "organization.create",
    "organization.edit",
    "organization.vouch",
    "organization.leave",
    "person.list",
    "person.edit",
}

ITS_OWN_WORD = {
    "organization.leave",
    "dataset.edit",
    "dataset.withdraw_audit",
    "listing.edit",
    "demand.edit",
    "match.read",
    "match.judge",
    "deal.read",
    "deal.act",
    "event.own",
    "event.register",
}
"""What is said, or kept, in the name of an organization: nobody else does that for it, the operator neither."""


@pytest.mark.parametrize("name", POLICY)
def test_every_act_lets_somebody_do_it_and_says_what_a_token_needs(name: str) -> None:
    rule = POLICY[name]
    assert rule.relations
    assert rule.relations <= RELATIONS
    assert rule.scope is None or rule.scope in SCOPES


def test_what_gives_power_over_people_is_never_done_by_a_token() -> None:
    assert {name for name, rule in POLICY.items() if rule.scope is None} == BROWSER_ONLY


@pytest.mark.parametrize("name", POLICY)
def test_what_anyone_may_do_everyone_may_do(name: str) -> None:
    rule = POLICY[name]
    if "anyone" in rule.relations:
        assert rule.relations == RELATIONS
        assert not rule.hidden


@pytest.mark.parametrize("name", POLICY)
def test_what_every_signed_in_person_may_do_no_relation_takes_away(name: str) -> None:
    if "person" in POLICY[name].relations:
        assert POLICY[name].relations >= RELATIONS - {"anyone"}


@pytest.mark.parametrize("name", POLICY)
def test_captains_are_members_and_organizing_is_open_to_operators(name: str) -> None:
    relations = POLICY[name].relations
    if "member" in relations:
        assert "captain" in relations
    if "organizer" in relations and name not in ITS_OWN_WORD:
        assert "operator" in relations


@pytest.mark.parametrize("name", POLICY)
def test_more_relations_and_more_scopes_never_take_a_right_away(name: str) -> None:
    for relation in RELATIONS:
        if allows(name, {relation}, None):
            assert allows(name, RELATIONS, None)
            assert not allows(name, {relation}, ())
        if POLICY[name].scope is not None:
            assert allows(name, {relation}, SCOPES) == allows(name, {relation}, None)
        else:
            assert not allows(name, {relation}, SCOPES)


@pytest.mark.parametrize("name", POLICY)
def test_a_refusal_is_of_the_right_kind(name: str) -> None:
    rule = POLICY[name]
    if "anyone" not in rule.relations:
        with pytest.raises(NotFound if rule.hidden else SignInNeeded):
            demand(name, frozenset({"anyone"}))
    if "person" not in rule.relations:
        with pytest.raises(NotFound if rule.hidden else Forbidden):
            demand(name, frozenset({"person"}))
    SYSTEM.demand(name)


def test_a_token_without_the_scope_hears_which_one_it_needs() -> None:
    with pytest.raises(Forbidden) as refusal:
        demand("submission.create", frozenset({"person", "member"}), {"read"})
    assert refusal.value.id == "accounts.scope"
    assert refusal.value.params == {"scope": "submit"}
    with pytest.raises(Forbidden) as refusal:
        demand("account.own", frozenset({"person"}), SCOPES)
    assert refusal.value.id == "accounts.browser_only"


def test_members_of_an_organization_organize_for_it_and_for_no_other() -> None:
    member = Actor(person_id=1, organization_ids=frozenset({7}))
    assert "organizer" in member.relations(organization_id=7)
    assert "organizer" not in member.relations(organization_id=8)
    assert "organizer" in member.relations()
    assert "owner" not in member.relations(organization_id=7)
    assert "founder" not in member.relations()
    owner = Actor(person_id=1, organization_ids=frozenset({7}), owned_ids=frozenset({7}))
    assert "owner" in owner.relations(organization_id=7)
    assert "owner" not in owner.relations()


def test_only_organizations_with_the_operators_word_post_and_hold_events() -> None:
    supplier = Actor(person_id=1, organization_ids=frozenset({7, 9}), posting_ids=frozenset({9}))
    assert "host" in supplier.relations()
    assert "host" in supplier.relations(organization_id=9)
    assert "host" not in supplier.relations(organization_id=7)
    assert "host" not in Actor(person_id=1, organization_ids=frozenset({7})).relations()
    assert "host" not in Actor(person_id=1, role="organizer").relations(organization_id=7)


def test_the_role_of_organizer_gives_no_right_over_others_things() -> None:
    organizer = Actor(person_id=1, role="organizer")
    assert organizer.relations(organization_id=8) == {"person", "founder"}
    assert organizer.relations() == {"person", "founder", "organizer", "host"}


def test_an_operator_is_no_organizer_of_a_strange_organization_but_an_operator_everywhere() -> None:
    operator = Actor(person_id=1, role="operator")
    assert operator.relations(organization_id=8) == {"person", "founder", "operator"}


def test_nobody_is_anyone_and_has_no_id() -> None:
    assert NOBODY.relations(organization_id=3) == {"anyone"}
    with pytest.raises(LookupError):
        _ = NOBODY.id


def test_only_the_system_is_the_system() -> None:
    assert SYSTEM.is_system
    assert not Actor(person_id=1, role="operator").is_system
    assert not NOBODY.is_system


def test_a_route_states_acts_that_exist() -> None:
    class Route:
        dependencies = (act("board.read"), act("challenge.edit"))

    assert acts_of(Route) == {"board.read", "challenge.edit"}
    with pytest.raises(KeyError):
        act("board.raed")
