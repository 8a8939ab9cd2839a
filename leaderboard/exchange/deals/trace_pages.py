"""What the page shows on which a supplier finds out whose copy a file is, as a frozen object."""

from dataclasses import dataclass

from leaderboard.accounts.actor import Actor
from leaderboard.core.work import Work
from leaderboard.exchange.deals import tracing
from leaderboard.exchange.listings import service as listings
from leaderboard.seasons.signals import Words
from leaderboard.ui.forms import Form


@dataclass(frozen=True)
class TracePage:
    """``samples``: all that a file is held against; ``found``: what the last file told, None before one came."""

    key: str
    title: Words
    samples: tuple[tracing.Drawn, ...]
    found: tracing.Found | None
    form: Form
    most: int = tracing.LARGEST
    most_records: int = tracing.MOST_RECORDS


def trace(
    work: Work, actor: Actor, key: str, found: tracing.Found | None = None, form: Form | None = None
) -> TracePage:
    """The page, for the listing's supplier. Raises NotFound for everybody else."""
    row = tracing.listing_for(work, actor, key)
    version = listings.current_version(work, row)
    return TracePage(key, Words(version.title_en, version.title_zh), tracing.drawn(work, row), found, form or Form())
