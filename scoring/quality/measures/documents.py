"""Whether the documentation answers what it is asked (the 20 items of TC609-5-2025-04, five in each of four groups)."""

from functools import partial

from scoring.quality import issues
from scoring.quality.check import Measured, counted
from scoring.quality.evidence import Evidence


def _answered(seen: Evidence, group: str) -> Measured | None:
    if seen.documentation is None:
        return None
    items = seen.documentation[group]
    why = [issues.about_column(item, seen.unanswered[item]) for item in items if item in seen.unanswered]
    return counted(sum(items.values()), len(items), issues=issues.joined(why), details={"items": dict(items)})


basic = partial(_answered, group="D1")
content = partial(_answered, group="D2")
construction = partial(_answered, group="D3")
use = partial(_answered, group="D4")
