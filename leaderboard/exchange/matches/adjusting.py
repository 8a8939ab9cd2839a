"""What a demander changes in a demand from the page of its matches: the weights, or what a run proposed to ask less."""

from collections.abc import Mapping

from leaderboard.accounts.actor import Actor
from leaderboard.core.errors import FieldError, Malformed, Refused
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.exchange.demands import content, making
from leaderboard.exchange.demands import service as demands
from leaderboard.exchange.demands.models import DemandRow
from leaderboard.exchange.matches import runs
from leaderboard.exchange.matching.factors import FACTORS
from leaderboard.terms.demand import Demand


def keep_weights(work: Work, actor: Actor, key: str, weights: Mapping[str, float]) -> None:
    """Makes weights those of the demand: a new version of it, which is matched anew. Raises NotFound, Malformed, Refused."""
    row = demands.demand_for(work, actor, key, "demand.edit", lock=True)
    document = demands.document(demands.current_version(work, row))
    _edit(work, actor, row, document.model_copy(update={"weights": {**document.weights, **weights}}))


def relax(work: Work, actor: Actor, key: str, run_id: int, at: int) -> None:
    """Has the demand ask less, as the newest run proposed in place ``at``. Raises NotFound, Refused, Malformed."""
    row = demands.demand_for(work, actor, key, "demand.edit", lock=True)
    found = runs.latest(work, row.id or 0)
    version = demands.current_version(work, row)
    offered = found.run.nothing.relaxations if found is not None and found.run.nothing is not None else ()
    if found is None or found.id != run_id or found.demand_version_id != version.id or not 0 <= at < len(offered):
        raise Refused("matches.no_relaxation", N_("This proposal is of an older run. Look at the newest one."))
    if not offered[at].of_demand:
        raise Refused("matches.not_of_demand", N_("The operator verifies organizations; ask them to."))
    _edit(work, actor, row, offered[at].change.apply(demands.document(version)))


def _edit(work: Work, actor: Actor, row: DemandRow, document: Demand) -> None:
    version = demands.current_version(work, row)
    written = content.Written.of(version, document, making.invited(work, row))
    making.edit(work, actor, row.key, written, base=row.version)


def typed_weights(sent: Mapping[str, str]) -> dict[str, float]:
    """The sliders of a form. Raises Malformed for what is no number from 0 to 10, and where all are 0."""
    weights, faults = {}, []
    for key in FACTORS:
        if f"w_{key}" in sent:
            try:
                weights[key] = float(sent[f"w_{key}"])
            except ValueError:
                weights[key] = -1.0
            if not 0 <= weights[key] <= 10:
                faults.append(FieldError(f"w_{key}", N_("A weight is a number from 0 to 10")))
    if weights and not any(weights.values()):
        faults.append(FieldError("w_relevance", N_("All weights are 0, so nothing would be compared")))
    if faults:
        raise Malformed("matches.weights", N_("These are no weights."), fields=faults)
    return weights
