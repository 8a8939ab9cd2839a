"""The table of reference models: fixed, seeded, on one thread; what a submission is trained with to see what it is worth.

Records hold no function but its address, so that pages can read them without loading NumPy. Every function is

    (train, target, test, task) -> prediction

train, test   feature rows as the record's `features` names them (see `scoring.utility.features.Encoded`)
target        int64 class codes (n,), or float64 numbers (n,) in units of the reference's standard deviation
task          `scoring.utility.tasks.Task`
prediction    float64 (t, classes), rows summing to one, or (t,) numbers

and is a function of its arguments alone. The rows are bounded by the caller: 2,500 in a small refit, 100,000 in a whole one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from types import MappingProxyType
from typing import Any, Final, Literal

from scoring.utility.refusals import Refused

Kind = Literal["number", "category", "text", "image"]
Target = Literal["binary", "multiclass", "regression"]
Features = Literal["indicators", "codes", "ngrams", "components"]


@dataclass(frozen=True, slots=True)
class ReferenceModel:
    """One reference model, as data.

    title, explanation   English; the sentence is written for a participant
    inputs               the kinds of columns that it reads; others are left out
    targets              what it can learn
    features             how it sees the rows: "indicators" sparse 0/1 of bins and categories; "codes" small whole numbers of
                         the same; "ngrams" sparse weights of character n-grams; "components" principal components of pixels
    convex               it has one best fit that moves smoothly with the rows, so it can be refitted on nearly all of them
                         and compared; a model without that is only read as a mean over many small refits
    function             "module.name" inside `scoring.utility`
    source               where the method is from
    version              goes up when the same rows would get another prediction
    """

    key: str
    title: str
    explanation: str
    inputs: tuple[Kind, ...]
    targets: tuple[Target, ...]
    features: Features
    convex: bool
    function: str
    source: str
    version: int = 1

    def load(self) -> Callable[..., Any]:
        """The function itself."""
        module, name = self.function.split(".")
        function: Callable[..., Any] = getattr(import_module(f"scoring.utility.{module}"), name)
        return function


_RECORDS: Final = (
    ReferenceModel(
        key="hashed-logistic",
        title="Linear model on bins",
        explanation="Logistic regression in which every number is replaced by the quantile bin it falls into and every category by a "
        "yes/no column (the most frequent ones; the rest share one). It has a single best fit and shows small defects of labels clearly.",
        inputs=("number", "category"),
        targets=("binary", "multiclass"),
        features="indicators",
        convex=True,
        function="linear.logistic",
        source="Cox 1958, doi:10.1111/j.2517-6161.1958.tb00292.x; L-BFGS: Liu and Nocedal 1989, doi:10.1007/BF01589116",
    ),
    ReferenceModel(
        key="boosted-trees",
        title="Boosted trees",
        explanation="Twenty-five small decision trees, each correcting the ones before it. It finds interactions of columns that a linear "
        "model cannot see.",
        inputs=("number", "category"),
        targets=("binary", "multiclass", "regression"),
        features="codes",
        convex=False,
        function="trees.boosted",
        source="Friedman 2001, doi:10.1214/aos/1013203451; scikit-learn's histogram gradient boosting",
    ),
    ReferenceModel(
        key="hashed-ridge",
        title="Linear regression on bins",
        explanation="Ridge regression in which every number is replaced by the quantile bin it falls into and every category by a yes/no column.",
        inputs=("number", "category"),
        targets=("regression",),
        features="indicators",
        convex=True,
        function="linear.ridge",
        source="Hoerl and Kennard 1970, doi:10.1080/00401706.1970.10488634",
    ),
    ReferenceModel(
        key="ngram-logistic",
        title="Linear model on character sequences",
        explanation="Logistic regression on which sequences of one to three characters occur in a text. It needs no dictionary and reads any language.",
        inputs=("text",),
        targets=("binary", "multiclass"),
        features="ngrams",
        convex=True,
        function="linear.logistic_of_texts",
        source="Cavnar and Trenkle 1994, N-gram-based text categorization; Weinberger et al. 2009, doi:10.1145/1553374.1553516",
    ),
    ReferenceModel(
        key="ngram-bayes",
        title="Naive Bayes on character sequences",
        explanation="Counts in which class each sequence of one to three characters occurs, and multiplies the odds.",
        inputs=("text",),
        targets=("binary", "multiclass"),
        features="ngrams",
        convex=True,
        function="bayes.multinomial",
        source="McCallum and Nigam 1998, A comparison of event models for naive Bayes text classification",
    ),
    ReferenceModel(
        key="ngram-ridge",
        title="Linear regression on character sequences",
        explanation="Ridge regression on which sequences of one to three characters occur in a text.",
        inputs=("text",),
        targets=("regression",),
        features="ngrams",
        convex=True,
        function="linear.ridge",
        source="Hoerl and Kennard 1970, doi:10.1080/00401706.1970.10488634",
    ),
    ReferenceModel(
        key="pixel-logistic",
        title="Linear model on pixels",
        explanation="Logistic regression on the directions in which the reference images differ most (principal components of their pixels).",
        inputs=("image",),
        targets=("binary", "multiclass"),
        features="components",
        convex=True,
        function="linear.logistic",
        source="Cox 1958, doi:10.1111/j.2517-6161.1958.tb00292.x; principal components: Hotelling 1933, doi:10.1037/h0071325",
    ),
    ReferenceModel(
        key="random-features",
        title="Random features of pixels",
        explanation="A one-layer network whose first layer is drawn once at random and never trained; only the last layer is fitted, by least squares.",
        inputs=("image",),
        targets=("binary", "multiclass", "regression"),
        features="components",
        convex=False,
        function="random_features.least_squares",
        source="Rahimi and Recht 2008, Random features for large-scale kernel machines",
    ),
)
MODELS: Final[Mapping[str, ReferenceModel]] = MappingProxyType({record.key: record for record in _RECORDS})


def find(key: str) -> ReferenceModel:
    """The record of a model; Refused if there is none."""
    if key not in MODELS:
        nearest = get_close_matches(key, MODELS, n=1, cutoff=0)
        raise Refused("utility.unknown_model", model=key, nearest=nearest[0])
    return MODELS[key]


def suited(kinds: set[Kind], target: Target) -> tuple[str, ...]:
    """The keys of all models that can read some of these kinds of columns and learn this target."""
    return tuple(key for key, model in MODELS.items() if target in model.targets and kinds.intersection(model.inputs))
