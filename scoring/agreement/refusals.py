"""Why labels cannot be judged, in words: ids and English sentences."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from scoring.errors import Param

SENTENCES: Final[Mapping[str, str]] = MappingProxyType(
    {
        # the labels
        "agreement.no_labels": "There are no labels.",
        "agreement.twice": "{count} labels are given twice by the same annotator to the same item, the first in row {row}.",
        "agreement.negative": "{count} labels are below 0, the first in row {row}; a class is a whole number from 0.",
        "agreement.not_finite": "{count} labels are not finite numbers (NaN or infinity), the first in row {row}.",
        "agreement.unknown_class": "{count} labels name a class that does not exist, the first is class number {largest}; there are {classes} classes.",
        "agreement.not_classes": "This needs classes (whole numbers from 0), but the labels are measurements.",
        # agreement
        "agreement.no_pairs": "No item has labels of two annotators, so nothing can agree.",
        "agreement.one_value": "All labels are the same, so agreement cannot be told from chance.",
        "agreement.negative_ratio": "{count} values are below 0; the level “ratio” needs a scale that starts at 0.",
        "agreement.too_many_values": "The level “ratio” compares every value with every other one, and there are {count} pairs of them; {most} is the most. Round the values first.",
        "agreement.not_in_common": "The two annotators have no item in common.",
        # consensus
        "agreement.too_large": "{cells} numbers would be needed for this many items, annotators and classes; {most} is the most.",
        "agreement.gold_twice": "{count} items have two different gold classes.",
        # spans, boxes, texts
        "agreement.backwards": "{count} spans or boxes do not end after they start, or hold NaN or infinity; the first is in row {row}.",
        "agreement.repeated": "{count} entries come twice in the same item, the first in row {row}; name each once.",
        "agreement.too_many_overlaps": "{count} pairs of spans or boxes in the same item would have to be compared; {most} is the most.",
        "agreement.nothing_true": "The truth holds nothing to find.",
        # inspection
        "agreement.sample_too_small": "{sampled} items were inspected; the plan asks for {needed} of {population}.",
        "agreement.no_plan": "To tell these two qualities apart a sample would have to allow {most} faults or more. Let them lie further apart, or accept more risk.",
    }
)


def refusal(message_id: str, /, **params: Param) -> ValueError:
    """The error to raise; its sentence is filled with `params`. Rows are counted from 0.

    >>> print(refusal("agreement.sample_too_small", sampled=10, needed=4000, population=90_000))
    10 items were inspected; the plan asks for 4000 of 90000.
    """
    return ValueError(SENTENCES[message_id].format(**params))
