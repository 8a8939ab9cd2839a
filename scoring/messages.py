"""English sentences of every message id of `scoring`; `leaderboard.core.i18n` owns the other languages."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

MESSAGES: Final[Mapping[str, str]] = MappingProxyType(
    {
        # what was asked for
        "scoring.unknown_metric": "There is no metric “{metric}”. The nearest known one is “{nearest}”.",
        "scoring.unknown_option": "The metric “{metric}” has no option “{option}”. It has: {known}.",
        "scoring.option_value": "The option “{option}” of “{metric}” is {value}; it must be a whole number from {low} to {high}.",
        # the shape of the columns
        "scoring.lengths": "The truth has {truth} rows and the prediction has {prediction}; they must be the same rows in the same order.",
        "scoring.one_column": "The metric “{metric}” takes one column of predictions; {columns} were given.",
        "scoring.class_columns": "The truth holds class number {largest}, but the prediction has only {columns} probability columns; it needs one for each class.",
        "scoring.groups": "There are {groups} group labels for {rows} rows; every row needs exactly one.",
        "scoring.too_few": "An interval needs at least {needed} independent rows, queries or groups; there is only {count}.",
        # the values
        "scoring.truth_not_finite": "The truth holds {count} values that are not finite numbers (NaN or infinity), the first in row {row}.",
        "scoring.prediction_not_finite": "The prediction holds {count} values that are not finite numbers (NaN or infinity), the first in row {row}.",
        "scoring.not_probability": "{count} predicted values are not probabilities between 0 and 1, the first is {value} in row {row}.",
        "scoring.not_a_sum": "In {count} rows the probabilities of the classes do not sum to 1, the first sum is {value} in row {row}.",
        "scoring.repeated_item": "In {count} places of the truth an item comes twice in one list, the first in the list of query {row}; name each item once.",
        "scoring.overflow": "The values are so large that the score is no longer a finite number.",
        # what the truth must offer
        "scoring.not_binary": "The metric “{metric}” needs a truth of two classes, 0 and 1; it holds class number {largest}.",
        "scoring.one_class": "All rows have the same true class, so “{metric}” is not defined. A part of the data that is scored needs at least two classes.",
        "scoring.constant_truth": "All true values are the same, so “{metric}” is not defined.",
        "scoring.zero_truth": "{count} true values are 0, the first in row {row}; a percentage of 0 is not defined, so “{metric}” cannot be used here.",
        "scoring.nothing_relevant": "{count} queries have no relevant item in the truth, the first is query {row}; such a query cannot be scored.",
    }
)
