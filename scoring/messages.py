"""English sentences of every message id of `scoring`; `leaderboard.core.i18n` owns the other languages."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from scoring.utility.refusals import REFUSALS

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
        # several people's labels
        "agreement.no_labels": "There are no labels.",
        "agreement.twice": "{count} labels are given twice by the same annotator to the same item, the first in row {row}.",
        "agreement.negative": "{count} labels are below 0, the first in row {row}; a class is a whole number from 0.",
        "agreement.not_finite": "{count} labels are not finite numbers (NaN or infinity), the first in row {row}.",
        "agreement.unknown_class": "{count} labels name a class that does not exist, the first is class number {largest}; there are {classes} classes.",
        "agreement.not_classes": "This needs classes (whole numbers from 0), but the labels are measurements.",
        "agreement.no_pairs": "No item has labels of two annotators, so nothing can agree.",
        "agreement.one_value": "All labels are the same, so agreement cannot be told from chance.",
        "agreement.negative_ratio": "{count} values are below 0; the level “ratio” needs a scale that starts at 0.",
        "agreement.too_many_values": "The level “ratio” compares every value with every other one, and there are {count} pairs of them; {most} is the most. Round the values first.",
        "agreement.not_in_common": "The two annotators have no item in common.",
        "agreement.too_large": "{cells} numbers would be needed for this many items, annotators and classes; {most} is the most.",
        "agreement.gold_twice": "{count} items have two different gold classes.",
        "agreement.backwards": "{count} spans or boxes do not end after they start, or hold NaN or infinity; the first is in row {row}.",
        "agreement.repeated": "{count} entries come twice in the same item, the first in row {row}; name each once.",
        "agreement.too_many_overlaps": "{count} pairs of spans or boxes in the same item would have to be compared; {most} is the most.",
        "agreement.nothing_true": "The truth holds nothing to find.",
        "agreement.sample_too_small": "{sampled} items were inspected; the plan asks for {needed} of {population}.",
        "agreement.no_plan": "To tell these two qualities apart a sample would have to allow {most} faults or more. Let them lie further apart, or accept more risk.",
        # what a submission is worth for training
        **REFUSALS,
    }
)
