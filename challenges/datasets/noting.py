"""What is found while a dataset is opened: the ledger of `challenges.intake`, and findings that stand at a key of a description."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal

from challenges.findings import MOST_EXAMPLES, Example, Finding
from challenges.intake.ledger import Ledger, Unreadable, shown
from challenges.report import MOST_FINDINGS

Level = Literal["error", "warning", "note"]
MOST_WHOLE: Final = 1_000
_LONGEST_PARAM: Final = 500
_RANK: Final = {"error": 0, "warning": 1, "note": 2}


class DatasetRefused(Exception):
    """A dataset that cannot be opened; `findings` holds every reason, errors first."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(", ".join(sorted({finding.id for finding in findings if finding.level == "error"})))
        self.findings = findings


class Notebook(Ledger):
    """A ledger that also takes whole findings. `errors` counts the errors of both kinds.

    After `MOST_WHOLE` whole findings further warnings are dropped, and a further error ends everything: DatasetRefused.
    """

    def __init__(self) -> None:
        super().__init__()
        self._whole: list[Finding] = []

    def put(self, findings: Iterable[Finding]) -> None:
        """Findings made elsewhere, as they are."""
        for finding in findings:
            if len(self._whole) < MOST_WHOLE:
                self._whole.append(finding)
            if finding.level == "error":
                self.errors += finding.count
                if len(self._whole) >= MOST_WHOLE:
                    raise DatasetRefused(self.findings())

    def about(
        self,
        message: str,
        file: str | None,
        *,
        level: Level = "error",
        column: str | None = None,
        names: Sequence[str] = (),
        count: int | None = None,
        line: int | None = None,
        **params: Any,
    ) -> None:
        """One finding about a file, or about the dataset as a whole; `names` are what it is about, the first few are shown."""
        examples = [Example(value=shown(name)) for name in names[:MOST_EXAMPLES]]
        before, self.file = self.file, shown(file)
        many = max(len(names), 1) if count is None else count
        self.add(message, level=level, column=column, line=line, examples=examples, count=many, params=named(params))
        self.file = before

    def stop(self, reason: Unreadable, file: str | None) -> None:
        """The reason why a file could not be read any further."""
        before, self.file = self.file, shown(file)
        self.add_stop(reason)
        self.file = before

    def findings(self) -> tuple[Finding, ...]:
        """All findings, errors first, at most as many as a report holds."""
        found = sorted((*super().findings(), *self._whole), key=lambda finding: _RANK[finding.level])
        if len(found) <= MOST_FINDINGS:
            return tuple(found)
        rest = len(found) - MOST_FINDINGS + 1
        return (*found[: MOST_FINDINGS - 1], Finding(id="intake.more_findings", level="note", count=rest))


def listed(names: Iterable[str], most: int = 10) -> str:
    """Some names in one line for a message, safe to show and not endless.

    >>> listed(["a", "b", "c"], most=2)
    'a, b, …'
    """
    first = [str(shown(name)) for _, name in zip(range(most + 1), names, strict=False)]
    return ", ".join([*first[:most], "…"] if len(first) > most else first)


def named(params: Mapping[str, Any]) -> dict[str, Any]:
    """Params whose texts are safe to show, and not endless."""
    return {key: _safe(value) if isinstance(value, str) else value for key, value in params.items()}


def _safe(text: str) -> str:
    clean = "".join(c if c.isprintable() else "\ufffd" for c in text[: _LONGEST_PARAM + 1])
    return clean if len(clean) <= _LONGEST_PARAM else clean[:_LONGEST_PARAM] + "…"
