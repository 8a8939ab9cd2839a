"""What people type about a listing: read with every fault at its field, and written back as it was."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.datasets import usage, usage_form
from leaderboard.datasets.typed import Typed
from leaderboard.exchange.listings import listing_form
from leaderboard.exchange.listings.sheet import Wording
from leaderboard.terms import words
from leaderboard.terms.licences import POLICIES
from leaderboard.terms.listing import Capacity, FieldOffered, Listing, Period, Price
from leaderboard.terms.policy import Constraint, DutyOwed, Policy, Rule


def faults(form: dict[str, str], kind: str = "dataset") -> list[tuple[str, str]]:
    return [(one.field, one.message.format(**one.params)) for one in listing_form.sheet(form, kind).faults]


def test_all_faults_are_named_at_once_each_at_its_field() -> None:
    form = {
        "sector": "astrology", "size-rows": "many", "regions": "Guangdong", "updated": "yesterday", "price_model": "fixed",
        "languages": "Chinese", "receives_from": "9", "period_first": "2025-02-01", "period_last": "2025-01-01",
        "until-use": "2027", "delete_days": "30",
    }  # fmt: skip
    assert [field for field, _ in faults(form)] == [
        "sector", "languages", "regions", "price_low", "until-use", "delete_days", "receives_from", "size-rows", "period_last",
        "updated",
    ]  # fmt: skip


def test_fields_are_one_a_line_and_wrong_lines_are_named() -> None:
    sheet = listing_form.sheet({"fields": "age，整数，岁\n\nname\nspeed,,km/h\n a, b | Text | -"}, "dataset")
    assert sheet.listing.fields == (
        FieldOffered(name="age", type="integer", unit="岁"),
        FieldOffered(name="name"),
        FieldOffered(name="speed", unit="km/h"),
        FieldOffered(name="a, b", type="text", unit="-"),
    )
    assert faults({"fields": "age, number?\nage\nage, text\n, text"}) == [
        ("fields", "Line 1: “number?” is no type of field"),
        ("fields", "Line 3: the field “age” stands there already"),
        ("fields", "Line 4: write a name first, then a type and a unit"),
    ]


def test_a_table_copied_from_a_spreadsheet_reads_as_fields() -> None:
    sheet = listing_form.sheet({"fields": "name\ttext\t\r\nage\tinteger\tyears"}, "dataset")
    assert [(field.name, field.type, field.unit) for field in sheet.listing.fields] == [
        ("name", "text", None),
        ("age", "integer", "years"),
    ]


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"price_low": "5"}, "price_model"),
        ({"price_model": "range", "price_low": "5"}, "price_low"),
        ({"price_model": "free", "price_low": "5"}, "price_low"),
        ({"price_model": "range", "price_low": "5", "price_high": "4"}, "price_high"),
    ],
)
def test_prices_that_are_none(form: dict[str, str], field: str) -> None:
    assert [at for at, _ in faults(form)] == [field]


def test_a_service_has_a_capacity_and_no_fields() -> None:
    sheet = listing_form.sheet({"capacity": "500", "capacity_unit": "images", "fields": "a"}, "annotation")
    assert (sheet.listing.capacity, sheet.listing.fields) == (Capacity(weekly=500, unit="images"), ())
    assert faults({"capacity": "500"}, "annotation") == [("capacity_unit", "Say in which unit the capacity is counted")]


@pytest.mark.parametrize("licence", POLICIES)
def test_a_licence_fills_the_form_with_its_own_terms(licence: str) -> None:
    typed = Typed(usage_form.filled({"licence": licence, "do-use": "no", "until-use": "2020-01-01"}, "zh"))
    assert usage_form.read(typed) == usage.as_written(POLICIES[licence])
    assert not typed.faults


def test_terms_beside_a_licence_are_not_the_licence() -> None:
    form = usage_form.values(POLICIES["CC-BY-4.0"], "en") | {"do-commercialize": "no"}
    assert [at for at, _ in faults(form)] == ["licence"]


def test_limits_of_nothing_are_a_question() -> None:
    assert [at for at, _ in faults({"in-derive": "CN"})] == ["do-derive"]


def test_industries_may_be_named_in_either_language() -> None:
    typed = Typed({"do-use": "yes", "industries-use": "Transport、能源, finance"})
    assert usage_form.read(typed).permissions[0].constraint.industries == ("transport", "energy", "finance")


def some(keys: Any) -> st.SearchStrategy[tuple[str, ...]]:
    keys = list(keys)
    return st.sets(st.sampled_from(keys)).map(lambda chosen: tuple(key for key in keys if key in chosen))


DAYS = st.none() | st.dates(date(1990, 1, 1), date(2090, 1, 1))
NAMES = (
    st.text(st.characters(categories=("L", "N"), include_characters="_ ,"), min_size=1, max_size=20)
    .map(lambda text: " ".join(text.split()))
    .filter(bool)
)
CONSTRAINTS = st.builds(
    Constraint,
    purposes=some(words.PURPOSES),
    regions=some(["CN", "CN-44", "HK"]),
    industries=some(["energy"]),
    until=DAYS,
)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    answers = {action: draw(st.sampled_from(["yes", "no", ""])) for action in words.ACTIONS}
    rules = {action: Rule(action=action, constraint=draw(CONSTRAINTS)) for action in words.ACTIONS}
    return Policy(
        permissions=tuple(rules[action] for action, answer in answers.items() if answer == "yes"),
        prohibitions=tuple(rules[action] for action, answer in answers.items() if answer == "no"),
        duties=tuple(
            DutyOwed(action=duty, days=draw(st.none() | st.integers(0, 36_500)) if duty == "delete" else None)
            for duty in draw(some(words.DUTIES))
        ),
    )


@given(
    policy=policies(),
    names=st.lists(
        st.tuples(NAMES, st.none() | st.sampled_from(list(words.FIELD_TYPES)), st.none() | NAMES),
        unique_by=lambda f: f[0],
    ),
    rows=st.none() | st.floats(0, 1e15).map(lambda amount: round(amount, 3)),
    updated=DAYS,
    locale=st.sampled_from(["en", "zh"]),
    modalities=some(["table", "text"]),
)
def test_what_was_read_is_written_back(
    policy: Policy, names: Any, rows: float | None, updated: date | None, locale: str, modalities: tuple[str, ...]
) -> None:
    listing = Listing(
        key="-", version="", supplier="-", kind="dataset", policy=policy, updated=updated, modalities=modalities,
        fields=tuple(FieldOffered(name=name, type=type_, unit=unit) for name, type_, unit in names),
        sizes={} if rows is None else {"rows": rows}, price=Price(model="range", low=0.25, high=3e6), period=Period(first=updated),
        regions=("CN-44",), languages=("zh", "yue"), security="core", personal="masked", receives_from=2,
    )  # fmt: skip
    said = Wording(title_en="A title", scenario_zh="场景")
    sheet = listing_form.sheet(listing_form.values(said, listing, locale), "dataset")
    assert sheet.faults == ()
    assert (sheet.words, sheet.listing) == (said, listing)
