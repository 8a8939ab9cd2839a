"""What may be done with a dataset card that is there: look it up, edit, publish, withdraw. Making one is in `making`.

A submission that is withdrawn later leaves its version as it was; the card asks for the submission's state when it is shown and
says so, hence there is nothing to be told by a signal and nothing to get out of step.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from sqlmodel import col, or_, select

from leaderboard.accounts.actor import Actor
from leaderboard.accounts.policy import Relation, allows
from leaderboard.core import ledger
from leaderboard.core.errors import Gone, NotFound, Refused
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.datasets.fields import CardWords, refuse
from leaderboard.datasets.models import Dataset, DatasetState, DatasetVersion
from leaderboard.datasets.signals import DatasetChanged
from leaderboard.entries import teams

MOVES: Final[Mapping[DatasetState, frozenset[DatasetState]]] = {
    "draft": frozenset({"published"}),
    "published": frozenset({"withdrawn"}),
    "withdrawn": frozenset({"published"}),
}
"""The states of a card, and where each may go."""
COUNTS: Final = or_(
    col(DatasetVersion.kind) != "upload", col(DatasetVersion.quality_key).is_not(None), col(DatasetVersion.number) == 1
)
"""Which versions a card is about: an upload is none before it has been measured, unless it is the only one of a draft."""
NO_ORGANIZATION: Final = 0
"""Nobody belongs to it, so nobody organizes what a team owns."""


# Looking things up


def dataset_for(work: Work, actor: Actor, slug: str, act: str, *, lock: bool = False) -> Dataset:
    """The dataset, for those who may do ``act`` with it. Raises NotFound."""
    query = select(Dataset).where(col(Dataset.slug) == slug)
    found = work.session.exec(query.with_for_update() if lock else query).one_or_none()
    if found is None:
        raise _none()
    demand(work, actor, found, act)
    return found


def shown(work: Work, actor: Actor, slug: str) -> Dataset:
    """The dataset as it may be looked at: published ones by everybody, the others by those who own them, every member of the team or
    organization, and the operator.

    Raises NotFound for drafts, and Gone for what was withdrawn: its address may have been cited.
    """
    found = dataset_for(work, actor, slug, "dataset.read")
    if found.state == "published" or may(work, actor, found, "dataset.read_draft"):
        return found
    if found.state == "withdrawn":
        raise Gone("datasets.withdrawn", N_("The owner of this dataset has withdrawn its card."))
    raise _none()


def relations(work: Work, actor: Actor, dataset: Dataset) -> frozenset[Relation]:
    """What the actor is to a dataset: to the team or the organization that owns it."""
    if dataset.team_id is None:
        return actor.relations(organization_id=dataset.organization_id)
    also = teams.relations_to_team(work, actor, dataset.team_id)
    return actor.relations(organization_id=NO_ORGANIZATION, also=also)


def demand(work: Work, actor: Actor, dataset: Dataset, act: str) -> None:
    """Raises unless the actor may do ``act`` with the dataset."""
    actor.demand(act, organization_id=NO_ORGANIZATION, also=relations(work, actor, dataset))


def may(work: Work, actor: Actor, dataset: Dataset, act: str) -> bool:
    """Whether `demand` would let them."""
    return actor.is_system or allows(act, relations(work, actor, dataset), actor.scopes)


def versions(work: Work, dataset: Dataset, *, every: bool = False) -> Sequence[DatasetVersion]:
    """The versions of a dataset, the newest first; there is at least one.

    Without ``every``, only those that count (`COUNTS`).
    """
    query = select(DatasetVersion).where(DatasetVersion.dataset_id == dataset.id)
    if not every:
        query = query.where(COUNTS)
    return work.session.exec(query.order_by(col(DatasetVersion.number).desc())).all()


def dataset_of(work: Work, submission_id: int) -> Dataset | None:
    """The dataset that has this submission as a version."""
    query = select(Dataset).join(DatasetVersion, col(DatasetVersion.dataset_id) == col(Dataset.id))
    return work.session.exec(query.where(DatasetVersion.submission_id == submission_id)).one_or_none()


# Changing


def edit(work: Work, actor: Actor, slug: str, words: CardWords) -> Dataset:
    """Changes what a card says. Raises NotFound, Malformed: what is published stays complete."""
    dataset = dataset_for(work, actor, slug, "dataset.edit", lock=True)
    refuse(words.faults())
    if dataset.state == "published":
        words.demand_complete()
    words.write(dataset)
    work.session.add(dataset)
    work.session.flush()
    record(work, actor, "dataset.edit", dataset)
    return dataset


def publish(work: Work, actor: Actor, slug: str) -> Dataset:
    """Shows a card to everybody, for the first time or again. Raises NotFound, Malformed with all that is missing, Refused (not measured)."""
    dataset = dataset_for(work, actor, slug, "dataset.edit", lock=True)
    if dataset.state == "published":
        return dataset
    CardWords.of(dataset).demand_complete()
    newest = versions(work, dataset)[0]
    if newest.kind == "upload" and newest.quality_key is None:
        raise Refused(
            "datasets.not_measured", N_("The file has not been measured yet; the card can be published then.")
        )
    _move(dataset, "published")
    dataset.published_at, dataset.withdrawn_at = dataset.published_at or work.now, None
    work.session.add(dataset)
    work.session.flush()
    record(work, actor, "dataset.publish", dataset)
    work.emit(DatasetChanged(dataset.id or 0))
    return dataset


def withdraw(work: Work, actor: Actor, slug: str) -> Dataset:
    """Takes a published card back. Its owner or the operator. Raises NotFound, Refused (a draft is seen by nobody)."""
    dataset = dataset_for(work, actor, slug, "dataset.withdraw", lock=True)
    if dataset.state == "withdrawn":
        return dataset
    _move(dataset, "withdrawn")
    dataset.withdrawn_at = work.now
    work.session.add(dataset)
    work.session.flush()
    record(work, actor, "dataset.withdraw", dataset)
    work.emit(DatasetChanged(dataset.id or 0))
    return dataset


def _move(dataset: Dataset, to: DatasetState) -> None:
    if to not in MOVES[dataset.state]:
        raise Refused("datasets.state", N_("Only a published dataset can be withdrawn."))
    dataset.state = to


def record(work: Work, actor: Actor, deed: str, dataset: Dataset, **detail: object) -> None:
    """Writes a deed into the ledger."""
    ledger.record(work, actor.person_id, deed, f"dataset:{dataset.id}", **detail)


def _none() -> NotFound:
    return NotFound("datasets.none", N_("There is no such dataset."))
