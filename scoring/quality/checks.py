"""The table of checks. A newcomer adds one function to `scoring.quality.measures` and one record to its block in
`scoring.quality.records`; the law suite (`tests/laws/`) then demands the rest.

Codes: T is TC609-5-2025-04, I is ISO/IEC 5259-2, G is GB/T 36344, as cited in secondary literature. Anchors are ours: they
say what we hold for poor, passable and excellent, and never change with what others submit.

Left out: Q4 (safety), for words that must not be there are listed by a challenge, and none can yet say them; Q12 (type), for what
is common or expert knowledge no measure here can tell; A10 (novelty), which would punish who leaves sound records alone (Q13 gives
the share that is unchanged from raw data).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from scoring.quality.check import Check
from scoring.quality.records import application, documentation, quality

CHECKS: Final[Mapping[str, Check]] = MappingProxyType(
    {record.key: record for block in (documentation, quality, application) for record in block.RECORDS}
)
"""Every check, in the order of reports."""
