"""The English sentence of every message id of matching, in the style of `challenges.messages`.

"match." are reasons of verdicts, "question." is put to a supplier, "change." follows on "would be number {rank} if", "relax."
on "{matches} listings would be good enough if".
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_REASONS: Final = {
    "match.kind": "wanted: {wanted}; offered: {offered}",
    "match.buyer": "the supplier deals with buyers of verification level {least} and above",
    "match.modality": "modalities that are not there: {missing}",
    "match.language": "languages that are not there: {missing}",
    "match.region": "places that are not wholly there: {missing}",
    "match.usage_allowed": "the terms allow all that is wanted",
    "match.border": "the data are in {home} and are wanted in {region}",
    "match.security": "security class: at most {most} is asked for, offered is {offered}",
    "match.personal": "personal data: at most {most} is asked for, offered is {offered}",
    "match.exclusive": "exclusive use is wanted",
    "match.budget": "it costs from {price} {currency} on, and {most} are there",
    "match.price_unsaid": "the price is not said",
    "match.currency": "the price is in {currency}, the budget is not",
    "match.delivery": "ways of delivery that are not there: {missing}",
    "match.certificate": "a valid certificate is there",
    "match.certificate_unsaid": "no certificate is there",
    "match.certificate_expired": "no certificate is valid on {day}",
    "match.certificate_stale": "the certificate is for another version, or too old",
    "match.floor_met": "the whole interval of {what} is beyond {limit}",
    "match.floor_missed": "the whole interval of {what} misses {limit}",
    "match.floor_crossed": "the interval of {what} crosses {limit}",
    "match.floor_stale": "{what} was measured on another version, or too long ago",
    "match.floor_unmeasured": "{what} has not been measured",
    "match.nothing_offered": "nothing is offered yet",
    "match.nothing_passes": "none of {listings} listings has all that is insisted on",
    "match.nothing_good": "none of {listings} listings is good enough: the best reaches {best}, and {floor} is needed",
}

_QUESTIONS: Final = {
    "question.usage": "do the terms allow this: {clauses}?",
    "question.border": "may the data leave {home}?",
    "question.security": "which security class have the data?",
    "question.personal": "do the data hold personal data?",
    "question.exclusive": "can the data be had exclusively?",
    "question.budget": "can it be had within the budget?",
    "question.delivery": "can it be delivered this way: {missing}?",
    "question.certificate": "is there a certificate for this version?",
    "question.floor": "can {what} be measured on this version? At {limit} or better it would do",
    "question.modality": "does it hold these modalities: {missing}?",
    "question.language": "does it hold these languages: {missing}?",
    "question.region": "does it cover these places: {missing}?",
    "question.sector": "which sector are the data from? Wanted is: {wanted}",
    "question.task": "which task are the data made for? Wanted is: {wanted}",
    "question.period": "from when are the data?",
    "question.fields": "which fields are there? Wanted are: {missing}",
    "question.size": "how much is there, in {unit}?",
    "question.freshness": "from which day is the newest record?",
    "question.price": "what does it cost?",
}

_CHANGES: Final = {
    "change.usage": "the terms allowed this: {clauses}",
    "change.border": "the data could leave {home}",
    "change.personal": "personal data were masked or taken out: at most {most}",
    "change.exclusive": "it could be had exclusively",
    "change.budget": "it cost at most {most} {currency}",
    "change.price": "it cost at most {most} {currency}",
    "change.delivery": "it could be delivered this way too: {missing}",
    "change.certificate": "its certificate were valid on {day}",
    "change.language": "it held these languages too: {missing}",
    "change.fields": "it held these fields too: {missing}",
    "change.size": "it had {more} more in {unit}",
    "change.freshness": "its newest record were of {day}",
}

_RELAXATIONS: Final = {
    "relax.floor": "quality floor number {at} were left out",
    "relax.usage": "the wanted use were agreed on later",
    "relax.buyer": "your organization were verified",
    "relax.exclusive": "exclusive use were not needed",
    "relax.modality": "the modality were not insisted on",
    "relax.language": "the languages were not insisted on",
    "relax.region": "the geography were not insisted on",
    "relax.delivery": "the delivery were not insisted on",
    "relax.budget": "the budget were not insisted on",
    "relax.personal": "the limit on personal data were not insisted on",
    "relax.certificate": "the certificate were not insisted on",
}

BANDS: Final[Mapping[str, str]] = MappingProxyType({"strong": "Strong match", "fair": "Fair match"})

MESSAGES: Final[Mapping[str, str]] = MappingProxyType({**_REASONS, **_QUESTIONS, **_CHANGES, **_RELAXATIONS})
"""Message id → English sentence in the style of `str.format`."""
