"""The table of checks. A newcomer adds one function to `scoring.quality.measures` and one record to its block in
`scoring.quality.records`; the law suite (`tests/laws/`) then demands the rest.

Codes: T is TC609-5-2025-04, I is ISO/IEC 5259-2, G is GB/T 36344, as cited in secondary literature. Anchors are ours: they
say what we hold for poor, passable and excellent, and never change with what others submit.

Left out of Q12 (type): whether records are common or expert knowledge, which no measure here can tell.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from scoring.quality.check import Check
from scoring.quality.records import application, conditions, documentation, quality

CHECKS: Final[Mapping[str, Check]] = MappingProxyType(
    {record.key: record for block in (documentation, quality, application, conditions) for record in block.RECORDS}
)
"""Every check, in the order of reports."""
