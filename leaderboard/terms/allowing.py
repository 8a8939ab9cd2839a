"""What a policy says to a usage, clause by clause, and what changes between two policies.

Verdicts are three-valued. "unknown" stands where the policy is silent or the usage leaves open what a constraint asks for;
it is a question to be answered, never a refusal. A permission of "use" does not by itself permit the narrower actions: ODRL
counts them in, but suppliers who write "use" rarely mean resale.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any, Final, Literal, NamedTuple

from leaderboard.terms.policy import Constraint, DutyOwed, Policy, Rule, Usage
from leaderboard.terms.regions import within

Verdict = Literal["pass", "fail", "unknown"]
Effect = Literal["wider", "narrower", "changed"]

_OPPOSITE: Final[Mapping[Effect, Effect]] = {"wider": "narrower", "narrower": "wider", "changed": "changed"}


class ClauseVerdict(NamedTuple):
    """The answer to one clause such as `action.derive` or `duty.delete`; `reason` is a message id with `params`."""

    clause: str
    verdict: Verdict
    reason: str
    params: dict[str, Any]


class Difference(NamedTuple):
    """What became of one part of a clause. `clause` is such as `permission.derive`, `part` such as `regions`, or `rule` where
    the whole clause came or went. `effect` is seen from the user: wider gives more freedom.
    """

    clause: str
    part: str
    before: Any
    after: Any
    effect: Effect


def allows(policy: Policy, usage: Usage) -> tuple[ClauseVerdict, ...]:
    """One verdict for each action that `usage` wants and each duty of `policy`, in the order in which they stand."""
    return (
        *(_action(policy, usage, action) for action in usage.actions),
        *(_duty(duty, usage) for duty in policy.duties),
    )


def together(verdicts: Collection[Verdict]) -> Verdict:
    """One for all: fail if any fails, else unknown if any is, else pass (also for none)."""
    return "fail" if "fail" in verdicts else "unknown" if "unknown" in verdicts else "pass"


def _duty(duty: DutyOwed, usage: Usage) -> ClauseVerdict:
    params = {"duty": duty.action}
    if duty.action in usage.cannot:
        return ClauseVerdict(f"duty.{duty.action}", "fail", "policy.duty_refused", params)
    return ClauseVerdict(f"duty.{duty.action}", "pass", "policy.duty_taken", params)


def _action(policy: Policy, usage: Usage, action: str) -> ClauseVerdict:
    clause, params = f"action.{action}", {"action": action}
    banned = [_banned(rule, usage) for rule in policy.prohibitions if rule.action in (action, "use")]
    if "pass" in banned:
        return ClauseVerdict(clause, "fail", "policy.prohibited", params)
    permission = policy.permission(action)
    if permission is None:
        return ClauseVerdict(clause, "unknown", "policy.not_said", params)
    met = tuple(_met(permission.constraint, usage))
    failed = [part for part, verdict in met if verdict == "fail"]
    if failed:
        return ClauseVerdict(clause, "fail", "policy.outside", {**params, "part": failed[0]})
    if "unknown" in banned:
        return ClauseVerdict(clause, "unknown", "policy.perhaps_prohibited", params)
    open_parts = [part for part, verdict in met if verdict == "unknown"]
    if open_parts:
        return ClauseVerdict(clause, "unknown", "policy.usage_open", {**params, "part": open_parts[0]})
    return ClauseVerdict(clause, "pass", "policy.permitted", params)


def _met(constraint: Constraint, usage: Usage) -> Iterator[tuple[str, Verdict]]:
    if constraint.purposes:
        yield "purposes", _inside(usage.purposes, constraint.purposes)
    if constraint.regions:
        yield "regions", _inside_regions(usage.regions, constraint.regions)
    if constraint.industries:
        yield "industries", _inside(usage.industries, constraint.industries)
    if constraint.until is not None:
        if usage.since is not None and usage.since > constraint.until:
            yield "until", "fail"
        else:
            yield (
                "until",
                "unknown" if usage.until is None else "pass" if usage.until <= constraint.until else "fail",
            )


def _banned(rule: Rule, usage: Usage) -> Verdict:
    """Whether a prohibition touches the usage: "pass" for surely, "fail" for surely not."""
    constraint = rule.constraint
    touched = [
        _touches(usage.purposes, constraint.purposes),
        _touches_regions(usage.regions, constraint.regions),
        _touches(usage.industries, constraint.industries),
    ]
    if constraint.until is not None:
        touched.append(
            "unknown" if usage.since is None else "pass" if usage.since <= constraint.until else "fail",
        )
    return together(touched)


def _inside(wanted: Collection[str], limits: Collection[str]) -> Verdict:
    return "unknown" if not wanted else "pass" if set(wanted) <= set(limits) else "fail"


def _inside_regions(wanted: Collection[str], limits: Collection[str]) -> Verdict:
    return "unknown" if not wanted else "pass" if _covered(wanted, limits) else "fail"


def _touches(wanted: Collection[str], limits: Collection[str]) -> Verdict:
    if not limits:
        return "pass"
    return "unknown" if not wanted else "pass" if set(wanted) & set(limits) else "fail"


def _touches_regions(wanted: Collection[str], limits: Collection[str]) -> Verdict:
    if not limits:
        return "pass"
    if not wanted:
        return "unknown"
    meet = any(within(one, other) or within(other, one) for one in wanted for other in limits)
    return "pass" if meet else "fail"


def _covered(inner: Collection[str], outer: Collection[str]) -> bool:
    return all(any(within(one, other) for other in outer) for one in inner)


def differences(old: Policy, new: Policy) -> tuple[Difference, ...]:
    """What `new` changes, clause by clause: permissions, prohibitions, duties, each in alphabetical order of actions."""
    return (
        *_changed_rules("permission", old.permissions, new.permissions, gained="wider"),
        *_changed_rules("prohibition", old.prohibitions, new.prohibitions, gained="narrower"),
        *_changed_duties(old.duties, new.duties),
    )


def _changed_rules(name: str, old: tuple[Rule, ...], new: tuple[Rule, ...], *, gained: Effect) -> Iterator[Difference]:
    before, after = ({rule.action: rule.constraint for rule in rules} for rules in (old, new))
    for action in sorted({*before, *after}):
        clause = f"{name}.{action}"
        first, second = before.get(action), after.get(action)
        if first is None or second is None:
            effect = gained if first is None else _OPPOSITE[gained]
            yield Difference(clause, "rule", _said(first), _said(second), effect)
            continue
        for part, effect in _changed_constraint(first, second):
            seen = effect if gained == "wider" else _OPPOSITE[effect]
            yield Difference(clause, part, getattr(first, part), getattr(second, part), seen)


def _said(constraint: Constraint | None) -> dict[str, Any] | None:
    return None if constraint is None else constraint.model_dump(mode="json", exclude_defaults=True)


def _changed_constraint(old: Constraint, new: Constraint) -> Iterator[tuple[str, Effect]]:
    for part in ("purposes", "regions", "industries"):
        first, second = set(getattr(old, part)), set(getattr(new, part))
        if first != second:
            yield part, _effect(more=_holds(second, first), less=_holds(first, second))
    if old.until != new.until:
        later = _last(new.until) > _last(old.until)
        yield "until", _effect(more=later, less=not later)


def _holds(outer: set[str], inner: set[str]) -> bool:
    """Whether a list (empty: any) lets everything through that another does. Only regions hold each other."""
    return not outer or (bool(inner) and _covered(inner, outer))


def _effect(*, more: bool, less: bool) -> Effect:
    return "changed" if more == less else "wider" if more else "narrower"


def _last(until: date | None) -> date:
    return until or date.max


def _changed_duties(old: tuple[DutyOwed, ...], new: tuple[DutyOwed, ...]) -> Iterator[Difference]:
    before, after = ({duty.action: duty.days for duty in duties} for duties in (old, new))
    for action in sorted({*before, *after}):
        clause = f"duty.{action}"
        if action not in before or action not in after:
            came = action not in before
            yield Difference(clause, "rule", not came, came, "narrower" if came else "wider")
        elif before[action] != after[action]:
            first, second = before[action], after[action]
            more = second is not None and (first is None or second > first)
            yield Difference(clause, "days", first, second, "wider" if more else "narrower")
