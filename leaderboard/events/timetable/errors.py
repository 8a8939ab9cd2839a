"""The one error of this package: what was asked for makes no sense, with everything that is wrong with it at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Param = str | int | float


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: a message id and what fills its sentence."""

    id: str
    params: Mapping[str, Param] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.id}({', '.join(f'{name}={value!r}' for name, value in self.params.items())})"


class TimetableError(ValueError):
    """No timetable can be made of this; `findings` says all reasons, never none.

    >>> error = TimetableError([Finding("timetable.tables", {"tables": 0})])
    >>> error.findings[0].id, str(error)
    ('timetable.tables', 'timetable.tables(tables=0)')
    """

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(tuple(findings))
        self.findings = tuple(findings)

    def __str__(self) -> str:
        return "; ".join(map(str, self.findings))
