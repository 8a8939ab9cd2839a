"""Why a set of rows cannot be measured: one sentence for each reason."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

REFUSALS: Final[Mapping[str, str]] = MappingProxyType(
    {
        # the organizer's package
        "utility.unknown_model": "There is no reference model “{model}”. The nearest known one is “{nearest}”.",
        "utility.no_model": "No reference model was chosen; at least one is needed.",
        "utility.model_target": "The model “{model}” cannot be used with the metric “{metric}”, which needs {target}.",
        "utility.model_inputs": "The model “{model}” reads columns of the kinds {inputs}; the features hold none of them.",
        "utility.metric": "The metric “{metric}” compares lists; utility needs a metric of classes or numbers.",
        "utility.target_is_feature": "The column “{target}” is both the target and a feature.",
        "utility.no_features": "The hidden test and the reference have no usable feature column in common.",
        "utility.columns": "There are {count} feature columns; at most {most} can be measured. Name those that matter.",
        "utility.unlike_images": "The column “{column}” must hold images of one size: a list of {width} numbers in each row.",
        "utility.classes": "The target “{target}” has {count} classes in the reference; from 2 to {most} can be measured.",
        "utility.unknown_label": "The hidden test holds the label “{label}”, which does not occur in the reference.",
        "utility.test_label": "{count} rows of the hidden test have no label; every row needs one.",
        "utility.test_rows": "The hidden test has {rows} rows; at least {fewest} are needed.",
        "utility.option_value": "The setting “{option}” is {value}; it must be a whole number from {low} to {high}.",
        "utility.no_scale": "The organizer's reference trains no better models than the raw data: {reference} against {raw} "
        "({metric}), a gain of {gain} with a standard error of {error}. Usefulness has no scale here.",
        # the submission
        "utility.missing_columns": "Columns are missing: {columns}. The reference models need them.",
        "utility.missing_target": "The target column “{target}” is missing.",
        "utility.too_few_rows": "Only {rows} rows have a usable label in “{target}”; at least {fewest} are needed to train a model.",
        "utility.one_class": "All labelled rows have the same value in “{target}”; a model cannot be trained on that.",
        "utility.other_yardstick": "These two results were measured with different settings or on different hidden rows.",
    }
)


class Refused(ValueError):
    """These rows cannot be measured. `id` names the sentence in `REFUSALS`, `params` (JSON values) fill it.

    >>> print(Refused("utility.missing_target", target="late"))
    The target column “late” is missing.
    """

    def __init__(self, message_id: str, /, **params: str | float) -> None:
        super().__init__(REFUSALS[message_id].format(**params))
        self.id = message_id
        self.params = params
