"""Common licences by SPDX identifier, as policies. What they allow is in `challenges.licence_terms`."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from challenges.licence_terms import TERMS, Terms
from leaderboard.terms.policy import DutyOwed, Policy, Rule


def _policy(licence: str, terms: Terms) -> Policy:
    return Policy(
        licence=licence,
        permissions=tuple(Rule(action=action) for action in terms.permitted),
        prohibitions=tuple(Rule(action=action) for action in terms.prohibited),
        duties=tuple(DutyOwed(action=duty) for duty in terms.duties),
    )


POLICIES: Final[Mapping[str, Policy]] = MappingProxyType({key: _policy(key, terms) for key, terms in TERMS.items()})
