"""What happens to an uploaded prediction file: unpacked, read, every cell and id checked, put in the order of the answers.

`read` is the only verb; `Ledger` is what it writes its findings to. Nothing here raises for what a file holds, and nothing
holds more of it in memory than `challenges.intake.limits` says.
"""

from challenges.intake.ledger import Ledger
from challenges.intake.reading import Table, Values, read

__all__ = ["Ledger", "Table", "Values", "read"]
