"""The exchange of the demo season comes about: organizations, listings, demands, matches, events and deals, one after the other."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from leaderboard.cli import terminal
from leaderboard.cli.demo_exchange import cast as people
from leaderboard.cli.demo_exchange import content as contents
from leaderboard.cli.demo_exchange import dealing, market, measured, meeting, season
from leaderboard.cli.demo_exchange.cast import Cast
from leaderboard.cli.demo_exchange.content import Content
from leaderboard.cli.demo_people import Account
from leaderboard.core.i18n import N_, translate
from leaderboard.core.work import Resources

MARK: Final = "exchange.json"
"""In the demo's folder, once all is there: addresses of what was made, by the keys of the content."""
_PATIENCE: Final = 300.0
"""Seconds for which the worker is waited for."""


def accounts() -> Mapping[str, Account]:
    """An account for each organization's person, by key."""
    return dict(people.accounts(contents.read(datetime.now(ZoneInfo("UTC")).date()).parties))


def open_exchange(
    resources: Resources,
    url: str,
    data: Path,
    known: Mapping[str, Account],
    console: Console,
    slugs: Sequence[str],
    bureau: str,
) -> None:
    """Makes all of it on the running server, which matches, measures and plans. In a folder where that was done, nothing."""
    mark = data / MARK
    if mark.exists():
        return
    began = time.monotonic()
    content = contents.read(datetime.now(ZoneInfo(resources.settings.zone)).date())
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task(_said(N_("The exchange")), total=len(content.parties) + 2 * len(content.demands) + 60)

        def done() -> None:
            progress.advance(bar)

        cast = people.gathered(resources, known, content.parties, bureau, done)
        made = _made(cast, content, url, data, known, slugs, done)
        progress.update(bar, completed=progress.tasks[0].total)
    mark.write_text(json.dumps(made, ensure_ascii=False, indent=1), encoding="utf-8")
    sentence = N_(
        "The exchange has {listings} listings, {demands} demands, {deals} deals and {events} events; "
        "{waiting} things wait for the operator ({seconds} s)"
    )
    counts = {name: str(len(keys)) for name, keys in made.items()}
    console.print(_said(sentence, seconds=f"{time.monotonic() - began:.0f}", **counts), markup=False, highlight=False)


def _made(
    cast: Cast,
    content: Content,
    url: str,
    data: Path,
    known: Mapping[str, Account],
    slugs: Sequence[str],
    done: Callable[[], None],
) -> dict[str, dict[str, str]]:
    """Addresses by kind and key."""
    files = measured.told().values()
    for one in files:
        measured.bring(cast, one)
    listings = {f"season:{slug}": key for slug, key in season.offered(cast, url, known, slugs)}
    _wait(lambda: all(measured.is_looked_at(cast, one) for one in files))
    for one in files:
        measured.describe(cast, one)
    for key, offered in content.listings.items():
        listings[key] = market.offer(cast, offered)
        done()
    _wait(lambda: all(measured.is_measured(cast, one) for one in files))
    listings |= measured.listings_of(cast)
    demands = {}
    for key, needed in content.demands.items():
        demands[key] = market.need(cast, needed)
        done()
    _wait(lambda: market.unmatched(cast, demands.values()) == 0)
    for key, needed in content.demands.items():
        market.take_further(cast, needed, demands[key], slugs)
    events = {"day": meeting.asked(cast, content, done), "next": meeting.opened(cast)}
    dealt = dealing.begun(cast, content, listings | demands, data, done)
    _wait(lambda: meeting.published(cast, events["day"]))
    _wait(dealt.is_measured)
    dealing.concluded(dealt)
    waiting = market.hand_in(cast, content.desk)
    deals = dict(dealing.keys_of(cast))
    return {"listings": listings, "demands": demands, "deals": deals, "events": events, "waiting": waiting}


def _wait(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not reached():
        if time.monotonic() > deadline:
            terminal.fail(
                terminal.REFUSED,
                N_("The worker did not finish the exchange in {seconds} s."),
                seconds=f"{_PATIENCE:.0f}",
            )
        time.sleep(0.3)


def _said(sentence: str, **params: str) -> str:
    return translate(terminal.locale(), sentence, **params)
