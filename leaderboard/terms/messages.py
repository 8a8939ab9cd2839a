"""The English sentence of every message id of the terms, in the style of `challenges.messages`.

A sentence begins small and ends without a stop; it may use the params of its finding, verdict or piece.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_FORMS: Final = {
    "terms.document_too_large": "the document has more than {most} KB",
    "terms.not_json": "this is no JSON document",
    "terms.missing": "this is required",
    "terms.unknown_key": "there is no such key here",
    "terms.wrong_type": "a value of another type is expected here",
    "terms.not_one_of": "allowed are: {known}",
    "terms.not_one_of_kinds": "allowed kinds are: {expected_tags}",
    "terms.not_the_form": "the value has not the form that is expected here",
    "terms.blank": "the text is empty",
    "terms.too_long": "the text has more than {max_length} characters",
    "terms.too_many": "the list has more than {max_length} items",
    "terms.too_small": "the value must be at least {ge}",
    "terms.too_large": "the value must be at most {le}",
    "terms.not_finite": "a finite number is expected",
    "terms.twice": "this is given twice: {value}",
    "terms.price_parts": "a fixed price has one amount, a price from – to has two, and other prices have none",
    "terms.price_reversed": "the lower price is above the higher one",
    "terms.interval_reversed": "the value does not lie between its low and its high end",
    "terms.period_reversed": "the period ends before it begins",
    "terms.days_without_delete": "only the duty to delete has a number of days",
}

_DEMANDS: Final = {
    "demand.least_above_ideal": "at least {low} {unit} are asked for, but {high} would be ideal",
    "demand.least_above_most": "at least {low} {unit} are asked for, but {high} at most",
    "demand.ideal_above_most": "{low} {unit} would be ideal, but {high} at most are asked for",
    "demand.size_twice": "the size in {unit} is given twice",
    "demand.deadline_passed": "the deadline {deadline} has passed: today is {now}",
    "demand.period_after_deadline": "data from {first} on cannot be had by {deadline}",
    "demand.usage_reversed": "the use ends before it begins",
    "demand.usage_over": "the use ends on {until}, which has passed",
    "demand.budget_reversed": "the budget goes from {low} to {high}, which is less",
    "demand.delivery_excluded": "{mode} is required, but only these ways will do: {only}",
    "demand.distribute_unseen": "data that are to be passed on must be handed over, but only these ways will do: {only}",
    "demand.floor_unreachable": "no data can meet this floor: the best there is is {best}",
    "demand.field_twice": "the field {name} is asked for twice, with another type or unit",
    "demand.research_sold": "the only purpose is research, but commercial use is asked for",
    "demand.must_of_nothing": "this is insisted on, but nothing is asked of it",
    "demand.no_weight": "all weights are 0, so nothing would be compared",
}

_POLICIES: Final = {
    "policy.permitted": "the terms permit this: {action}",
    "policy.prohibited": "the terms prohibit this: {action}",
    "policy.perhaps_prohibited": "the terms prohibit this in some cases, and this may be one: {action}",
    "policy.outside": "the terms permit this ({action}), but not for what is wanted: {part}",
    "policy.usage_open": "the terms permit this ({action}) within limits on which the demand says nothing: {part}",
    "policy.not_said": "the terms do not say whether this is permitted: {action}",
    "policy.duty_taken": "a duty comes with it: {duty}",
    "policy.duty_refused": "a duty comes with it that the demand cannot take on: {duty}",
}

_ODRL: Final = {
    "odrl.not_a_policy": "this is no ODRL offer, set or agreement",
    "odrl.action_unknown": "this action is not among those that we understand",
    "odrl.part_unknown": "rules with this part are not understood",
    "odrl.constraint_unknown": "this constraint is not understood, and without it the rule would say something else",
    "odrl.rules_differ": "two duties of the same action differ",
    "odrl.wrong_value": "the value cannot be used here, or one action has two rules",
}

_UNDERSTOOD: Final = {
    "understood.kind": "what is wanted",
    "understood.sector": "sector",
    "understood.task": "task",
    "understood.modality": "modality",
    "understood.language": "language",
    "understood.region": "geography",
    "understood.period": "period of the data",
    "understood.size": "size",
    "understood.floor": "quality",
    "understood.certificate": "certificate",
    "understood.usage": "use",
    "understood.not_usage": "use that is not wanted",
    "understood.purpose": "purpose",
    "understood.budget": "budget",
    "understood.delivery": "delivery",
    "understood.deadline": "deadline",
    "understood.personal": "personal data",
    "understood.border": "crossing of borders",
    "understood.exclusive": "exclusivity",
}

MESSAGES: Final[Mapping[str, str]] = MappingProxyType({**_FORMS, **_DEMANDS, **_POLICIES, **_ODRL, **_UNDERSTOOD})
"""Message id → English sentence in the style of `str.format`."""
