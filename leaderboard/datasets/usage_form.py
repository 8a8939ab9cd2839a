"""The terms of use as a form: for each action whether it is permitted, and within which limits; duties; a licence that fills it.

`rules` and `values` are each other's inverse, as long as no action is both permitted and prohibited: the form has one answer for each.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from challenges.facets import SECTORS
from leaderboard.core.i18n import N_, translate
from leaderboard.datasets.typed import Typed
from leaderboard.datasets.usage import PLAIN, as_written
from leaderboard.terms.licences import POLICIES
from leaderboard.terms.policy import Constraint, DutyOwed, Policy, Rule
from leaderboard.terms.words import ACTIONS, DUTIES, PURPOSES

ANSWERS: Final[Mapping[str, str]] = {"": N_("Not said"), "yes": N_("Permitted"), "no": N_("Prohibited")}
"""To whether an action may be done."""
REGION: Final = r"[A-Z]{2}(?:-[A-Z0-9]{1,3})?"
REGION_WRONG: Final = N_("“{value}” is no code of ISO 3166 such as CN or CN-44")
LONGEST_DELAY: Final = 36_500


@dataclass(frozen=True)
class TermsForm:
    """What the part of a form offers: keys and English messages."""

    actions: tuple[tuple[str, str], ...] = tuple(PLAIN.items())
    answers: tuple[tuple[str, str], ...] = tuple(ANSWERS.items())
    purposes: tuple[tuple[str, str], ...] = tuple(PURPOSES.items())
    duties: tuple[tuple[str, str], ...] = tuple(DUTIES.items())


def read(typed: Typed) -> Policy:
    """The policy that was typed, with the licence that it is, if it is one's; faults are with ``typed``."""
    policy = rules(typed)
    licence = typed.one("licence", POLICIES)
    if licence is None:
        return policy
    if as_written(POLICIES[licence]) != policy.model_copy(update={"licence": licence}):
        typed.wrong(
            "licence", N_("The terms below are not those of this licence: fill them in from it, or choose no licence")
        )
    return policy.model_copy(update={"licence": licence})


def rules(typed: Typed) -> Policy:
    """What was typed of actions and duties, whatever the licence; faults are with ``typed``."""
    answers: dict[str, list[Rule]] = {"yes": [], "no": []}
    for action in ACTIONS:
        answer = typed.one(f"do-{action}", [key for key in ANSWERS if key])
        constraint = _constraint(typed, action)
        if answer is not None:
            answers[answer].append(Rule(action=action, constraint=constraint))
        elif constraint != Constraint():
            typed.wrong(
                f"do-{action}", N_("There are limits, so say whether it is permitted within them or prohibited")
            )
    duties = typed.boxes("duty", DUTIES)
    days = typed.count("delete_days", LONGEST_DELAY)
    if days is not None and "delete" not in duties:
        typed.wrong("delete_days", N_("Days are counted only where data are to be deleted: tick that duty too"))
    owed = tuple(DutyOwed(action=duty, days=days if duty == "delete" else None) for duty in duties)
    return Policy(permissions=tuple(answers["yes"]), prohibitions=tuple(answers["no"]), duties=owed)


def _constraint(typed: Typed, action: str) -> Constraint:
    return Constraint(
        purposes=typed.boxes(f"for-{action}", PURPOSES),
        regions=typed.codes(f"in-{action}", REGION, REGION_WRONG, upper=True),
        industries=typed.names(f"industries-{action}", SECTORS),
        until=typed.day(f"until-{action}"),
    )


def values(policy: Policy, locale: str) -> dict[str, str]:
    """The policy as it stands in the form, industries by their names in the reader's language."""
    return {"licence": policy.licence or "", **ruled(policy, locale)}


def ruled(policy: Policy, locale: str) -> dict[str, str]:
    """The same without the licence."""
    found: dict[str, str] = {}
    for answer, rules in (("yes", policy.permissions), ("no", policy.prohibitions)):
        for rule in rules:
            found[f"do-{rule.action}"] = answer
            found |= {f"for-{rule.action}-{purpose}": "yes" for purpose in rule.constraint.purposes}
            found[f"in-{rule.action}"] = ", ".join(rule.constraint.regions)
            found[f"industries-{rule.action}"] = ", ".join(
                translate(locale, SECTORS[key]) for key in rule.constraint.industries
            )
            found[f"until-{rule.action}"] = rule.constraint.until.isoformat() if rule.constraint.until else ""
    for duty in policy.duties:
        found[f"duty-{duty.action}"] = "yes"
        if duty.days is not None:
            found["delete_days"] = str(duty.days)
    return found


def filled(form: Mapping[str, str], locale: str) -> dict[str, str]:
    """The form with the terms of its licence in place of those that stand there; as it is where it names none."""
    licence = form.get("licence", "")
    if licence not in POLICIES:
        return dict(form)
    parts = ("do-", "for-", "in-", "industries-", "until-", "duty-", "delete_days")
    kept = {name: text for name, text in form.items() if not name.startswith(parts)}
    return kept | values(POLICIES[licence], locale)
