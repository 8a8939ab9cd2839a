"""The table of metrics. A newcomer adds one function to its family module and one record here; the law suite
(`tests/laws/`) then demands the rest.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from math import inf
from types import MappingProxyType
from typing import Final

from scoring.errors import ScoringError
from scoring.metric import Metric, Option

_CUT = Option("k", default=10, low=1, high=10_000, explanation="How many places of each list count.")

_RECORDS: Final = (
    Metric(
        key="roc_auc",
        title="ROC AUC",
        explanation="How often a positive row, drawn at random, is scored above a negative one; ties count one half. "
        "0.5 is chance, 1 is perfect.",
        direction="max",
        low=0,
        high=1,
        truth="class",
        inputs=("probability", "number"),
        interval="delong",
        function="thresholds.roc_auc",
        source="Hanley and McNeil 1982, doi:10.1148/radiology.143.1.7063747",
    ),
    Metric(
        key="average_precision",
        title="Average precision",
        explanation="Rows are read from the highest score down; at each positive row the share of positives so far is taken, and these shares are averaged. "
        "A random order scores about the share of positives in the data, 1 is perfect.",
        direction="max",
        low=0,
        high=1,
        truth="class",
        inputs=("probability", "number"),
        interval="rows",
        function="thresholds.average_precision",
        source="Manning, Raghavan and Schütze 2008, Introduction to Information Retrieval, section 8.4",
    ),
    Metric(
        key="accuracy",
        title="Accuracy",
        explanation="The share of rows whose predicted class is right.",
        direction="max",
        low=0,
        high=1,
        truth="class",
        inputs=("class",),
        interval="rows",
        function="classes.accuracy",
        source="ISO/IEC TS 4213:2022, Assessment of machine learning classification performance",
    ),
    Metric(
        key="balanced_accuracy",
        title="Balanced accuracy",
        explanation="For each class the share of its rows that were recognised, averaged over the classes: "
        "a rare class counts as much as a common one.",
        direction="max",
        low=0,
        high=1,
        truth="class",
        inputs=("class",),
        interval="bootstrap",
        function="classes.balanced_accuracy",
        source="Brodersen et al. 2010, doi:10.1109/ICPR.2010.764",
    ),
    Metric(
        key="f1_macro",
        title="Macro F1",
        explanation="F1 joins precision (how many of the rows given a class belong to it) and recall (how many of its rows were found). "
        "It is computed for each class, then averaged: every class counts the same.",
        direction="max",
        low=0,
        high=1,
        truth="class",
        inputs=("class",),
        interval="bootstrap",
        function="classes.f1_macro",
        source="Opitz and Burst 2019, Macro F1 and Macro F1, arXiv:1911.03347 (the mean of the F1 of the classes)",
    ),
    Metric(
        key="f1_micro",
        title="Micro F1",
        explanation="F1 computed over all rows at once. With exactly one class for each row it equals accuracy.",
        direction="max",
        low=0,
        high=1,
        truth="class",
        inputs=("class",),
        interval="rows",
        function="classes.f1_micro",
        source="Manning, Raghavan and Schütze 2008, Introduction to Information Retrieval, section 13.6",
    ),
    Metric(
        key="f1_weighted",
        title="Weighted F1",
        explanation="F1 joins precision (how many of the rows given a class belong to it) and recall (how many of its rows were found). "
        "It is computed for each class, then averaged with the class's number of true rows as weight.",
        direction="max",
        low=0,
        high=1,
        truth="class",
        inputs=("class",),
        interval="bootstrap",
        function="classes.f1_weighted",
        source="Van Rijsbergen 1979, Information Retrieval, chapter 7 (F); mean weighted by class size",
    ),
    Metric(
        key="mcc",
        title="Matthews correlation",
        explanation="The correlation between true and predicted classes. 1 is perfect, 0 is no better than guessing, "
        "below 0 is worse than guessing.",
        direction="max",
        low=-1,
        high=1,
        truth="class",
        inputs=("class",),
        interval="bootstrap",
        function="classes.mcc",
        source="Gorodkin 2004, doi:10.1016/j.compbiolchem.2004.09.006",
    ),
    Metric(
        key="quadratic_kappa",
        title="Quadratic weighted kappa",
        explanation="Agreement on ordered classes beyond chance, where a miss costs the square of its distance in steps. "
        "1 is full agreement, 0 is chance, below 0 is worse than chance.",
        direction="max",
        low=-1,
        high=1,
        truth="class",
        inputs=("class",),
        interval="bootstrap",
        function="classes.quadratic_kappa",
        source="Cohen 1968, doi:10.1037/h0026256",
    ),
    Metric(
        key="log_loss",
        title="Log loss",
        explanation="The mean of −ln(p), where p is the probability given to the class that was true. "
        "0 is perfect; being sure of the wrong class costs most (36 a row).",
        direction="min",
        low=0,
        high=inf,
        truth="class",
        inputs=("probability",),
        wide=True,
        interval="rows",
        function="probabilities.log_loss",
        source="Good 1952, doi:10.1111/j.2517-6161.1952.tb00104.x",
    ),
    Metric(
        key="brier",
        title="Brier score",
        explanation="The mean squared distance between the probabilities and what happened. "
        "0 is perfect; always saying 0.5 to a yes-or-no question scores 0.25.",
        direction="min",
        low=0,
        high=1,
        truth="class",
        inputs=("probability",),
        wide=True,
        interval="rows",
        function="probabilities.brier",
        source="Brier 1950, doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2, halved so that the worst is 1",
    ),
    Metric(
        key="mae",
        title="Mean absolute error",
        explanation="How far off a prediction is on average, in the unit of the target.",
        direction="min",
        low=0,
        high=inf,
        truth="number",
        inputs=("number",),
        interval="rows",
        function="regression.mae",
        source="Hyndman and Koehler 2006, doi:10.1016/j.ijforecast.2006.03.001",
    ),
    Metric(
        key="rmse",
        title="Root mean squared error",
        explanation="The typical size of an error, in the unit of the target; large errors weigh more than in the mean absolute error.",
        direction="min",
        low=0,
        high=inf,
        truth="number",
        inputs=("number",),
        interval="rows",
        function="regression.rmse",
        source="Hyndman and Koehler 2006, doi:10.1016/j.ijforecast.2006.03.001",
    ),
    Metric(
        key="r2",
        title="R²",
        explanation="The share of the target's variance that is explained. 1 is perfect, 0 is as good as always saying the mean, "
        "below 0 is worse than that.",
        direction="max",
        low=-inf,
        high=1,
        truth="number",
        inputs=("number",),
        interval="rows",
        function="regression.r2",
        source="Kvålseth 1985, doi:10.1080/00031305.1985.10479448, equation 1",
    ),
    Metric(
        key="mape",
        title="Mean absolute percentage error",
        explanation="The mean of the error divided by the true value, signs ignored: 0.05 means 5 % off on average.",
        direction="min",
        low=0,
        high=inf,
        truth="number",
        inputs=("number",),
        interval="rows",
        function="regression.mape",
        source="Hyndman and Koehler 2006, doi:10.1016/j.ijforecast.2006.03.001",
    ),
    Metric(
        key="smape",
        title="Symmetric percentage error",
        explanation="The mean of the error divided by half the sum of the sizes of the true and the predicted value, signs ignored. "
        "0 is perfect, 2 is the worst.",
        direction="min",
        low=0,
        high=2,
        truth="number",
        inputs=("number",),
        interval="rows",
        function="regression.smape",
        source="Makridakis, Spiliotis and Assimakopoulos 2020 (M4), doi:10.1016/j.ijforecast.2019.04.014",
    ),
    Metric(
        key="map_at_k",
        title="MAP@k",
        explanation="For each query the mean precision at the places, among the first k, where a relevant item stands; "
        "then the mean over the queries. Relevant items near the top count most, 1 is perfect.",
        direction="max",
        low=0,
        high=1,
        truth="list",
        inputs=("list",),
        options=(_CUT,),
        interval="rows",
        function="lists.map_at_k",
        source="Manning, Raghavan and Schütze 2008, Introduction to Information Retrieval, section 8.4, cut at k",
    ),
    Metric(
        key="ndcg_at_k",
        title="nDCG@k",
        explanation="The relevance gathered by the first k places of a list, worth less the lower the place, as a share of the best possible; "
        "then the mean over the queries. 1 is perfect.",
        direction="max",
        low=0,
        high=1,
        truth="list",
        inputs=("list",),
        options=(_CUT,),
        interval="rows",
        function="lists.ndcg_at_k",
        source="Järvelin and Kekäläinen 2002, doi:10.1145/582415.582418",
    ),
)

METRICS: Final[Mapping[str, Metric]] = MappingProxyType({record.key: record for record in _RECORDS})


def find(key: str) -> Metric:
    """The record of this key; ScoringError with the nearest known key if there is none.

    >>> find("rmse").direction
    'min'
    >>> find("roc-auc")
    Traceback (most recent call last):
    scoring.errors.ScoringError: There is no metric “roc-auc”. The nearest known one is “roc_auc”.
    """
    if key not in METRICS:
        nearest = get_close_matches(key, METRICS, n=1, cutoff=0.0)[0]
        raise ScoringError("scoring.unknown_metric", metric=key, nearest=nearest)
    return METRICS[key]
