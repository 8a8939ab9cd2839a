"""Known defects put into a sound table, with the records that hold them: how the checks themselves are checked.

    planted = INJECTORS["copies.exact"].plant(seen, 0.05, seed=1)      # None: this table has nothing to put it into
    dataclasses.replace(seen, table=planted.table)                     # evidence of the same dataset, spoiled

Records and values are drawn so that a smaller severity spoils a part of what a larger one spoils, in the same way.
The table that is given is never changed, and what is planted depends on table, severity and seed alone. A newcomer
adds one function to the family file and one record to `registry`; `tests/scoring/quality/test_injectors.py` then
demands the rest.
"""

from scoring.quality.injectors.planting import Injector, Planted
from scoring.quality.injectors.registry import INJECTORS

__all__ = ["INJECTORS", "Injector", "Planted"]
