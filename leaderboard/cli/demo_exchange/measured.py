"""Datasets whose files the demo's suppliers bring: uploaded, described, measured by the worker, published and offered.

What each is, `datasets.toml` tells; how its table is drawn, `invented` says.
"""

import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any, Final

from sqlmodel import col, select

from leaderboard.cli.demo_exchange import market
from leaderboard.cli.demo_exchange.cast import Cast
from leaderboard.cli.demo_exchange.invented import dataset
from leaderboard.core.i18n import LOCALES
from leaderboard.core.work import Work
from leaderboard.datasets import service, uploading
from leaderboard.datasets.fields import CardWords
from leaderboard.datasets.models import Dataset, DatasetVersion
from leaderboard.submissions.reception import Arriving

_MOST: Final = 1_000_000
"""Bytes of a file."""


def told() -> Mapping[str, Mapping[str, Any]]:
    """The datasets by key, in the order of the file."""
    text = (resources.files(__package__) / "datasets.toml").read_text(encoding="utf-8")
    return {one["key"]: one for one in tomllib.loads(text)["dataset"]}


def bring(cast: Cast, one: Mapping[str, Any]) -> None:
    """Has its supplier upload the file of a card, unless it is there."""
    unit, member = cast.units[one["supplier"]], cast.members[one["supplier"]]
    with cast.resources.read() as work:
        if _card(work, unit, one) is not None:
            return
    name, content = dataset(one)
    arriving = Arriving(cast.resources, _MOST)
    arriving.write(content)
    file = arriving.store(name)
    with cast.resources.write() as work:
        uploading.create(work, member, owner=f"organization:{unit}", words=_words(one), file=file, preview=True)


def is_looked_at(cast: Cast, one: Mapping[str, Any]) -> bool:
    """Whether the columns of the file are known, so that it can be described."""
    return _state(cast, one) in {"described", "measuring", "measured"}


def describe(cast: Cast, one: Mapping[str, Any]) -> None:
    """Has its supplier say which part each column plays; the worker measures by it."""
    unit, member = cast.units[one["supplier"]], cast.members[one["supplier"]]
    with cast.resources.write() as work:
        card = _card(work, unit, one)
        assert card is not None, "it was brought before"
        version = uploading.version_of(work, card, 1)
        if version.measuring != "described":
            return
        form = {
            f"{part}-{place}": said[column.name]
            for part, said in (("role", one["roles"]), ("unit", one["units"]))
            for place, column in enumerate(uploading.columns_of(work, version))
            if column.name in said
        }
        uploading.describe(work, member, card.slug, 1, form)


def is_measured(cast: Cast, one: Mapping[str, Any]) -> bool:
    """Whether its quality report is there."""
    return _state(cast, one) == "measured"


def offer(cast: Cast, one: Mapping[str, Any]) -> str:
    """Publishes the card and has it offered; the address of the listing."""
    unit, member = cast.units[one["supplier"]], cast.members[one["supplier"]]
    with cast.resources.write() as work:
        card = _card(work, unit, one)
        assert card is not None, "it was brought before"
        if card.state == "draft":
            service.publish(work, member, card.slug)
        return market.offer_card(work, cast, member, unit, card.slug, one)


def _words(one: Mapping[str, Any]) -> CardWords:
    parts = ("title", "summary", "provenance", "citation")
    texts = {f"{part}_{locale}": one[locale][part] for locale in LOCALES for part in parts}
    in_time = any(column["as"] == "hours" for column in one["table"]["columns"])
    modalities = ("table", "time-series") if in_time else ("table",)
    return CardWords(**texts, sector=one["sector"], modalities=modalities, licence=one["licence"])


def _card(work: Work, unit: int, one: Mapping[str, Any]) -> Dataset | None:
    named = select(Dataset).where(Dataset.organization_id == unit, Dataset.title_en == one["en"]["title"])
    return work.session.exec(named).first()


def _state(cast: Cast, one: Mapping[str, Any]) -> str:
    with cast.resources.read() as work:
        query = (
            select(DatasetVersion.measuring)
            .join(Dataset, col(Dataset.id) == col(DatasetVersion.dataset_id))
            .where(Dataset.organization_id == cast.units[one["supplier"]], Dataset.title_en == one["en"]["title"])
        )
        return work.session.exec(query).one()


def listings_of(cast: Cast) -> Iterator[tuple[str, str]]:
    """(key, address of the listing) of each, once all are measured."""
    for key, one in told().items():
        yield f"measured:{key}", offer(cast, one)
