"""What the pages of matches show, as frozen objects: the demander's, and the comparison of two."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from leaderboard.accounts.actor import Actor
from leaderboard.core.errors import Malformed, Refused
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.exchange.demands import service as demands
from leaderboard.exchange.demands.models import DemandRow
from leaderboard.exchange.demands.states import ACTIVE
from leaderboard.exchange.matches import feedback, index, jobs, questions, runs, sentences, watches
from leaderboard.exchange.matches.index import Entry
from leaderboard.exchange.matches.models import MatchFeedback, MatchQuestion, MatchRun, Watch
from leaderboard.exchange.matches.runs import StoredRun
from leaderboard.exchange.matching import run as matching
from leaderboard.exchange.matching.config import Band, band
from leaderboard.exchange.matching.explanation import Explanation, FactorShown, Question
from leaderboard.exchange.matching.factors import FACTORS
from leaderboard.exchange.matching.run import Run
from leaderboard.exchange.matching.scores import Scores
from leaderboard.exchange.matching.supply import SUPPLY_FACTORS
from leaderboard.seasons.signals import Phrase, Words
from leaderboard.terms.listing import Graded
from leaderboard.ui.axes import Axis, Rail, axis, rail
from leaderboard.ui.forms import Form

SHOWN: Final = 20
"""Matches on the page; the CSV and the API have all that are explained."""
_LINE: Final = (0.0, 1.0)


@dataclass(frozen=True)
class FactorRow:
    """One factor of one side. ``value`` None: not known; one that ``multiplies`` takes away from what the others add up to."""

    side: str
    key: str
    label: Phrase
    weight: float
    value: float | None
    low: float
    high: float
    contribution: float
    multiplies: bool
    evidence: str | None


@dataclass(frozen=True)
class VerdictRow:
    """One hard constraint; ``kind`` is yes, no or unknown."""

    kind: str
    label: Phrase
    reason: Phrase


@dataclass(frozen=True)
class QuestionRow:
    """What the supplier could say; ``put``: as they would read it, if that is not the same; ``asked`` None: nobody has asked it."""

    digest: str
    text: Phrase
    put: Phrase | None
    worth: float
    asked: MatchQuestion | None


@dataclass(frozen=True)
class MatchRow:
    """One listing of a run. ``rank`` None: it is no match, and has the scores that it would have if nothing failed."""

    key: str
    title: Words
    supplier: str
    there: bool
    dataset: str | None
    rank: int | None
    scores: Scores
    band: Band | None
    rail: Rail
    grade: Graded | None
    factors: tuple[FactorRow, ...]
    verdicts: tuple[VerdictRow, ...]
    questions: tuple[QuestionRow, ...]
    changes: tuple[Phrase, ...]
    feedback: MatchFeedback | None

    @property
    def open_verdicts(self) -> int:
        return sum(one.kind == "unknown" for one in self.verdicts)


@dataclass(frozen=True)
class Relaxed:
    """What the demand could ask less, and how many listings that would bring.

    ``at``: its place in the run; None: nothing that the demand says, the operator verifies organizations.
    """

    at: int | None
    text: Phrase
    matches: int


@dataclass(frozen=True)
class NothingRow:
    reason: Phrase
    relaxations: tuple[Relaxed, ...]


@dataclass(frozen=True)
class Weight:
    """One slider."""

    key: str
    label: Phrase
    value: float


@dataclass(frozen=True)
class MatchesPage:
    """``run_id`` None: there is no run yet. ``waiting``: it is being matched; ``outdated``: the demand has been changed since.
    ``weak``: listings of which nothing fails, and which are not good enough all the same. ``trying``: what is shown follows from
    other weights than those of the demand, and is kept nowhere.
    """

    key: str
    title: Words
    active: bool
    run_id: int | None
    made_at: datetime | None
    today: date | None
    listings: int
    good: int
    model: str | None
    waiting: bool
    outdated: bool
    trying: bool
    line: Axis
    matches: tuple[MatchRow, ...]
    near: tuple[MatchRow, ...]
    removed: tuple[tuple[Phrase, int], ...]
    weak: int
    nothing: NothingRow | None
    weights: tuple[Weight, ...]
    watch: Watch | None
    done: str
    form: Form
    verdicts: Mapping[str, str]
    reasons: Mapping[str, str]
    cadences: Mapping[str, str]


@dataclass(frozen=True)
class ComparePage:
    """Two matches side by side. ``factors``: label, side, and for each of the two the row or None where it is not asked."""

    key: str
    title: Words
    pair: tuple[MatchRow, MatchRow]
    line: Axis
    factors: tuple[tuple[Phrase, str, FactorRow | None, FactorRow | None], ...]
    verdicts: tuple[tuple[Phrase, VerdictRow | None, VerdictRow | None], ...]


def matches_page(
    work: Work,
    actor: Actor,
    key: str,
    *,
    weights: Mapping[str, float] | None = None,
    done: str = "",
    form: Form | None = None,
) -> MatchesPage:
    """The matches of a demand; with ``weights`` as they would be with those. Raises NotFound."""
    row = demands.demand_for(work, actor, key, "match.read")
    version, found = demands.current_version(work, row), runs.latest(work, row.id or 0)
    held = demands.document(version)
    weighed = {**held.weights, **(weights or {})}
    run = None if found is None else _tried(work, found, weighed) if weights is not None else found.run
    shown = _Showing(work, row)
    return MatchesPage(
        key=key,
        title=Words(version.title_en, version.title_zh),
        active=row.state in ACTIVE,
        run_id=found.id if found else None,
        made_at=found.made_at if found else None,
        today=run.today if run else None,
        listings=run.listings if run else 0,
        good=len(run.order) if run else 0,
        model=found.embedder if found else None,
        waiting=jobs.is_under_way(work, row.id or 0),
        outdated=found is not None and found.demand_version_id != version.id,
        trying=weights is not None,
        line=shown.line,
        matches=tuple(shown.row(one) for one in run.matches[:SHOWN]) if run else (),
        near=tuple(shown.row(one) for one in run.near) if run else (),
        removed=_removed(run) if run else (),
        weak=run.listings - len(run.order) - sum(run.removed.values()) if run else 0,
        nothing=_nothing(run) if run else None,
        weights=tuple(Weight(one.key, Phrase(one.title), weighed.get(one.key, one.weight)) for one in FACTORS.values()),
        watch=watches.about(work, actor, Watch.demand_id, row.id),
        done=done,
        form=form or Form(),
        verdicts=feedback.VERDICTS,
        reasons=feedback.REASONS,
        cadences=watches.CADENCES,
    )


def explanations(work: Work, actor: Actor, key: str) -> tuple[StoredRun, tuple[MatchRow, ...]]:
    """The newest run and all its explained matches as rows. Raises NotFound, Refused where there is no run yet."""
    row = demands.demand_for(work, actor, key, "match.read")
    found = runs.latest(work, row.id or 0)
    if found is None:
        raise Refused("matches.not_yet", N_("This demand has not been matched yet. Try again in a minute."))
    shown = _Showing(work, row)
    return found, tuple(shown.row(one) for one in found.run.matches)


def compare_page(work: Work, actor: Actor, key: str, first: str, second: str) -> ComparePage:
    """Two listings of the newest run beside each other. Raises NotFound, Malformed (not two of its listings)."""
    row = demands.demand_for(work, actor, key, "match.read")
    found, version = runs.latest(work, row.id or 0), demands.current_version(work, row)
    explained = {} if found is None else {one.listing: one for one in (*found.run.matches, *found.run.near)}
    if first == second or first not in explained or second not in explained:
        raise Malformed("matches.compare", N_("Choose two matches of the newest run to compare."))
    shown = _Showing(work, row)
    pair = (shown.row(explained[first]), shown.row(explained[second]))
    sides = [{(one.side, one.key): one for one in each.factors} for each in pair]
    keys = dict.fromkeys((*sides[0], *sides[1]))
    answers = [{one.label.said("en"): one for one in each.verdicts} for each in pair]
    return ComparePage(
        key=key,
        title=Words(version.title_en, version.title_zh),
        pair=pair,
        line=shown.line,
        factors=tuple(
            (_label(side, name), side, sides[0].get((side, name)), sides[1].get((side, name))) for side, name in keys
        ),
        verdicts=tuple(
            ((answers[0].get(name) or answers[1][name]).label, answers[0].get(name), answers[1].get(name))
            for name in dict.fromkeys((*answers[0], *answers[1]))
        ),
    )


def _tried(work: Work, found: StoredRun, weights: Mapping[str, float]) -> Run:
    """The newest run's listings and relevance, and the demand as it is with other weights. Nothing of it is kept."""
    row = work.session.get_one(MatchRun, found.id)
    given, considered, relevance = runs.given_to(work, row)
    demand = given.demand.model_copy(update={"weights": dict(weights)})
    return matching.run(demand, considered, relevance, today=given.today, config=given.config)


@dataclass
class _Showing:
    """What rows of one demand have in common, read once."""

    work: Work
    demand: DemandRow

    def __post_init__(self) -> None:
        self.entries: Mapping[str, Entry] = index.current(self.work).entries
        self.said = feedback.of_demand(self.work, self.demand.id or 0)
        self.asked = questions.of_demand(self.work, self.demand.id or 0)
        suppliers = {entry.offer.organization_id for entry in self.entries.values()}
        self.readers = demands.readers(self.work, self.demand, suppliers)
        self.line = axis(_LINE, direction="max", name="joint")

    def row(self, one: Explanation) -> MatchRow:
        entry = self.entries.get(one.listing)
        offer = entry.offer if entry is not None else None
        listing_id = offer.listing_id if offer is not None else 0
        joint = one.scores.joint
        return MatchRow(
            key=one.listing,
            title=offer.title if offer is not None else Words(one.listing, one.listing),
            supplier=offer.organization if offer is not None else one.supplier,
            there=offer is not None,
            dataset=offer.dataset_slug if offer is not None else None,
            rank=one.rank,
            scores=one.scores,
            band=band(one.scores) if one.rank is not None else None,
            rail=rail(self.line, joint.value, joint.low, joint.high),
            grade=entry.card.grade if entry is not None else None,
            factors=tuple(_factor(factor) for factor in one.factors),
            verdicts=tuple(
                VerdictRow(
                    {"pass": "yes", "fail": "no"}.get(verdict.verdict, "unknown"),
                    sentences.constraint(verdict.constraint),
                    sentences.reason(verdict.reason, verdict.params, passes=verdict.verdict == "pass"),
                )
                for verdict in one.verdicts
            ),
            questions=tuple(
                self._question(
                    question, listing_id, in_full=offer is not None and offer.organization_id in self.readers
                )
                for question in one.questions
            ),
            changes=tuple(_change(change.rank, change.id, change.params) for change in one.counterfactuals),
            feedback=self.said.get(listing_id),
        )

    def _question(self, question: Question, listing_id: int, *, in_full: bool) -> QuestionRow:
        digest, text = questions.digest(question), sentences.sentence(question.id, question.params)
        put = questions.as_read(question.id, question.params, in_full=in_full)
        asked = self.asked.get((listing_id, digest))
        return QuestionRow(digest, text, None if put == text else put, question.worth, asked)


def _change(rank: int, id: str, params: Mapping[str, object]) -> Phrase:
    """What a counterfactual promises; of a question, what its best answer does."""
    said = sentences.sentence(id, params)
    if id.startswith("question."):
        return Phrase(
            N_("Would be number {rank} with the best answer to: {question}"), {"rank": rank, "question": said}
        )
    return Phrase(N_("Would be number {rank} if {change}"), {"rank": rank, "change": said})


def _factor(factor: FactorShown) -> FactorRow:
    return FactorRow(
        side=factor.side,
        key=factor.factor,
        label=_label(factor.side, factor.factor),
        weight=factor.weight,
        value=factor.value,
        low=factor.low,
        high=factor.high,
        contribution=factor.contribution,
        multiplies=factor.multiplies,
        evidence=factor.evidence,
    )


def _label(side: str, key: str) -> Phrase:
    return Phrase((FACTORS if side == "demand" else SUPPLY_FACTORS)[key].title)


def _removed(run: Run) -> tuple[tuple[Phrase, int], ...]:
    """How many listings each constraint has removed, most first."""
    ordered = sorted(run.removed, key=lambda key: (-run.removed[key], key))
    return tuple((sentences.constraint(key), run.removed[key]) for key in ordered)


def _nothing(run: Run) -> NothingRow | None:
    if run.nothing is None:
        return None
    relaxed = tuple(
        Relaxed(at if one.of_demand else None, sentences.sentence(one.id, one.params), one.matches)
        for at, one in enumerate(run.nothing.relaxations)
    )
    return NothingRow(sentences.sentence(run.nothing.id, run.nothing.params), relaxed)


def table(matches: Sequence[MatchRow], locale: str) -> tuple[Sequence[str], Sequence[Sequence[object]]]:
    """Matches as a header and rows for CSV."""
    names = (
        "rank", "key", "title", "supplier", "grade", "placing", "joint", "joint_low", "joint_high", "demand", "supply",
        "not_known", "feedback", "reason",
    )  # fmt: skip
    return names, [
        (
            one.rank, one.key, one.title.said(locale), one.supplier, one.grade.value if one.grade else None, one.scores.placing,
            one.scores.joint.value, one.scores.joint.low, one.scores.joint.high, one.scores.demand.value,
            one.scores.supply.value, one.open_verdicts, one.feedback.verdict if one.feedback else None,
            one.feedback.reason if one.feedback else None,
        )
        for one in matches
    ]  # fmt: skip
