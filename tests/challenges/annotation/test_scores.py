"""What honest and dishonest annotators get, where it is known what they deserve."""

import numpy as np
import polars as pl
import pytest

from challenges.board_columns import COLUMNS
from scoring.agreement.coefficients import krippendorff_alpha
from scoring.agreement.labels import Labels
from scoring.agreement.simulate import average, biased, careful, constant, copying, hasty
from scoring.agreement.skills import LEVELS
from tests.challenges.annotation.jobs import CLASSES, handed, ids, scores, table, truth_of

K = len(CLASSES)
TEAM = [careful(K), careful(K), average(K), average(K), average(K), hasty(K), biased(K, 2)]
LABELS = {"classes": CLASSES, "seconds": "seconds"}


def test_the_scores_are_those_of_the_board_on_both_parts(job):
    report = job(labels=LABELS).hand_in(handed(truth_of(600), TEAM))
    assert report.outcome == "scored", report.findings
    keys = [column.key for column in COLUMNS["annotation"]]
    assert [(one.split, one.key) for one in report.scores] == [(s, k) for s in ("public", "private") for k in keys]
    assert all(one.low <= one.value <= one.high for one in report.scores)
    assert report.spread("public") is not None
    assert report.spread("private") is not None
    assert {"package", "scorer", "numpy", "polars"} <= report.made_with.keys()
    assert report.rows == 1800


def test_the_consensus_beats_every_single_annotator_and_the_plain_vote(job):
    """Of people right 70 to 85 times in 100, some of them biased; careful ones would leave nothing to beat."""
    team = [average(K), average(K), average(K), hasty(K), hasty(K), biased(K, 2)]
    made = job(2000, labels=LABELS)
    labels = handed(made.truth, team, per_item=5)
    report = made.hand_in(labels)
    found = scores(report)
    right = dict(zip(ids(2000), [CLASSES[i] for i in made.truth], strict=True))
    each = labels.with_columns(hit=pl.col("label") == pl.col("item").replace_strict(right))
    best = each.group_by("annotator").agg(pl.col("hit").mean())["hit"].max()
    counts = labels.group_by("item", "label").len().sort("item", "len", descending=True).unique("item", keep="first")
    vote = (counts["label"] == counts["item"].replace_strict(right)).mean()
    for split in ("public", "private"):
        assert found["accuracy", split] > best + 0.05
    assert (found["accuracy", "public"] * 300 + found["accuracy", "private"] * 700) / 1000 > vote


def test_the_better_team_is_placed_first_by_every_score(job):
    made = job(2000, cost=0.5)
    good = scores(made.hand_in(handed(made.truth, [careful(K)] * 6)))
    poor = scores(made.hand_in(handed(made.truth, [careful(K)] * 3 + [hasty(K)] * 3)))
    for split in ("public", "private"):
        for key in ("accuracy", "agreement", "weakest"):
            assert good[key, split] > poor[key, split]
        assert good["cost", split] < poor["cost", split]


def test_agreement_is_krippendorffs_and_the_same_on_both_parts(job):
    made = job(labels={"classes": CLASSES, "type": "ordinal", "seconds": "seconds"})
    labels = handed(made.truth, TEAM)
    found = scores(made.hand_in(labels))
    codes = [labels[name].rank("dense").to_numpy() for name in ("item", "annotator")]
    classes = labels["label"].replace_strict({name: i for i, name in enumerate(CLASSES)}).to_numpy()
    alpha = krippendorff_alpha(Labels.from_rows(*[code.astype(np.int64) for code in codes], classes), "ordinal")
    assert found["agreement", "public"] == found["agreement", "private"] == pytest.approx(alpha.value, abs=1e-12)
    assert made.report().alpha.items == 600


@pytest.mark.parametrize("cost", [0.0, 0.4])
def test_cost_is_what_was_paid_over_right_items(job, cost):
    made = job(cost=cost)
    found = scores(made.hand_in(handed(made.truth, TEAM)))
    for split in ("public", "private"):
        assert found["cost", split] == pytest.approx((cost or 1) * 1800 / (600 * found["accuracy", split]))


def test_more_labels_cost_more(job):
    made = job(per_item=2, cost=1.0)
    few = scores(made.hand_in(handed(made.truth, [careful(K)] * 6, per_item=2)))
    many = scores(made.hand_in(handed(made.truth, [careful(K)] * 6, per_item=4)))
    assert many["cost", "private"] > 1.7 * few["cost", "private"]


def test_nothing_right_is_still_a_number(job):
    made = job(truth=np.array([0, 1] * 300), cost=1e6)
    report = made.hand_in(handed(np.array([2, 3] * 300), [careful(K)] * 3))
    assert report.outcome == "scored"
    assert all(np.isfinite([one.value, one.low, one.high]).all() for one in report.scores)


def test_the_weakest_is_found_where_gold_tells_enough(job):
    made = job(2000)
    report = made.hand_in(handed(made.truth, [careful(K)] * 5 + [hasty(K)]))
    for one in report.scores:
        if one.key == "weakest":
            assert one.low < 0.70 < one.high
            assert one.value == pytest.approx(0.70, abs=0.08)


def test_few_labels_do_not_decide_who_is_weakest(job):
    """Somebody who labels two items, both wrong, beside people who are always right."""
    made = job(600, gold=range(600), per_item=3)
    labels = handed(made.truth, [careful(K)] * 4)
    before = scores(made.hand_in(labels))
    wrong = table(
        item=ids(2), annotator=["new", "new"], label=[CLASSES[(i + 1) % K] for i in made.truth[:2]], seconds=[1.0] * 2
    )
    after = scores(made.hand_in(pl.concat([labels, wrong])))
    for split in ("public", "private"):
        assert before["weakest", split] >= after["weakest", split] > before["weakest", split] - 0.1


def test_many_names_do_not_hide_the_weakest(job):
    """A hasty annotator who signs every label with a name of its own counts as one annotator, and gains nothing."""
    made = job(2000)
    labels = handed(made.truth, [careful(K)] * 5 + [hasty(K)])
    honest = scores(made.hand_in(labels))
    name = pl.when(pl.col("annotator") == "a5").then(pl.format("x{}", pl.int_range(pl.len()))).otherwise("annotator")
    hiding = scores(made.hand_in(labels.with_columns(name.alias("annotator"))))
    for split in ("public", "private"):
        assert hiding["weakest", split] == pytest.approx(honest["weakest", split], abs=1e-12)
        assert hiding["accuracy", split] <= honest["accuracy", split] + 0.005


def test_each_annotator_is_told_as_stated(job):
    made = job(3000, gold=range(3000), labels=LABELS)
    made.hand_in(handed(made.truth, [*TEAM, constant(K, 1)], per_item=4))
    report = made.report()
    by_name = {one.name: one for one in report.annotators}
    assert len(by_name) == report.annotators_in_all == 8
    for number, accuracy in enumerate([0.97, 0.97, 0.85, 0.85, 0.85, 0.70]):
        one = by_name[f"a{number}"]
        assert one.gold.low <= accuracy <= one.gold.high
        assert one.others.low - 0.01 <= accuracy <= one.others.high + 0.01
        assert one.seconds == pytest.approx([20, 20, 12, 12, 12, 6][number])
        assert one.towards is None
    assert by_name["a6"].towards == "dress"
    assert by_name["a6"].confusion.said == "dress"
    assert by_name["a7"].constant
    assert not by_name["a0"].constant
    levels = {one.name: one.level for one in report.annotators}
    assert (levels["a0"], levels["a3"], levels["a5"], levels["a7"]) == ("skilled", "qualified", "trainee", "trainee")
    assert set(levels.values()) <= {level.key for level in LEVELS}


def test_those_who_copy_are_suspected_and_nobody_else(job):
    made = job(3000)
    team = [average(K), average(K), average(K), average(K), careful(K), copying(K, 1)]
    made.hand_in(handed(made.truth, team))
    report = made.report()
    assert [(one.first, one.second) for one in report.pairs] == [("a1", "a5")]
    assert report.pairs[0].alike > 1.4 * report.pairs[0].expected
    assert report.pairs[0].chance < 1e-9
    assert report.pairs_in_all == 1
    assert report.pairs_compared == 15


def test_people_who_work_apart_are_not_suspected(job):
    made = job(3000)
    made.hand_in(handed(made.truth, TEAM))
    assert made.report().pairs == ()


def test_the_inspection_is_the_exact_one(job):
    made = job(2000, inspection={"sample": 200, "accept": 0.9})
    made.hand_in(handed(made.truth, [careful(K)] * 5))
    good = made.report().inspection
    assert (good.sample, good.allowed, good.lot, good.passed) == (200, 20, 2000, True)
    assert good.wrong <= 6
    assert good.right.value == 1 - good.wrong / 200
    assert good.consumer_risk < 0.55
    made.hand_in(handed(made.truth, [hasty(K), hasty(K), hasty(K)]))
    poor = made.report().inspection
    assert poor.wrong > good.wrong


def test_what_is_disagreed_on_comes_worst_first(job):
    made = job(60, per_item=2)
    names = ids(60)
    labels = [(name, who, "shirt") for name in names for who in ("a", "b", "c", "d")]
    frame = pl.DataFrame(labels, schema=["item", "annotator", "label"], orient="row")
    split = (pl.col("item") == names[9]) & pl.col("annotator").is_in(["a", "b"])
    one = (pl.col("item") == names[4]) & (pl.col("annotator") == "c")
    frame = frame.with_columns(
        label=pl.when(split).then(pl.lit("coat")).when(one).then(pl.lit("shoe")).otherwise("label")
    )
    made.hand_in(frame)
    report = made.report()
    assert [item.item for item in report.disagreed] == [names[9], names[4]]
    assert report.disagreed_in_all == 2
    assert [(one.label, one.count) for one in report.disagreed[0].labels] == [("shirt", 2), ("coat", 2)]
    assert [(one.label, one.count) for one in report.disagreed[1].labels] == [("shirt", 3), ("shoe", 1)]
    assert sum(one.count for one in report.consensus) == 60


def test_on_an_ordinal_scale_a_near_miss_is_a_small_one(job):
    made = job(60, per_item=2, labels={"classes": CLASSES, "type": "ordinal"})
    names = ids(60)
    rows = [(name, who, "shirt") for name in names for who in ("a", "b")]
    rows[1], rows[21] = (names[0], "b", "coat"), (names[10], "b", "shoe")
    made.hand_in(pl.DataFrame(rows, schema=["item", "annotator", "label"], orient="row"))
    assert [item.item for item in made.report().disagreed] == [names[10], names[0]]


def test_all_the_same_is_no_agreement(job):
    made = job(per_item=2)
    frame = pl.concat([table(item=ids(600), annotator=[who] * 600, label=["shirt"] * 600) for who in "ab"])
    report = made.hand_in(frame)
    assert report.outcome == "scored"
    assert [(one.value, one.low, one.high) for one in report.scores if one.key == "agreement"] == [(0, -1, 1)] * 2
    assert [(one.id, one.level) for one in report.findings] == [("agreement.one_value", "note")]
    assert made.report().alpha is None
    assert made.report().kappa is None


def test_one_label_an_item_is_scored_too(job):
    made = job(per_item=1, labels=LABELS)
    report = made.hand_in(handed(made.truth, [careful(K)] * 3, per_item=1))
    assert report.outcome == "scored"
    assert [one.id for one in report.findings] == ["agreement.no_pairs"]
    assert scores(report)["agreement", "public"] == 0
    assert made.report().annotators[0].agreement is None


def test_the_order_of_rows_does_not_matter_and_nothing_is_drawn_anew(job):
    made = job(labels=LABELS)
    labels = handed(made.truth, TEAM)
    first = made.hand_in(labels)
    said = made.said()
    for seed in (1, 2):
        again = made.hand_in(labels.sample(fraction=1, shuffle=True, seed=seed))
        assert (again.scores, again.spreads) == (first.scores, first.spreads)
        assert made.said() == said


def test_a_check_says_nothing_about_gold(job):
    made = job()
    report = made.hand_in(handed(made.truth, TEAM), scoring=False)
    assert (report.outcome, report.scores, report.spreads) == ("accepted", (), {})
    assert sorted(path.name for path in (made.scratch / "out").iterdir()) == ["findings.csv.gz", "report.json"]


def test_more_annotators_than_can_be_told_apart_are_refused(job, monkeypatch):
    made = job(labels=LABELS)
    monkeypatch.setattr("scoring.agreement.habits.MOST_CELLS", 2500)  # 4 (600 + 4 + pairs of annotator and label)
    assert made.hand_in(handed(made.truth, TEAM[:3])).outcome == "scored"
    report = made.hand_in(handed(made.truth, TEAM))
    assert report.outcome == "refused"
    assert [one.id for one in report.findings] == ["agreement.too_large"]
