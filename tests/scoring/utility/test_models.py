"""The reference models, against peers that compute the same another way."""

import subprocess
import sys

import numpy as np
import pytest
from scipy import sparse
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import roc_auc_score

from scoring.utility import MODELS, Refused
from scoring.utility.bayes import multinomial
from scoring.utility.linear import logistic, ridge
from scoring.utility.models import find, suited
from scoring.utility.random_features import least_squares
from scoring.utility.tasks import Task
from scoring.utility.trees import boosted

BINARY, THREE, NUMBER = Task("y", ("0", "1")), Task("y", ("a", "b", "c")), Task("y")


def problem(classes: int, seed: int = 0):
    rng = np.random.default_rng(seed)
    rows = rng.integers(0, 6, (900, 5)).astype(np.uint8)
    score = rows @ rng.normal(size=(5, max(classes, 1))) + rng.normal(size=(900, max(classes, 1)))
    return rows, (score[:, 0] / 3 if classes == 0 else score.argmax(axis=1).astype(np.int64))


def wide(rows):
    return sparse.csr_matrix(np.hstack([np.eye(6)[column] for column in rows.T]))


@pytest.mark.parametrize(("classes", "task"), [(2, BINARY), (3, THREE)])
def test_logistic_is_that_of_scikit_learn(classes, task):
    rows, target = problem(classes)
    x = wide(rows)
    found = logistic(x[:600], target[:600], x[600:], task, change=1e-12)
    peer = LogisticRegression(C=1, tol=1e-8, max_iter=2000).fit(x[:600], target[:600]).predict_proba(x[600:])
    assert found == pytest.approx(peer, abs=2e-4)
    assert logistic(x[:600], target[:600], x[600:], task) == pytest.approx(peer, abs=0.01)


def test_ridge_is_that_of_scikit_learn():
    rows, target = problem(0)
    x = wide(rows)
    peer = Ridge(alpha=10, tol=1e-10).fit(x[:600].toarray(), target[:600]).predict(x[600:].toarray())
    assert ridge(x[:600], target[:600], x[600:], NUMBER) == pytest.approx(peer, abs=0.01)


def test_bayes_multiplies_the_odds():
    """Two n-grams, two classes: by hand."""
    x = sparse.csr_matrix(np.array([[1.0, 0], [1, 0], [0, 1]]))
    found = multinomial(x, np.array([0, 0, 1]), sparse.csr_matrix(np.array([[1.0, 0]])), BINARY)
    odds = (2.1 / 2.2 / (0.1 / 1.2)) ** 2 * (3 / 2)
    assert found[0].tolist() == pytest.approx([odds / (1 + odds), 1 / (1 + odds)])


@pytest.mark.parametrize("model", [boosted, least_squares])
def test_other_models_learn(model):
    rows, target = problem(2)
    given = rows if model is boosted else rows - 2.5
    found = model(given[:600], target[:600], given[600:], BINARY)
    assert found.sum(axis=1) == pytest.approx(np.ones(300))
    assert roc_auc_score(target[600:], found[:, 1]) > 0.8
    rows, target = problem(0)
    given = rows if model is boosted else rows - 2.5
    assert np.corrcoef(model(given[:600], target[:600], given[600:], NUMBER), target[600:])[0, 1] > 0.8


def test_a_class_that_was_not_seen_gets_nothing():
    rows, target = problem(2)
    assert (boosted(rows, target, rows[:5], THREE)[:, 2] == 0).all()


def test_records_are_complete_and_lead_to_functions():
    for key, model in MODELS.items():
        assert model.key == key
        assert callable(model.load())
        assert model.title[0].isupper()
        assert model.explanation.endswith(".")


def test_every_kind_of_target_and_column_has_a_model():
    for target in ("binary", "multiclass", "regression"):
        for kind in ("number", "category", "text", "image"):
            assert suited({kind}, target)


def test_an_unknown_model_is_named_with_its_neighbour():
    with pytest.raises(Refused, match="nearest known one is “boosted-trees”"):
        find("boosted-tree")


def test_the_table_loads_without_numpy():
    code = "import scoring.utility, sys; assert scoring.utility.MODELS; assert not {'numpy', 'sklearn', 'polars'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
