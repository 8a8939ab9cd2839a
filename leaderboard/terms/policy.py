"""What may be done with data: a subset of ODRL 2.2 that is closed under reading, comparing and writing.

A policy has at most one permission, one prohibition and one duty for an action, so that two versions of it can be compared
clause by clause. What is neither permitted nor prohibited is not known. A prohibition is stronger than a permission.
"""

from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from challenges.strict import Strict
from leaderboard.terms.forms import MOST, Action, Code, Duty, Once, Purpose, Region, Sector


class Constraint(Strict):
    """When a rule holds. An empty list means any, no `until` means for ever. All four must hold."""

    purposes: Annotated[tuple[Purpose, ...], Once] = Field(default=(), max_length=MOST)
    regions: Annotated[tuple[Region, ...], Once] = Field(default=(), max_length=MOST)
    industries: Annotated[tuple[Sector, ...], Once] = Field(default=(), max_length=MOST)
    until: date | None = None


class Rule(Strict):
    """One action, permitted or prohibited under a constraint."""

    action: Action
    constraint: Constraint = Constraint()


class DutyOwed(Strict):
    """What a user owes. `days` says after how many days of the end of use data are deleted; only "delete" has it."""

    action: Duty
    days: int | None = Field(default=None, ge=0, le=36500)

    @model_validator(mode="after")
    def _days_of_deleting(self) -> Self:
        if self.days is not None and self.action != "delete":
            raise PydanticCustomError("terms.days_without_delete", "terms.days_without_delete")
        return self


class Policy(Strict):
    """Permissions, prohibitions and duties. `licence` is an SPDX identifier where the policy is that of a licence."""

    licence: Code | None = None
    permissions: tuple[Rule, ...] = Field(default=(), max_length=MOST)
    prohibitions: tuple[Rule, ...] = Field(default=(), max_length=MOST)
    duties: tuple[DutyOwed, ...] = Field(default=(), max_length=MOST)

    @model_validator(mode="after")
    def _one_rule_an_action(self) -> Self:
        for rules in (self.permissions, self.prohibitions, self.duties):
            actions = [rule.action for rule in rules]
            twice = sorted({action for action in actions if actions.count(action) > 1})
            if twice:
                raise PydanticCustomError("terms.twice", "terms.twice", {"value": ", ".join(twice)})
        return self

    def permission(self, action: str) -> Rule | None:
        """What permits `action`, if anything does."""
        return next((rule for rule in self.permissions if rule.action == action), None)

    def prohibition(self, action: str) -> Rule | None:
        """What prohibits `action` by its name, if anything does."""
        return next((rule for rule in self.prohibitions if rule.action == action), None)


class Usage(Strict):
    """What a demand wants to do. An empty list or None is "not said"; `cannot` are duties it is unable to take on."""

    actions: Annotated[tuple[Action, ...], Once] = Field(default=(), max_length=MOST)
    purposes: Annotated[tuple[Purpose, ...], Once] = Field(default=(), max_length=MOST)
    regions: Annotated[tuple[Region, ...], Once] = Field(default=(), max_length=MOST)
    industries: Annotated[tuple[Sector, ...], Once] = Field(default=(), max_length=MOST)
    since: date | None = None
    until: date | None = None
    cannot: Annotated[tuple[Duty, ...], Once] = Field(default=(), max_length=MOST)
