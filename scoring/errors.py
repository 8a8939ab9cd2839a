"""The one error of this package: numbers that cannot be scored, and why."""

from functools import partial

from scoring.messages import MESSAGES

Param = str | int | float


class ScoringError(ValueError):
    """These numbers cannot be scored.

    `id` names the sentence in `scoring.messages.MESSAGES`, `params` (JSON values) fill it. Rows are counted from 0.

    >>> error = ScoringError("scoring.too_few", count=1, needed=2)
    >>> error.id, error.params
    ('scoring.too_few', {'count': 1, 'needed': 2})
    >>> print(error)
    An interval needs at least 2 independent rows, queries or groups; there is only 1.
    """

    def __init__(self, message_id: str, /, **params: Param) -> None:
        super().__init__(MESSAGES[message_id].format(**params))
        self.id = message_id
        self.params = params

    def __reduce__(self) -> tuple[partial["ScoringError"], tuple[str]]:  # exceptions forget their keywords otherwise
        return partial(ScoringError, **self.params), (self.id,)
