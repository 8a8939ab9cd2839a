"""What cannot be scored is refused in words; what only a programming mistake can bring raises TypeError or ValueError."""

import string

import numpy as np
import pytest

from scoring import MESSAGES, METRICS, Lists, ScoringError, evaluate

HALF = np.array([0.5, 0.5, 0.5])
CODES = np.array([0, 1, 1])
WIDE = np.full((3, 4), 0.25)
NAN = np.array([0.5, np.nan, np.inf])


def lists(*rows, gains=None):
    indptr = np.cumsum([0, *map(len, rows)])
    return Lists(indptr, np.array([item for row in rows for item in row], dtype=np.int64), gains)


REFUSED = [
    ("auc", CODES, HALF, {}, "scoring.unknown_metric", {"metric": "auc", "nearest": "roc_auc"}),
    (
        "mae",
        HALF,
        HALF,
        {"options": {"k": 3}},
        "scoring.unknown_option",
        {"metric": "mae", "option": "k", "known": "–"},
    ),
    (
        "map_at_k",
        lists([1], [2]),
        lists([1], [2]),
        {"options": {"k": 0}},
        "scoring.option_value",
        {"metric": "map_at_k", "option": "k", "value": "0", "low": 1, "high": 10_000},
    ),
    ("ndcg_at_k", lists([1], [2]), lists([1], [2]), {"options": {"k": True}}, "scoring.option_value", None),
    ("mae", HALF, HALF[:2], {}, "scoring.lengths", {"truth": 3, "prediction": 2}),
    ("mae", HALF[:0], HALF[:0], {}, "scoring.too_few", {"count": 0, "needed": 2}),
    ("mae", HALF[:1], HALF[:1], {}, "scoring.too_few", {"count": 1, "needed": 2}),
    ("mae", HALF, HALF, {"groups": [7, 7, 7]}, "scoring.too_few", {"count": 1, "needed": 2}),
    ("mae", HALF, HALF, {"groups": [1, 2]}, "scoring.groups", {"groups": 2, "rows": 3}),
    ("mae", HALF, HALF[:, None], {}, "scoring.one_column", {"metric": "mae", "columns": 1}),
    ("roc_auc", CODES, WIDE, {}, "scoring.one_column", {"metric": "roc_auc", "columns": 4}),
    ("log_loss", np.array([0, 1, 4]), WIDE, {}, "scoring.class_columns", {"largest": 4, "columns": 4}),
    ("mae", NAN, HALF, {}, "scoring.truth_not_finite", {"count": 2, "row": 1}),
    ("mae", HALF, NAN, {}, "scoring.prediction_not_finite", {"count": 2, "row": 1}),
    ("brier", CODES, NAN, {}, "scoring.prediction_not_finite", {"count": 2, "row": 1}),
    (
        "brier",
        CODES,
        np.array([0.5, 1.5, -1]),
        {},
        "scoring.not_probability",
        {"count": 2, "row": 1, "value": "1.5"},
    ),
    ("log_loss", CODES, WIDE * 2 - 0.75, {}, "scoring.not_probability", {"count": 12, "row": 0, "value": "-0.25"}),
    ("log_loss", CODES, WIDE * [[1], [0.9], [1.1]], {}, "scoring.not_a_sum", {"count": 2, "row": 1, "value": "0.9"}),
    ("roc_auc", np.array([0, 1, 2]), HALF, {}, "scoring.not_binary", {"metric": "roc_auc", "largest": 2}),
    ("log_loss", np.array([0, 1, 2]), HALF, {}, "scoring.not_binary", {"metric": "log_loss", "largest": 2}),
    ("roc_auc", CODES[1:], HALF[1:], {}, "scoring.one_class", {"metric": "roc_auc"}),
    ("average_precision", CODES * 0, HALF, {}, "scoring.one_class", {"metric": "average_precision"}),
    ("mcc", CODES * 0, CODES, {}, "scoring.one_class", {"metric": "mcc"}),
    ("quadratic_kappa", CODES * 0, CODES, {}, "scoring.one_class", {"metric": "quadratic_kappa"}),
    ("r2", HALF, np.arange(3.0), {}, "scoring.constant_truth", {"metric": "r2"}),
    ("mape", np.array([1.0, 0, -0.0]), HALF, {}, "scoring.zero_truth", {"metric": "mape", "count": 2, "row": 1}),
    ("map_at_k", lists([1], [], []), lists([1], [1], [1]), {}, "scoring.nothing_relevant", {"count": 2, "row": 1}),
    (
        "ndcg_at_k",
        lists([1], [2], gains=np.array([1.0, 0.0])),
        lists([1], [2]),
        {},
        "scoring.nothing_relevant",
        {"count": 1, "row": 1},
    ),
    ("map_at_k", lists([1, 2], [3, 3, 3]), lists([1], [3]), {}, "scoring.repeated_item", {"count": 2, "row": 1}),
    ("mae", np.array([1.7e308, 0]), np.array([-1.7e308, 0]), {}, "scoring.overflow", {}),
]


@pytest.mark.parametrize(("metric", "truth", "prediction", "settings", "message_id", "params"), REFUSED)
def test_refused_in_words(metric, truth, prediction, settings, message_id, params):
    with pytest.raises(ScoringError) as refused:
        evaluate(metric, truth, prediction, **settings)
    assert refused.value.id == message_id
    if params is not None:
        assert refused.value.params == params
    assert str(refused.value) == MESSAGES[message_id].format(**refused.value.params)


def test_every_sentence_about_scores_has_a_case_here_and_uses_its_params():
    ours = {message_id: sentence for message_id, sentence in MESSAGES.items() if message_id.startswith("scoring.")}
    assert {case[4] for case in REFUSED} == set(ours)
    for message_id, sentence in ours.items():
        named = {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
        params = next(case[5] for case in REFUSED if case[4] == message_id)
        assert named <= set(params), message_id


MISTAKES = [
    ("accuracy", np.array([0.0, 1.0]), CODES[:2], TypeError, "class codes"),
    ("accuracy", CODES[:2], np.array([["a"], ["b"]]), TypeError, "class codes"),
    ("accuracy", np.array([-1, 0]), CODES[:2], ValueError, "negative class code"),
    ("map_at_k", [[1], [2]], lists([1], [2]), TypeError, "Lists"),
    ("map_at_k", lists([1], [2]), Lists(np.array([0, 2, 1]), np.array([1])), ValueError, "indptr"),
    ("map_at_k", lists([1], [2]), Lists(np.array([1, 1, 2]), np.array([1, 2])), ValueError, "indptr"),
    ("map_at_k", lists([1], [2]), lists([1], [-2]), ValueError, "below -1"),
    ("map_at_k", lists([1], [-1]), lists([1], [2]), ValueError, "below 0"),
    ("mae", HALF[:, None], HALF, ValueError, "one column"),
    ("ndcg_at_k", lists([1], [2], gains=np.array([1.0, -1.0])), lists([1], [2]), ValueError, "gains"),
    ("ndcg_at_k", lists([1], [2], gains=np.array([1.0])), lists([1], [2]), ValueError, "gains"),
]


@pytest.mark.parametrize(("metric", "truth", "prediction", "error", "match"), MISTAKES)
def test_mistakes_of_the_caller(metric, truth, prediction, error, match):
    with pytest.raises(error, match=match) as mistake:
        evaluate(metric, truth, prediction)
    assert not isinstance(mistake.value, ScoringError)


def test_groups_must_be_integers():
    with pytest.raises(TypeError, match="integer labels"):
        evaluate("mae", HALF, HALF, groups=["a", "b", "c"])


@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_refuses_columns_of_another_length(metric):
    kind = METRICS[metric].truth
    if kind == "list":
        columns = lists([1], [2]), lists([1])
    elif kind == "class" and METRICS[metric].inputs == ("class",):
        columns = CODES, CODES[:2]
    else:
        columns = (CODES if kind == "class" else HALF), HALF[:2]
    with pytest.raises(ScoringError) as refused:
        evaluate(metric, *columns)
    assert refused.value.id == "scoring.lengths"
