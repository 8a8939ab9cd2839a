"""Demands and listings as hypothesis draws them: small pools, so that they meet, fail and leave things open often."""

from datetime import date, timedelta

from hypothesis import strategies as st

from leaderboard.terms.demand import (
    Budget,
    DeliveryWanted,
    Demand,
    FieldWanted,
    GradeFloor,
    MeasureFloor,
    RankFloor,
    SizeWanted,
)
from leaderboard.terms.licences import POLICIES
from leaderboard.terms.listing import (
    Capacity,
    Certificate,
    Estimate,
    Evidence,
    FieldOffered,
    Graded,
    Listing,
    Period,
    Price,
)
from leaderboard.terms.policy import Constraint, DutyOwed, Policy, Rule, Usage
from leaderboard.terms.words import ACTIONS, DELIVERIES, DUTIES, GRADES, MUSTS, PERSONAL, PURPOSES, SECURITIES

TODAY = date(2026, 11, 28)
DAYS = st.integers(-1500, 600).map(lambda days: TODAY + timedelta(days=days))
REGIONS = ("CN", "CN-44", "CN-31", "HK", "SG")
SECTORS = ("finance", "energy", "healthcare")
NAMES = ("age", "年龄", "timestamp", "采集时间", "wind_speed", "风速", "rotor speed", "label")


def some(pool, most=3):
    return st.lists(st.sampled_from(tuple(pool)), unique=True, max_size=most).map(tuple)


def maybe(strategy):
    return st.none() | strategy


periods = st.tuples(maybe(DAYS), maybe(DAYS)).map(
    lambda pair: Period(first=min(pair), last=max(pair)) if None not in pair else Period(first=pair[0], last=pair[1])
)
constraints = st.builds(
    Constraint, purposes=some(PURPOSES, 2), regions=some(REGIONS, 2), industries=some(SECTORS, 2), until=maybe(DAYS)
)


def rules():
    one = st.builds(Rule, action=st.sampled_from(tuple(ACTIONS)), constraint=st.just(Constraint()) | constraints)
    return st.lists(one, max_size=4, unique_by=lambda rule: rule.action).map(tuple)


duties = st.sampled_from(tuple(DUTIES)).flatmap(
    lambda action: st.builds(
        DutyOwed, action=st.just(action), days=maybe(st.integers(0, 90)) if action == "delete" else st.none()
    )
)
policies = st.sampled_from(tuple(POLICIES.values())) | st.builds(
    Policy,
    permissions=rules(),
    prohibitions=rules(),
    duties=st.lists(duties, max_size=3, unique_by=lambda duty: duty.action).map(tuple),
)
usages = st.builds(
    Usage,
    actions=some(ACTIONS),
    purposes=some(PURPOSES, 2),
    regions=some(REGIONS, 2),
    industries=some(SECTORS, 1),
    since=maybe(DAYS),
    until=maybe(DAYS),
    cannot=some(DUTIES, 1),
)
shares = st.floats(0, 1)
estimates = (
    st.lists(shares, min_size=3, max_size=3).map(sorted).map(lambda v: Estimate(low=v[0], value=v[1], high=v[2]))
)
grades = (
    st.lists(st.integers(0, 4), min_size=3, max_size=3)
    .map(sorted)
    .map(lambda at: Graded(low=GRADES[at[0]], value=GRADES[at[1]], high=GRADES[at[2]]))
)
certificates = st.builds(Certificate, key=st.just("c1"), issuer=st.just("lab"), valid_until=DAYS)
evidence = st.builds(
    Evidence,
    key=st.sampled_from(("run-1", "run-2")),
    version=st.sampled_from(("v1", "v2")),
    measured_on=DAYS,
    measures=st.dictionaries(st.sampled_from(("A6", "Q7")), estimates, max_size=2),
    grade=maybe(grades),
    rank=maybe(shares),
    certificate=maybe(certificates),
)
amounts = st.sampled_from((0.0, 50.0, 900.0, 1000.0, 7000.0, 50_000.0))
prices = (
    st.sampled_from((Price(model="free"), Price(model="on-request")))
    | amounts.map(lambda low: Price(model="fixed", low=low))
    | st.tuples(amounts, st.sampled_from(("CNY", "USD"))).map(
        lambda pair: Price(model="range", low=pair[0], high=pair[0] * 2, currency=pair[1])
    )
)


def listings(key="l", kinds=("dataset", "dataset", "dataset", "annotation")):
    return st.builds(
        Listing,
        key=st.just(key),
        version=st.just("v1"),
        supplier=st.sampled_from(("north", "south")),
        kind=st.sampled_from(kinds),
        sector=maybe(st.sampled_from(SECTORS)),
        task=maybe(st.sampled_from(("regression", "forecasting"))),
        modalities=some(("table", "text")),
        sizes=st.dictionaries(st.sampled_from(("rows", "hours")), amounts, max_size=2),
        languages=some(("zh", "en", "yue")),
        fields=st.lists(
            st.builds(
                FieldOffered,
                name=st.sampled_from(NAMES),
                type=maybe(st.sampled_from(("number", "integer", "time"))),
                unit=maybe(st.sampled_from(("m/s", "km/h", "year"))),
            ),
            max_size=4,
            unique_by=lambda field: field.name,
        ).map(tuple),
        regions=some(REGIONS, 2),
        period=periods,
        updated=maybe(DAYS),
        deliveries=some(DELIVERIES),
        price=maybe(prices),
        exclusivity=maybe(st.sampled_from(("never", "negotiable", "only"))),
        security=maybe(st.sampled_from(tuple(SECURITIES))),
        personal=maybe(st.sampled_from(tuple(PERSONAL))),
        cross_border=st.sampled_from(("yes", "no", "unknown")),
        home=st.sampled_from(("CN", "CN", "SG")),
        policy=policies,
        evidence=st.lists(evidence, max_size=3).map(tuple),
        capacity=maybe(st.builds(Capacity, weekly=amounts, unit=st.sampled_from(("rows", "hours")))),
        receives_from=st.sampled_from((0, 0, 0, 2)),
    )


floors = st.one_of(
    st.builds(MeasureFloor, measure=st.sampled_from(("A6", "Q7")), limit=st.sampled_from((0.02, 0.1, 0.5))),
    st.builds(GradeFloor, grade=st.sampled_from(("B", "AA"))),
    st.builds(RankFloor, limit=st.sampled_from((0.1, 0.5))),
)
demands = st.builds(
    Demand,
    key=st.just("d"),
    verified=st.integers(0, 3),
    kind=st.sampled_from(("dataset", "dataset", "annotation")),
    sectors=some(SECTORS, 2),
    task=maybe(st.just("regression")),
    modalities=some(("table", "text"), 1),
    languages=some(("zh", "en"), 2),
    regions=some(REGIONS, 1),
    period=periods,
    sizes=st.lists(
        st.builds(
            SizeWanted,
            unit=st.sampled_from(("rows", "hours")),
            least=maybe(st.sampled_from((100.0, 1000.0))),
            ideal=maybe(st.sampled_from((5000.0, 20_000.0))),
        ),
        max_size=2,
        unique_by=lambda size: size.unit,
    ).map(tuple),
    fields=st.lists(
        st.builds(
            FieldWanted,
            name=st.sampled_from(NAMES),
            type=maybe(st.sampled_from(("number", "time"))),
            unit=maybe(st.sampled_from(("m/s", "year"))),
            must=st.booleans(),
        ),
        max_size=3,
    ).map(tuple),
    floors=st.lists(floors, max_size=2).map(tuple),
    certificate=st.booleans(),
    usage=st.just(Usage()) | usages,
    security=maybe(st.sampled_from(tuple(SECURITIES))),
    personal=maybe(st.sampled_from(tuple(PERSONAL))),
    exclusive=st.sampled_from((False, False, True)),
    budget=maybe(st.builds(Budget, high=maybe(st.sampled_from((500.0, 10_000.0))))),
    delivery=st.builds(DeliveryWanted, any_of=some(DELIVERIES, 2), required=some(DELIVERIES, 1)),
    deadline=maybe(DAYS),
    musts=some(MUSTS, 4),
    weights=st.dictionaries(st.sampled_from(("relevance", "size", "quality")), st.floats(0, 10), max_size=2),
)
offers = st.lists(listings(), max_size=5).map(
    lambda drawn: tuple(one.model_copy(update={"key": f"l{at}"}) for at, one in enumerate(drawn))
)
relevances = st.dictionaries(st.sampled_from([f"l{at}" for at in range(6)]), maybe(shares))
