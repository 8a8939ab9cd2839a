"""Class probabilities of each row from models that have not seen it, nor any row that belongs with it.

The model is fixed: the mean of three that err differently, chosen by the average precision with which injected label errors
are found and by the error of the estimated rate on 19 real sets (`benchmarks/label_issues.py` prints both):

logistic regression       the best on texts; blind to interactions
the same on 300 features  of a Gaussian kernel (Nyström, Williams and Seeger 2001): smooth boundaries
100 extremely randomized  trees (Geurts, Ernst and Wehenkel 2006, doi:10.1007/s10994-006-6226-1), leaves of at least two rows

Boosted trees added nothing to their mean for three times the time; nearest neighbours alone were the worst. With more than 64
classes, where these cost too much, the mean of a shrunken linear discriminant and 15 nearest neighbours takes their place.

One thread; the same rows and seed give the same probabilities for every order of the rows and every naming of the classes.
"""

import warnings
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.decomposition import TruncatedSVD
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from scoring.labels.confusion import MOST_CLASSES
from scoring.labels.rows import Features, Float32Array, IntArray, folded, keys, renamed, shuffled, usable
from scoring.one_thread import one_thread

TRAINED_ROWS: Final = 10_000  # of one model: more rows are sampled
MANY_CLASSES: Final = 64
_COMPONENTS: Final = 100  # of sparse features, for the models that need dense ones
_BASIS: Final = 300
_TREES: Final = 100
_PRIOR: Final = 0.001  # the share of every probability that is the class's share of labels: none is 0
_PREDICTED_ROWS: Final = 20_000  # at once


def out_of_fold(
    features: Features,
    labels: npt.NDArray[np.integer],
    *,
    seed: int,
    folds: int = 5,
    groups: npt.NDArray[np.integer] | None = None,
    classes: int | None = None,
) -> Float32Array:
    """(n, k) float32 probabilities, each row's from a model fitted without its fold; rows sum to 1.

    features   (n, d) finite or not (NaN counts as 0), dense or CSR
    labels     (n,) codes 0 … k - 1, n ≥ 1
    groups     (n,) rows with one number stay in one fold (near-duplicates, one patient); rows with equal features do anyway
    classes    k, where the highest codes may not occur

    Folds are stratified and as many as there are groups, if those are fewer; where there is a single one, and for classes of
    which no other row is left, the probabilities fall back to the shares of labels. A model is fitted on at most 10,000 rows, a
    uniform sample by a hash of seed and content. Time is bounded for fitting and linear in rows for predicting.

    ValueError: shapes or codes are not as said.
    """
    features = usable(features)
    count = checked(features, labels, classes)
    content = keys(features, seed)
    order = shuffled(content, labels)  # what follows sees the rows in this order only
    codes, names = renamed(labels, order, count)
    fold = folded(codes, _joined(content, groups), order, folds)
    found = np.empty((len(labels), count), dtype=np.float32)
    with one_thread():
        views = _views(features, order, count, seed)
        for out in range(folds):
            inside, outside = order[fold[order] != out], order[fold[order] == out]
            if len(outside):
                found[outside] = _fitted(views, codes, inside[:TRAINED_ROWS], count, seed)(outside)
    return found[:, np.argsort(names)]


def suggest(
    features: Features, labels: npt.NDArray[np.integer], *, seed: int, classes: int | None = None
) -> tuple[npt.NDArray[np.int32], Float32Array]:
    """Pre-labels: the most likely class (m,) and its probability (m,) for each row whose label is -1, in the order of rows.

    The model is that of `out_of_fold`, fitted on at most 10,000 labelled rows. ValueError: no row is labelled, or as there.
    """
    features = usable(features)
    labelled = labels >= 0
    if not labelled.any():
        raise ValueError("without a single label there is nothing to learn from")
    count = checked(features, np.where(labelled, labels, 0), classes)
    order = shuffled(keys(features, seed), labels)
    with one_thread():
        views = _views(features, order, count, seed)
        found = _fitted(views, labels, order[labelled[order]][:TRAINED_ROWS], count, seed)(np.flatnonzero(~labelled))
    chosen = found.argmax(axis=1).astype(np.int32)
    return chosen, found[np.arange(len(found)), chosen]


def checked(features: Features, labels: npt.NDArray[np.integer], classes: int | None) -> int:
    """The number of classes k; ValueError if features and labels cannot be used together."""
    if labels.ndim != 1 or len(labels) != features.shape[0] or not len(labels):
        raise ValueError(f"labels {labels.shape} and features {features.shape} do not belong together")
    count = int(labels.max()) + 1 if classes is None else classes
    if not 1 <= count <= MOST_CLASSES:
        raise ValueError(f"labels are codes of 1 to {MOST_CLASSES} classes")
    if labels.dtype.kind not in "iu" or labels.min() < 0 or labels.max() >= count:
        raise ValueError(f"labels are codes from 0 to {count - 1}")
    return count


def _joined(content: npt.NDArray[np.uint64], groups: npt.NDArray[np.integer] | None) -> IntArray:
    """(n,) group numbers such that rows of one group, and rows of equal content, share one."""
    by_content = np.unique(content, return_inverse=True)[1]
    if groups is None:
        return by_content
    by_group = np.unique(groups, return_inverse=True)[1]
    size = len(content)
    links = sparse.coo_matrix((np.ones(size, np.int8), (by_content, by_group + size)), shape=(2 * size, 2 * size))
    parts: IntArray = sparse.csgraph.connected_components(links, directed=False)[1]
    return parts[by_content].astype(np.int64)


Predict = Callable[[IntArray], Float32Array]
Views = tuple[Features, Float32Array]  # for the linear model, and for the others


def _views(features: Features, order: IntArray, classes: int, seed: int) -> Views:
    """Sparse features as they are and as principal directions; dense ones twice."""
    if not sparse.issparse(features):
        return features, features
    size = min(_COMPONENTS, features.shape[1] - 1, len(order) - 1)
    if size < 1:
        dense = features.toarray()
        return dense, dense
    with np.errstate(
        invalid="ignore", divide="ignore"
    ):  # of a table of zeros it asks which share of no variance is explained
        directions = TruncatedSVD(size, random_state=_state(seed)).fit(features[order[:TRAINED_ROWS]])
    dense = np.nan_to_num(directions.transform(features).astype(np.float32))
    return (dense if classes > MANY_CLASSES else features), dense


def _state(seed: int) -> int:
    return seed % 2**32


def _fitted(views: Views, labels: npt.NDArray[np.integer], rows: IntArray, classes: int, seed: int) -> Predict:
    """What predicts (m, k) probabilities of rows by number, learnt from the labels of `rows`."""
    shares = (np.bincount(labels[rows], minlength=classes) + 1 / classes) / (len(rows) + 1)
    known = np.flatnonzero(np.bincount(labels[rows], minlength=classes))
    models = _models(views, classes, len(rows), len(known), seed) if len(known) > 1 else []
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # a fit that is cut off at 200 steps is good enough, and constant columns are no news
        for model, view in models:
            model.fit(view[rows], labels[rows])

    def predict(asked: IntArray) -> Float32Array:
        found = np.tile((shares * (_PRIOR if models else 1)).astype(np.float32), (len(asked), 1))
        for start in range(0, len(asked), _PREDICTED_ROWS):
            part = slice(start, start + _PREDICTED_ROWS)
            for model, view in models:
                told = model.predict_proba(view[asked[part]]) * ((1 - _PRIOR) / len(models))
                found[part, known] += told.astype(np.float32)
        found /= found.sum(axis=1, keepdims=True)
        return found

    return predict


def _models(views: Views, classes: int, rows: int, known: int, seed: int) -> list[tuple[Any, Features]]:
    """The models, each with the features that it reads, for `rows` rows with labels of `known` of all `classes`."""
    state = _state(seed)
    linear, dense = views
    scale = StandardScaler
    if classes > MANY_CLASSES:
        nearest = make_pipeline(scale(), KNeighborsClassifier(min(15, rows), algorithm="brute"))
        discriminant = make_pipeline(scale(), LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.1))
        return [(nearest, dense), (discriminant, dense)][: 2 if rows > known else 1]  # the latter needs a class of two
    first = (
        LogisticRegression(C=10, max_iter=200, tol=1e-3)
        if sparse.issparse(linear)
        else make_pipeline(scale(), LogisticRegression(C=0.3, max_iter=200, tol=1e-3))
    )
    kernel = make_pipeline(
        scale(),
        Nystroem(n_components=min(_BASIS, rows), random_state=state),
        scale(),
        LogisticRegression(C=0.03, max_iter=200, tol=1e-3),
    )
    trees = ExtraTreesClassifier(_TREES, min_samples_leaf=2, random_state=state, n_jobs=1)
    return [(first, linear), (kernel, dense), (trees, dense)]
