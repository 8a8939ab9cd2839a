"""What a form shows again after a refusal: the values as typed, and the sentence beside each field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from leaderboard.core.errors import FieldError, JiebangError

SECRETS = frozenset({"password", "new_password", "token"})


@dataclass(frozen=True)
class Form:
    """State of one form. Values are strings as the browser sent them, secrets left out; an empty form has neither.

    Errors whose ``field`` names no field of the form are shown in the summary without a link.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    errors: Sequence[FieldError] = ()

    @classmethod
    def refused(cls, values: Mapping[str, object], error: JiebangError) -> Self:
        """Make the form that explains ``error``: its field errors, or the error itself when it names no field."""
        kept = {key: value for key, value in values.items() if isinstance(value, str) and key not in SECRETS}
        return cls(kept, error.fields or (FieldError("", error.message, error.params),))

    def value(self, name: str, default: str = "") -> str:
        """Give what was typed; ``default`` only in a form that was not sent yet (an empty box was left empty)."""
        return self.values.get(name, "") if self.values else default

    def error(self, name: str) -> FieldError | None:
        """Give the first error of a field."""
        return next((error for error in self.errors if error.field == name), None)
