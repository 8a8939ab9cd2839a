"""Everything that can be found out about a package before anyone sees it, in one report."""

import tempfile
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from challenges import coverage, expected, leaks
from challenges.contents import EXPECTED
from challenges.definition import Definition
from challenges.expected import BaselineScores
from challenges.findings import Finding, PackageRefused
from challenges.package import Package, examine
from challenges.preparation import prepare


@dataclass(frozen=True)
class CheckReport:
    """What was found: errors first, then warnings, then notes; the definition when it could be read; baselines as scored."""

    findings: tuple[Finding, ...]
    definition: Definition | None
    baselines: tuple[BaselineScores, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the package may be published: warnings do not stand against it, errors do."""
        return not any(finding.level == "error" for finding in self.findings)


def check(folder: Path, *, baselines: bool = True, prepared: Path | None = None) -> CheckReport:
    """Checks a package from end to end and reports everything at once.

    The definition and its rules, the files and briefs; when these are sound the answers are compiled (into `prepared`, which may
    not be there yet, or somewhere that is gone afterwards), the sample submission tried, and public/ searched for leaks. The
    package's own test comes last, unless `baselines` is off: the baselines are scored and held against `expected.json`, and a
    dataset challenge must recover its planted ladder. Never raises for a bad package.
    """
    definition, found = examine(folder)
    if definition is None or any(finding.level == "error" for finding in found):
        return _report(found, definition)
    package = Package(folder, definition)
    with tempfile.TemporaryDirectory() as scratch:
        compiled = prepared or Path(scratch) / "prepared"
        try:
            prepare(package, compiled)
        except PackageRefused as refused:
            return _report((*found, *refused.findings), definition)
        scored: tuple[BaselineScores, ...] = ()
        if baselines and (folder / EXPECTED).is_file():
            scored, about_baselines = _baselines(package, compiled)
            found = (*found, *about_baselines)
        found = (*found, *_looked_at(package, compiled, own_test=baselines))
    return _report(found, definition, scored)


def _looked_at(package: Package, prepared: Path, *, own_test: bool) -> tuple[Finding, ...]:
    """What looking at a compiled package finds."""
    kind = package.definition.kind
    if kind == "prediction":
        return (*coverage.findings(package, prepared), *leaks.findings(package, prepared))
    own = import_module(f"challenges.{kind}_checking")
    found = (*coverage.samples(package, prepared), *leaks.copies(package.folder), *own.findings(package, prepared))
    return (*found, *own.self_test(package, prepared)) if own_test and kind == "dataset" else found


def _baselines(package: Package, prepared: Path) -> tuple[tuple[BaselineScores, ...], tuple[Finding, ...]]:
    """Scores every baseline of `expected.json` and compares."""
    wanted, source, found = expected.read(package.folder)
    if wanted is None or source is None:
        return (), found
    scored: dict[str, BaselineScores] = {}
    for number, baseline in enumerate(wanted.baselines):
        at = ("baselines", number, "path")
        if not baseline.path.startswith("baseline/"):
            found = (*found, source.finding("package.not_below", at, {"folder": "baseline/"}))
        elif not (package.folder / baseline.path).exists():
            found = (*found, source.finding("package.file_missing", at))
        else:
            scored[baseline.path], about = expected.score(package.folder, prepared, baseline.path)
            found = (*found, *about)
    differences = expected.findings(package.definition, source, wanted, scored)
    return tuple(scored.values()), (*found, *differences)


def _report(
    found: tuple[Finding, ...], definition: Definition | None, baselines: tuple[BaselineScores, ...] = ()
) -> CheckReport:
    order = ("error", "warning", "note")
    return CheckReport(tuple(sorted(found, key=lambda finding: order.index(finding.level))), definition, baselines)
