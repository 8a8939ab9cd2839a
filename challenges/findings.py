"""What was found, without a sentence: a message id, its params, and the place.

`challenges.messages.MESSAGES` holds the English sentence of every id; translating is the platform's work.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

MOST_EXAMPLES = 20


class Example(BaseModel):
    """One of the places where a finding holds. `row` counts the rows of data from 1."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    row: int | None = None
    column: str | None = None
    value: str | None = None
    params: dict[str, JsonValue] = Field(default_factory=dict)


class Finding(BaseModel):
    """One thing that is wrong (`error`) or looks wrong (`warning`), or is worth knowing (`note`).

    `file` and `line` (from 1) say where it stands, `key` is the key path in a `challenge.toml`, `value` what was written
    there; `row` (of data, from 1) and `column` place it in a table; `count` says how often, `examples` shows the first.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    level: Literal["error", "warning", "note"] = "error"
    params: dict[str, JsonValue] = Field(default_factory=dict)
    file: str | None = None
    line: int | None = None
    key: str | None = None
    row: int | None = None
    column: str | None = None
    value: str | None = None
    count: int = 1
    examples: tuple[Example, ...] = Field(default=(), max_length=MOST_EXAMPLES)

    @property
    def place(self) -> str:
        """Where it is, the same in every language, such as `challenge.toml:31 answers.split.public = 1.3`."""
        where = ":".join(str(part) for part in (self.file, self.line) if part is not None)
        what = " = ".join(part for part in (self.key, self.value) if part is not None)
        return " ".join(part for part in (where, what) if part)


class PackageRefused(Exception):
    """A package that cannot be used; `findings` holds every reason."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(", ".join(sorted({finding.id for finding in findings})))
        self.findings = findings
