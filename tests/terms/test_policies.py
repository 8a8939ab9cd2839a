"""What policies allow, how two of them differ, and ODRL."""

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from challenges.licences import LICENCES
from leaderboard.terms import odrl
from leaderboard.terms.allowing import allows, differences, together
from leaderboard.terms.forms import TermsRefused
from leaderboard.terms.licences import POLICIES
from leaderboard.terms.messages import MESSAGES
from leaderboard.terms.policy import Constraint, DutyOwed, Policy, Rule, Usage
from leaderboard.terms.words import ACTIONS
from tests.exchange.matching.drawn import policies, usages

LAW = settings(max_examples=150, deadline=None)
EVERYTHING = Usage(actions=tuple(ACTIONS))


def verdicts(policy, usage):
    return {one.clause: (one.verdict, one.reason) for one in allows(policy, usage)}


@pytest.mark.parametrize(
    ("licence", "use", "derive", "distribute", "commercialize", "train"),
    [
        ("CC0-1.0", "pass", "pass", "pass", "pass", "pass"),
        ("CC-BY-4.0", "pass", "pass", "pass", "pass", "pass"),
        ("CC-BY-SA-4.0", "pass", "pass", "pass", "pass", "pass"),
        ("CC-BY-NC-4.0", "pass", "pass", "pass", "fail", "pass"),
        ("CC-BY-ND-4.0", "pass", "unknown", "pass", "pass", "unknown"),
        ("ODbL-1.0", "pass", "pass", "pass", "pass", "pass"),
        ("MIT", "pass", "pass", "pass", "pass", "pass"),
        ("Apache-2.0", "pass", "pass", "pass", "pass", "pass"),
    ],
)
def test_licences_say_what_they_are_known_for(licence, use, derive, distribute, commercialize, train):
    said = [one.verdict for one in allows(POLICIES[licence], EVERYTHING)][:5]
    assert said == [use, derive, distribute, commercialize, train]


def test_licences_are_among_those_of_challenges_and_name_themselves():
    assert set(POLICIES) <= set(LICENCES)
    assert all(policy.licence == key for key, policy in POLICIES.items())
    assert [duty.action for duty in POLICIES["CC-BY-SA-4.0"].duties] == ["attribute", "share-alike"]
    refusing = Usage(actions=("use",), cannot=("share-alike",))
    assert verdicts(POLICIES["ODbL-1.0"], refusing)["duty.share-alike"] == ("fail", "policy.duty_refused")


def test_each_clause_is_answered_with_its_reason():
    until = date(2027, 6, 30)
    policy = Policy(
        permissions=(
            Rule(action="use"),
            Rule(action="derive", constraint=Constraint(regions=("CN",), until=until)),
            Rule(action="train-models", constraint=Constraint(purposes=("research",))),
            Rule(action="commercialize"),
        ),
        prohibitions=(Rule(action="commercialize", constraint=Constraint(industries=("finance",))),),
    )
    usage = Usage(actions=tuple(ACTIONS), regions=("CN-GD",), until=date(2027, 1, 1), purposes=("product",))
    assert verdicts(policy, usage) == {
        "action.use": ("pass", "policy.permitted"),
        "action.derive": ("pass", "policy.permitted"),
        "action.distribute": ("unknown", "policy.not_said"),
        "action.commercialize": ("unknown", "policy.perhaps_prohibited"),
        "action.train-models": ("fail", "policy.outside"),
    }
    bank = usage.model_copy(update={"industries": ("finance",), "regions": ("HK",)})
    assert verdicts(policy, bank)["action.commercialize"] == ("fail", "policy.prohibited")
    assert verdicts(policy, bank)["action.derive"] == ("fail", "policy.outside")
    longer = usage.model_copy(update={"until": None})
    assert verdicts(policy, longer)["action.derive"] == ("unknown", "policy.usage_open")


def test_a_prohibition_of_use_covers_all_and_an_embargo_ends():
    embargo = Policy(
        permissions=(Rule(action="derive"),),
        prohibitions=(Rule(action="use", constraint=Constraint(until=date(2027, 1, 1))),),
    )
    early, late = (Usage(actions=("derive",), since=date(year, 6, 1)) for year in (2026, 2027))
    assert verdicts(embargo, early)["action.derive"][0] == "fail"
    assert verdicts(embargo, late)["action.derive"][0] == "pass"
    assert verdicts(embargo, Usage(actions=("derive",)))["action.derive"][0] == "unknown"


@LAW
@given(policies, usages)
def test_every_action_and_duty_is_answered_once(policy, usage):
    found = allows(policy, usage)
    assert [one.clause for one in found] == [
        *(f"action.{action}" for action in usage.actions),
        *(f"duty.{duty.action}" for duty in policy.duties),
    ]
    for one in found:
        assert MESSAGES[one.reason].format(**one.params)


@LAW
@given(policies, usages)
def test_taking_permissions_away_never_allows_more(policy, usage):
    fewer = policy.model_copy(update={"permissions": policy.permissions[1:]})
    for before, after in zip(allows(policy, usage), allows(fewer, usage), strict=True):
        assert (after.verdict == "pass") <= (before.verdict == "pass")


@LAW
@given(policies, policies)
def test_differences_turn_round_with_the_two_policies(old, new):
    opposite = {"wider": "narrower", "narrower": "wider", "changed": "changed"}
    there, back = differences(old, new), differences(new, old)
    assert [(one.clause, one.part, one.before, one.after, one.effect) for one in there] == [
        (one.clause, one.part, one.after, one.before, opposite[one.effect]) for one in back
    ]
    same = old.model_copy(update={"licence": None}) == new.model_copy(update={"licence": None})
    assert differences(old, old) == ()
    if not there:
        assert {rule.action for rule in old.permissions} == {rule.action for rule in new.permissions}
    elif same:
        raise AssertionError("equal policies differ")


@LAW
@given(policies, policies, usages)
def test_what_is_only_wider_still_lets_through_what_was_let_through(old, new, usage):
    if all(one.effect == "wider" for one in differences(old, new)):
        before = together([one.verdict for one in allows(old, usage)])
        after = together([one.verdict for one in allows(new, usage)])
        assert (before == "pass") <= (after == "pass")


@LAW
@given(policies, st.data())
def test_one_wider_clause_never_takes_away(policy, data):
    usage = data.draw(usages)
    rule = data.draw(st.sampled_from(policy.permissions)) if policy.permissions else None
    wider = tuple(Rule(action=one.action) if one is rule else one for one in policy.permissions)
    new = policy.model_copy(update={"permissions": wider})
    assert {one.effect for one in differences(policy, new)} <= {"wider"}
    for before, after in zip(allows(policy, usage), allows(new, usage), strict=True):
        assert (before.verdict == "pass") <= (after.verdict == "pass")


@LAW
@given(policies)
def test_a_policy_comes_back_from_odrl(policy):
    written = odrl.offer(policy, uid="urn:offer:1", target="urn:listing:1", assigner="urn:org:1")
    assert odrl.policy(json.loads(json.dumps(written))) == policy


@LAW
@given(policies)
def test_a_policy_comes_back_from_a_document_with_a_context_of_its_own(policy):
    written = odrl.prefixed(odrl.offer(policy, uid="urn:offer:1", target="urn:listing:1", assigner="urn:org:1"))
    assert odrl.is_policy(written)
    assert odrl.policy(json.loads(json.dumps(written))) == policy


def test_an_offer_has_the_form_of_odrl():
    policy = Policy(
        permissions=(Rule(action="commercialize", constraint=Constraint(regions=("CN",), until=date(2027, 1, 1))),),
        duties=(DutyOwed(action="delete", days=30),),
    )
    assert odrl.offer(policy, uid="urn:o", target="urn:t") == {
        "@context": ["http://www.w3.org/ns/odrl.jsonld", {"cc": "http://creativecommons.org/ns#"}],
        "@type": "Offer",
        "uid": "urn:o",
        "profile": "urn:jiebang:odrl:1",
        "target": "urn:t",
        "conflict": "prohibit",
        "permission": [
            {
                "action": "cc:CommercialUse",
                "constraint": [
                    {"leftOperand": "spatial", "operator": "isAnyOf", "rightOperand": ["CN"]},
                    {
                        "leftOperand": "dateTime",
                        "operator": "lteq",
                        "rightOperand": {"@value": "2027-01-01", "@type": "xsd:date"},
                    },
                ],
            }
        ],
        "obligation": [
            {
                "action": "delete",
                "constraint": [
                    {
                        "leftOperand": "delayPeriod",
                        "operator": "lteq",
                        "rightOperand": {"@value": "P30D", "@type": "xsd:duration"},
                    }
                ],
            }
        ],
    }


def test_other_writings_of_odrl_are_read():
    read = odrl.policy(
        {
            "@type": "odrl:Offer",
            "permission": {
                "action": "http://www.w3.org/ns/odrl/2/commercialize",
                "duty": [{"action": "odrl:attribute"}],
                "constraint": {
                    "leftOperand": "odrl:purpose",
                    "operator": {"@id": "odrl:eq"},
                    "rightOperand": "research",
                },
            },
            "prohibition": [{"action": {"@id": "https://creativecommons.org/ns#Distribution"}}],
        }
    )
    assert read == Policy(
        permissions=(Rule(action="commercialize", constraint=Constraint(purposes=("research",))),),
        prohibitions=(Rule(action="distribute"),),
        duties=(DutyOwed(action="attribute"),),
    )


def test_what_is_not_understood_of_odrl_is_refused_all_at_once():
    with pytest.raises(TermsRefused) as caught:
        odrl.policy(
            {
                "@type": "Dataset",
                "permission": [
                    {"action": "sell"},
                    {"action": "use", "refinement": []},
                    {"action": "derive", "constraint": [{"leftOperand": "count", "operator": "lteq", "rightOperand": "5"}]},
                ],
                "obligation": [
                    {"action": "delete"},
                    {"action": "delete", "constraint": [{"leftOperand": "delayPeriod", "operator": "lteq", "rightOperand": "P5D"}]},
                ],
            }
        )  # fmt: skip
    assert {(one.id, one.key) for one in caught.value.findings} == {
        ("odrl.not_a_policy", "@type"),
        ("odrl.action_unknown", "permission.0"),
        ("odrl.part_unknown", "permission.1.refinement"),
        ("odrl.constraint_unknown", "permission.2.constraint.0"),
        ("odrl.rules_differ", "obligation.1"),
    }
    with pytest.raises(TermsRefused, match=r"odrl\.wrong_value"):
        odrl.policy({"@type": "Offer", "permission": [{"action": "use"}, {"action": "use"}]})


@pytest.mark.parametrize("days", ["9" * 5_000, "99999", "٣", "-1", ""])
def test_a_number_of_days_that_nobody_meant_is_refused(days):
    """Python does not even read numbers of thousands of digits."""
    limit = {"leftOperand": "delayPeriod", "operator": "lteq", "rightOperand": f"P{days}D"}
    document = {"@type": "Offer", "obligation": [{"action": "delete", "constraint": [limit]}]}
    with pytest.raises(TermsRefused):
        odrl.policy(document)
