"""What became of one submission file: the report that crosses from the scoring child to the platform.

The child that read a stranger's file may be lying, so `Report.parse` takes nothing on trust: size, shape, lengths and
finiteness are all checked. This module imports neither numpy nor polars: the web process reads reports.
"""

import base64
import binascii
import math
import re
import sys
from array import array
from collections.abc import Mapping
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator

from challenges.findings import Example, Finding

FORMAT: Final = "jiebang-report/1"
LARGEST_REPORT = 4 * 2**20
"""Bytes. The longest report we write (200 findings of 20 examples each, two spreads) is about a quarter of it."""
MOST_FINDINGS = 200
"""Kinds of findings, by column, in one report; the list of all of them is `findings.csv.gz`."""
LONGEST_TEXT = 2000
MOST_PARAMS = 20
LONGEST_SPREAD = 4096
COMBINED = "combined"
"""The key of the one score that several tasks are combined into."""

_ID = re.compile(r"[a-z]{1,40}\.[a-z0-9_]{1,60}")
Short = Annotated[str, StringConstraints(max_length=200)]
SplitName = Literal["public", "private"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Scored(_Strict):
    """One number of the board, with its 95 % interval, on one part of the rows.

    `task` is None in a single-task challenge; `metric` is None for the combination of several tasks.
    """

    task: Short | None
    key: Short
    metric: Short | None
    split: SplitName
    value: float
    low: float
    high: float


class Report(_Strict):
    """The outcome, every kind of finding with its first examples, and the scores.

    `outcome`: *scored*; *accepted* (a dry run found no error); *refused* (the file has errors). `rows` counts the rows of data that were read, over all tasks. `spreads` maps a split to the
    base64 of a little-endian float32 vector z, where z_i . z_j is the covariance of the first scores of submissions i and j.
    `seconds` and `made_with` say how long each step took and what made the numbers.
    """

    format: Literal["jiebang-report/1"] = FORMAT
    outcome: Literal["scored", "accepted", "refused"]
    rows: int = Field(ge=0)
    findings: tuple[Finding, ...] = Field(default=(), max_length=MOST_FINDINGS)
    scores: tuple[Scored, ...] = Field(default=(), max_length=1000)
    spreads: dict[SplitName, str] = Field(default_factory=dict)
    made_with: dict[Short, Short | int] = Field(default_factory=dict, max_length=20)
    seconds: dict[Short, float] = Field(default_factory=dict, max_length=20)

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """The report in `data` (JSON, UTF-8).

        Raises ValueError when it is longer than `LARGEST_REPORT`, not such a report, or holds anything that a page or a
        database could choke on: endless texts, nested params, numbers that are not finite, a spread of the wrong form.
        """
        if len(data) > LARGEST_REPORT:
            raise ValueError(f"a report of {len(data)} bytes; at most {LARGEST_REPORT} are read")
        try:
            return cls.model_validate_json(data, strict=True)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            place = ".".join(map(str, first["loc"]))
            raise ValueError(f"not a report: {place}: {first['msg']}") from None

    def spread(self, split: SplitName) -> "array[float] | None":
        """The spread of the first score on one part of the rows, or None."""
        text = self.spreads.get(split)
        return None if text is None else _floats(text)

    @field_validator("findings")
    @classmethod
    def _shown(cls, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        for finding in findings:
            _showable(finding)
        return findings

    @field_validator("spreads")
    @classmethod
    def _decodable(cls, spreads: dict[SplitName, str]) -> dict[SplitName, str]:
        for text in spreads.values():
            _floats(text)
        return spreads


def _showable(finding: Finding) -> None:
    """Raises ValueError unless the finding has an id of the known form and holds only short plain values."""
    if not _ID.fullmatch(finding.id):
        raise ValueError("a finding whose id has another form")
    places: tuple[Finding | Example, ...] = (finding, *finding.examples)
    for place in places:
        fields = {name: value for name, value in place if name not in {"params", "examples"}}
        if not _plain(fields) or not _plain(place.params) or len(place.params) > MOST_PARAMS:
            raise ValueError(f"a finding that is too large to show: {finding.id}")


def _floats(text: str) -> "array[float]":
    """The float32 vector in `text`; raises ValueError when it is no such thing or not finite."""
    if len(text) > LONGEST_SPREAD * 4 * 4 // 3 + 4:
        raise ValueError("a spread that is too long")
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError("a spread that is not base64") from None
    vector = array("f")
    try:
        vector.frombytes(raw)
    except ValueError:
        raise ValueError("a spread of broken floats") from None
    if sys.byteorder == "big":
        vector.byteswap()
    if len(vector) > LONGEST_SPREAD or not all(map(math.isfinite, vector)):
        raise ValueError("a spread that is too long or not finite")
    return vector


def _plain(values: Mapping[str, object]) -> bool:
    """Whether every value is a short text, a finite number, a truth value or nothing."""
    return all(
        value is None
        or (isinstance(value, int) and abs(value) < 2**63)
        or (isinstance(value, float) and math.isfinite(value))
        or (isinstance(value, str) and len(value) <= LONGEST_TEXT)
        for value in values.values()
    )
