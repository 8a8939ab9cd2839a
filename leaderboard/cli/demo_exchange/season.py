"""Listings made from the season's own datasets: the best submission of each dataset challenge, with its measured quality."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from typing import Any, Final

from leaderboard.accounts import organizations
from leaderboard.accounts.access import SYSTEM
from leaderboard.cli.demo_exchange import market
from leaderboard.cli.demo_exchange.cast import Cast, actor, join
from leaderboard.cli.demo_people import Account
from leaderboard.client import Client
from leaderboard.datasets import making
from leaderboard.datasets import service as datasets

SUPPLIER: Final = "season-teams"
"""The organization in whose name the teams offer; whoever made the best submission belongs to it."""


def known() -> Mapping[str, Any]:
    """What is said of the dataset of each challenge."""
    return tomllib.loads((resources.files(__package__) / "season.toml").read_text(encoding="utf-8"))


def offered(cast: Cast, url: str, accounts: Mapping[str, Account], slugs: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(challenge, address of the listing) for each dataset challenge among ``slugs`` that somebody was scored in."""
    said = known()
    for slug in (slug for slug in slugs if slug in said):
        best = _best(url, accounts, slug)
        if best is not None:
            yield slug, _offer(cast, *best, said[slug])


def _best(url: str, accounts: Mapping[str, Account], slug: str) -> tuple[Account, int] | None:
    """The account of the first team of the board, and its scored submission."""
    with Client(url) as client:
        teams = [row.team for row in client.board(slug).rows]
    for account in (accounts[f"baseline:{team}"] for team in teams if f"baseline:{team}" in accounts):
        with Client(url) as client:
            client.login(account.email, account.password, name="demo")
            scored = [one.id for one in client.submissions(slug) if one.state == "scored"]
        if scored:
            return account, scored[0]
    return None


def _offer(cast: Cast, account: Account, submission: int, said: Mapping[str, Any]) -> str:
    """The card is published by its captain, with consent, and offered by the organization that the captain joins."""
    unit = cast.units[SUPPLIER]
    with cast.resources.write() as work:
        join(work, organizations.organization_by_slug(work, SYSTEM, SUPPLIER), account.email)
    with cast.resources.write() as work:
        captain = actor(work, account.email)
        card = making.create_from_submission(work, captain, submission, consent=True)
        if card.state == "draft":
            datasets.publish(work, captain, card.slug)
        return market.offer_card(work, cast, captain, unit, card.slug, said)
