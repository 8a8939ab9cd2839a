"""What may be done with a dataset: the licence's word, the owner's beside it, and the form in which it is said."""

import json
from dataclasses import replace
from datetime import date

import mlcroissant
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.core.errors import Malformed
from leaderboard.datasets import service, usage, usage_form
from leaderboard.datasets.fields import CardWords
from leaderboard.datasets.models import Dataset
from leaderboard.datasets.typed import Typed
from leaderboard.terms import odrl
from leaderboard.terms.allowing import differences
from leaderboard.terms.licences import POLICIES
from leaderboard.terms.policy import Constraint, DutyOwed, Policy, Rule
from leaderboard.terms.words import ACTIONS, DUTIES
from tests.datasets.test_service import WORDS, publish, refer, rows

IN_CHINA = Constraint(regions=("CN",), until=date(2027, 6, 30))
SOLD = Policy(permissions=(Rule(action="commercialize", constraint=IN_CHINA),))

LIMITS = st.sampled_from(
    [Constraint(), IN_CHINA, Constraint(purposes=("research",)), Constraint(industries=("energy",))]
)


@st.composite
def own_words(draw):
    """What an owner may say: an answer or none for each action, and duties."""
    answers = draw(st.fixed_dictionaries({action: st.sampled_from(["", "yes", "no"]) for action in ACTIONS}))
    rules = {action: Rule(action=action, constraint=draw(LIMITS)) for action in ACTIONS}
    duties = draw(st.lists(st.sampled_from([*DUTIES]), unique=True))
    return usage.as_written(
        Policy(
            permissions=tuple(rules[action] for action, answer in answers.items() if answer == "yes"),
            prohibitions=tuple(rules[action] for action, answer in answers.items() if answer == "no"),
            duties=tuple(DutyOwed(action=duty) for duty in duties),
        )
    )


@given(st.sampled_from([*POLICIES]), own_words())
def test_beside_a_licence_an_owner_gives_more_and_never_takes(licence, own):
    said = usage.beside(licence, own)
    if [*usage.faults(licence, said)]:
        return
    found = differences(POLICIES[licence], usage.policy_of(licence, said))
    taken = [one for one in found if one.effect != "wider" and one.clause.partition(".")[0] == "permission"]
    assert [one for one in taken if POLICIES[licence].permission(one.clause.partition(".")[2])] == []
    assert [one for one in found if one.clause.startswith("duty")] == []


@given(st.sampled_from(["", *POLICIES, "LicenseRef-OpenSky-Network"]), own_words())
def test_what_holds_is_remembered_by_what_was_said_beside(licence, own):
    said = usage.beside(licence, own)
    holds = usage.policy_of(licence, said)
    assert usage.policy_of(licence, usage.beside(licence, holds)) == holds
    assert {rule.action for rule in holds.permissions} | {rule.action for rule in holds.prohibitions} >= {
        rule.action for rule in (*own.permissions, *own.prohibitions)
    }


@given(own_words())
def test_the_form_gives_back_what_was_put_into_it(own):
    typed = Typed(usage_form.ruled(own, "zh"))
    assert (usage_form.rules(typed), typed.faults) == (own, [])


@given(own_words())
def test_what_a_card_keeps_is_what_was_said(own):
    kept = Dataset(slug="x", created_at=None)
    CardWords(own=own).write(kept)
    json.dumps(kept.own_terms)
    assert CardWords.of(kept).own == own


@pytest.mark.parametrize("licence", POLICIES)
def test_a_licence_alone_is_that_licence(licence):
    policy = usage.policy_of(licence, Policy())
    assert policy == POLICIES[licence]
    assert usage.beside(licence, policy) == Policy()


def test_a_policy_with_words_of_its_own_names_no_licence():
    policy = usage.policy_of("CC-BY-NC-4.0", SOLD)
    assert policy.licence is None
    assert policy.prohibitions == ()
    assert [duty.action for duty in policy.duties] == ["attribute"]


@pytest.mark.parametrize(
    ("form", "fields"),
    [
        ({"licence": "CC-BY-4.0", "do-derive": "no"}, {"do-derive"}),
        ({"licence": "CC-BY-4.0", "do-train-models": "yes", "in-train-models": "CN"}, {"do-train-models"}),
        ({"licence": "CC-BY-4.0", "duty-delete": "yes"}, {"duties"}),
        ({"licence": "", "in-use": "China"}, {"in-use"}),
        ({"licence": "", "until-use": "2027-01-01"}, {"do-use"}),
    ],
)
def test_what_an_owner_cannot_say_is_named_at_its_field(form, fields):
    assert {fault.field for fault in CardWords.typed(form).faults()} == fields


def test_a_card_without_a_licence_is_published_on_terms_of_its_owner(dock):
    slug = refer(dock, words=replace(WORDS, title_zh="", licence=""))
    with pytest.raises(Malformed) as refusal:
        publish(dock, slug)
    assert [fault.field for fault in refusal.value.fields] == ["licence"]
    with dock.resources.write() as work:
        service.edit(work, dock.captain, slug, replace(WORDS, title_zh="", licence="", own=SOLD))
    publish(dock, slug)
    (kept,) = rows(dock, Dataset)
    assert kept.own_terms == {
        "permissions": [{"action": "commercialize", "constraint": {"regions": ["CN"], "until": "2027-06-30"}}]
    }


@pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
def test_the_terms_are_said_on_the_card_and_in_every_description(dock, browser_of):
    slug = refer(dock, words=replace(WORDS, title_zh="", licence="CC-BY-NC-4.0"))
    mine = browser_of(dock.captain)
    card = mine.get(f"/en/datasets/{slug}/edit").text
    assert "As the licence says" in card
    form = {"title_en": "Tides", "summary_zh": "潮位。", "provenance_en": "Gauges.", "sector": "energy", "modality-table": "yes",
            "licence": "CC-BY-NC-4.0"}  # fmt: skip
    wrong = mine.post(f"/en/datasets/{slug}/edit", data=form | {"do-use": "no"})
    assert wrong.status_code == 422
    assert 'id="do-use-error"' in wrong.text
    sold = form | {"do-commercialize": "yes", "in-commercialize": "cn", "until-commercialize": "2027-06-30"}
    assert mine.post(f"/en/datasets/{slug}/edit", data=sold).status_code == 303
    publish(dock, slug)
    public = browser_of()
    html = public.get(f"/en/datasets/{slug}").text
    assert 'Use it to earn money</span> <span class="muted small">In: China; Until: 2027-06-30' in html
    assert "您须做到" in public.get(f"/zh/datasets/{slug}").text
    expected = usage.policy_of("CC-BY-NC-4.0", SOLD)
    croissant = public.get(f"/zh/datasets/{slug}/croissant.json").json()
    assert odrl.policy(croissant["usageInfo"]) == expected
    assert mlcroissant.Dataset(jsonld=croissant).metadata.name == "Tides"
    assert odrl.policy(public.get(f"/api/v1/datasets/{slug}").json()["usage_policy"]) == expected
    assert odrl.policy(public.get(f"/en/datasets/{slug}/datapackage.json").json()["odrl:hasPolicy"]) == expected
    extras = public.get(f"/api/3/action/package_show?id={slug}").json()["result"]["extras"]
    said = {extra["key"]: extra["value"] for extra in extras}["usage_policy"]
    assert odrl.policy(json.loads(said)) == expected


@pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)
def test_own_terms_are_a_licence_of_their_own_in_the_catalogue(dock, browser_of):
    slug = refer(dock, words=replace(WORDS, title_zh="", licence="", own=SOLD))
    publish(dock, slug)
    page = browser_of().get("/en/datasets?licence=own")
    assert page.status_code == 200
    assert f'href="/en/datasets/{slug}"' in page.text
    assert "The owner&#39;s own terms" in page.text
