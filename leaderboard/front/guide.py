"""The help on the exchange: a page for each thing that people do there, and one that lists them."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from leaderboard.accounts.access import Actor
from leaderboard.accounts.policy import allows
from leaderboard.core.errors import NotFound
from leaderboard.core.i18n import N_, translate
from leaderboard.exchange.listings.deeds import CHECKLIST

INDEX: Final = "/help"


@dataclass(frozen=True)
class Topic:
    """A page of the help; ``path`` is without locale, ``title`` and ``about`` are English messages."""

    path: str
    title: str
    about: str


TOPICS: Final[Mapping[str, Topic]] = MappingProxyType(
    {
        "demanders": Topic(
            f"{INDEX}/exchange/demanders",
            N_("When you need data"),
            N_("Describe a demand, understand its matches, keep it blind, and go on when nothing fits."),
        ),
        "suppliers": Topic(
            f"{INDEX}/exchange/suppliers",
            N_("When you offer something"),
            N_("List data or a service, pass the review, find who needs it, trace samples."),
        ),
        "deals": Topic(
            f"{INDEX}/exchange/deals",
            N_("From interest to delivery"),
            N_("Whose turn it is at each step, samples, agreement, acceptance, ratings."),
        ),
        "events": Topic(
            f"{INDEX}/exchange/events",
            N_("Meeting at an event"),
            N_("Register, say whom you want to meet, get a timetable and a calendar."),
        ),
        "operators": Topic(
            f"{INDEX}/exchange/operators",
            N_("Review and sign-off"),
            N_("What the operator and the auditors of agreements do."),
        ),
    }
)
"""By key; the template of each is `front/help_KEY.html`."""
SCORING: Final = Topic(
    f"{INDEX}/scoring",
    N_("How scoring works"),
    N_("What a place, its range and the interval of a score mean, and every metric."),
)
"""Told beside the boards, by another room."""


@dataclass(frozen=True)
class HelpPage:
    """``checklist``: what the review of a listing looks at, and evidence for it, in the reader's language; ``reviews``: whether
    the reader may review.
    """

    title: str
    topics: tuple[Topic, ...]
    scoring: Topic
    checklist: tuple[tuple[str, str], ...]
    reviews: bool


def contents(actor: Actor, locale: str) -> HelpPage:
    """The list of topics."""
    return _page(translate(locale, N_("Help")), actor, locale)


def topic(actor: Actor, locale: str, key: str) -> HelpPage:
    """One topic. Raises NotFound."""
    if key not in TOPICS:
        raise NotFound("help.none", N_("The help has no such page."))
    return _page(translate(locale, TOPICS[key].title), actor, locale)


def _page(title: str, actor: Actor, locale: str) -> HelpPage:
    points = tuple((translate(locale, point), translate(locale, evidence)) for point, evidence in CHECKLIST.values())
    reviews = allows("exchange.review", actor.relations(), actor.scopes)
    return HelpPage(title, tuple(TOPICS.values()), SCORING, points, reviews)
