"""Who may do what: one table. Every route names its act, every service verb demands it, a test walks both.

A **relation** is what a person is to the thing in question:

=============  =====================================================================
``anyone``     also nobody in particular
``person``     signed in
``member``     stands for the team whose entry, team or submission it is
``captain``    leads that team
``organizer``  belongs to the organization that posts the challenge; for things without one: may organize at all
``owner``      owns that organization: says who belongs to it
``host``       belongs to an organization that may post challenges and hold events, or is a founder
``auditor``    belongs to an organization whose audits of datasets are evidence, by the operator's word
``founder``    was made an organizer (or operator) by the operator: organizations they found may post at once
``operator``   runs the installation
=============  =====================================================================
"""

from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final, Literal, get_args

from leaderboard.core.errors import Forbidden, NotFound, SignInNeeded
from leaderboard.core.i18n import N_

Relation = Literal[
    "anyone", "person", "member", "captain", "organizer", "owner", "host", "auditor", "founder", "operator"
]
Scope = Literal["read", "submit", "organize"]

_EVERYONE: Final = frozenset[Relation](get_args(Relation))
_SIGNED_IN: Final = _EVERYONE - {"anyone"}
_TEAM: Final = frozenset[Relation]({"member", "captain"})
_RUN: Final = frozenset[Relation]({"organizer", "operator"})


@dataclass(frozen=True, slots=True)
class Rule:
    """``relations`` that allow the act; the ``scope`` a token needs; ``hidden``: to others the thing does not exist."""

    relations: frozenset[Relation]
    scope: Scope | None
    hidden: bool = False


POLICY: Final[Mapping[str, Rule]] = {
    # pages for everyone
    "site.read": Rule(_EVERYONE, "read"),
    "status.read": Rule(_EVERYONE, "read"),
    # accounts; scope None: in a browser only, never by token
    "account.register": Rule(_EVERYONE, None),
    "account.sign_in": Rule(_EVERYONE, None),
    "account.own": Rule(_SIGNED_IN, None),
    "account.read": Rule(_SIGNED_IN, "read"),
    "token.own": Rule(_SIGNED_IN, None),
    "token.drop": Rule(_SIGNED_IN, "read"),
    "organization.read": Rule(_EVERYONE, "read"),
    "organization.read_members": Rule(_RUN, "read"),
    "organization.create": Rule(_SIGNED_IN, None),
    "organization.edit": Rule(frozenset({"owner", "operator"}), None),
    "organization.vouch": Rule(frozenset({"operator"}), None),
    "organization.leave": Rule(frozenset({"organizer"}), None),
    "person.list": Rule(frozenset({"operator"}), None, hidden=True),
    "person.edit": Rule(frozenset({"operator"}), None, hidden=True),
    # seasons
    "challenge.read": Rule(_EVERYONE, "read"),
    "challenge.read_draft": Rule(_RUN, "organize", hidden=True),
    "challenge.data": Rule(_EVERYONE, "read"),
    "challenge.data_restricted": Rule(_TEAM | _RUN, "read"),
    "challenge.create": Rule(frozenset({"host", "operator"}), "organize"),
    "challenge.edit": Rule(_RUN, "organize", hidden=True),
    # entries
    "entry.create": Rule(_SIGNED_IN, "submit"),
    "team.read": Rule(_EVERYONE, "read"),
    "team.read_members": Rule(_TEAM | _RUN, "read"),
    "team.lead": Rule(frozenset({"captain"}), "submit"),
    "team.leave": Rule(_TEAM, "submit"),
    # submissions
    "submission.create": Rule(_TEAM, "submit"),
    "submission.check": Rule(_TEAM | _RUN, "submit"),
    "submission.read": Rule(_TEAM | _RUN, "read", hidden=True),
    "submission.download": Rule(_TEAM | _RUN, "read", hidden=True),
    "submission.withdraw": Rule(_TEAM, "submit", hidden=True),
    "submission.pick": Rule(_TEAM, "submit", hidden=True),
    "submission.rescore": Rule(_RUN, "organize", hidden=True),
    "submission.compare": Rule(_RUN, "organize", hidden=True),
    "upload.own": Rule(_SIGNED_IN, "submit", hidden=True),
    # rankings
    "board.read": Rule(_EVERYONE, "read"),
    "board.read_private": Rule(_RUN, "organize", hidden=True),
    "board.finalise": Rule(_RUN, "organize", hidden=True),
    # datasets; who belongs to the organization that owns one is its organizer
    "dataset.read": Rule(_EVERYONE, "read"),
    "dataset.read_draft": Rule(_TEAM | _RUN, "read", hidden=True),
    "dataset.create": Rule(frozenset({"captain"}), "submit"),
    "dataset.refer": Rule(_SIGNED_IN, "submit"),
    "dataset.edit": Rule(frozenset({"captain", "organizer"}), "submit", hidden=True),
    "dataset.withdraw": Rule(frozenset({"captain", "organizer", "operator"}), "submit", hidden=True),
    "dataset.audit": Rule(frozenset({"auditor"}), "submit"),
    "dataset.withdraw_audit": Rule(frozenset({"organizer"}), "submit", hidden=True),
    # the exchange; who belongs to an organization stands for it: a listing, a demand, a word in a deal is its own
    "exchange.read": Rule(_EVERYONE, "read"),
    "exchange.save": Rule(_SIGNED_IN, "submit"),
    "exchange.review": Rule(frozenset({"operator"}), "organize", hidden=True),
    "listing.create": Rule(_RUN, "submit"),
    "listing.read_draft": Rule(_RUN, "read", hidden=True),
    "listing.edit": Rule(frozenset({"organizer"}), "submit", hidden=True),
    "listing.withdraw": Rule(_RUN, "submit", hidden=True),
    "demand.create": Rule(_RUN, "submit"),
    "demand.read_draft": Rule(_RUN, "read", hidden=True),
    "demand.edit": Rule(frozenset({"organizer"}), "submit", hidden=True),
    "demand.withdraw": Rule(_RUN, "submit", hidden=True),
    "match.read": Rule(frozenset({"organizer"}), "read", hidden=True),
    "match.judge": Rule(frozenset({"organizer"}), "submit", hidden=True),
    "deal.start": Rule(_RUN, "submit"),
    "deal.read": Rule(frozenset({"organizer"}), "read", hidden=True),
    "deal.act": Rule(frozenset({"organizer"}), "submit", hidden=True),
    # matchmaking events
    "event.read": Rule(_EVERYONE, "read"),
    "event.create": Rule(frozenset({"host", "operator"}), "organize"),
    "event.edit": Rule(_RUN, "organize", hidden=True),
    "event.register": Rule(frozenset({"organizer"}), "submit"),
    "event.own": Rule(frozenset({"organizer"}), "submit", hidden=True),
}


def allows(act: str, relations: Collection[Relation], scopes: Collection[str] | None) -> bool:
    """Whether somebody with these relations (and, for a token, these scopes) may do ``act``."""
    rule = POLICY[act]
    if scopes is not None and (rule.scope is None or rule.scope not in scopes):
        return False
    return not rule.relations.isdisjoint({"anyone", *relations})


def demand(act: str, relations: AbstractSet[Relation], scopes: Collection[str] | None = None) -> None:
    """Returns when :func:`allows` does. Raises SignInNeeded, NotFound (hidden things) or Forbidden."""
    if allows(act, relations, scopes):
        return
    rule = POLICY[act]
    if rule.hidden:
        raise NotFound("web.not_found", N_("There is no such page."))
    if relations <= {"anyone"}:
        raise SignInNeeded("accounts.sign_in_needed", N_("Sign in first."))
    if scopes is not None and rule.scope is None:
        raise Forbidden("accounts.browser_only", N_("No token may do that: sign in with a browser."))
    if scopes is not None and rule.scope not in scopes:
        raise Forbidden(
            "accounts.scope", N_("This token may not do that: it needs the scope “{scope}”."), scope=rule.scope
        )
    raise Forbidden("accounts.forbidden", N_("You may not do that here."))
