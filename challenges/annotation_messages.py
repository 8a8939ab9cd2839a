"""What is said about annotation challenges and the label files handed in to them.

The tables are those of `challenges.intake_messages`: `ANNOTATION_MESSAGES` names the fault, `ANNOTATION_HINTS` says in whole
sentences what to do about it, `ANNOTATION_EXPECTED` stands beside a single cell.
"""

from collections.abc import Mapping
from types import MappingProxyType

_RULES: Mapping[str, str] = {
    "annotation.same_column": "the column {column} already holds something else; give this one another name",
    "annotation.not_a_currency": "a currency is written as its ISO 4217 code, three capital letters such as CNY",
    "annotation.nobody_to_agree": "with one label an item, agreement cannot be measured: that score is 0 for every team that gives no more",
}

_PREPARATION: Mapping[str, str] = {
    "annotation.items_no_column": "the items have no such column; they have: {known}",
    "annotation.items_none": "there are no items",
    "annotation.items_empty": "rows of the items without an id",
    "annotation.items_repeated": "ids that come more than once in the items",
    "annotation.items_tell_gold": "the column says the gold label of every gold item, and teams get it",
    "annotation.gold_unknown": "gold items that are not among the items",
    "annotation.too_many_classes": "{items} items of {classes} classes are more than can be scored: {cells} numbers, where {most} is the most",
}

_LEAKS: Mapping[str, str] = {
    "annotation.leak_rows": "the order of the rows tells gold items from others ({tells} of what can be known); shuffle the rows",
    "annotation.leak_ids": "the order of the ids tells gold items from others ({tells} of what can be known); give ids at random",
    "annotation.leak_gold": "the column tells gold items from others ({tells} of what can be known), and teams get it",
    "annotation.leak_labels": "the column says the labels of gold items ({tells} of what can be known), and teams get it",
}

_FILES: Mapping[str, str] = {
    "annotation.item_unknown": "labels of items that were not asked for",
    "annotation.item_empty": "labels that name no item",
    "annotation.twice": "labels given again by the same annotator to the same item",
    "annotation.unlabelled": "items without a label",
    "annotation.too_few": "items with fewer than {needed} labels by different annotators",
}

ANNOTATION_MESSAGES: Mapping[str, str] = MappingProxyType({**_RULES, **_PREPARATION, **_LEAKS, **_FILES})
"""Message id → what is wrong."""

ANNOTATION_HINTS: Mapping[str, str] = MappingProxyType(
    {
        "annotation.item_unknown": "Check that the labels are for the items of this challenge, and that ids were not rounded.",
        "annotation.twice": "Keep one of the labels; the first row is named. Two people need two names.",
        "annotation.unlabelled": "Every item needs labels; the order of the rows does not matter.",
        "annotation.too_few": "Have them labelled by more people.",
    }
)
"""Message id → what to do about it, where that is not plain from the message."""

ANNOTATION_EXPECTED: Mapping[str, str] = MappingProxyType(
    {
        "annotation.twice": "first in row {first_row}",
        "annotation.too_few": "{needed} labels; there are {labels}",
    }
)
"""Message id → what a single cell or item should be."""
