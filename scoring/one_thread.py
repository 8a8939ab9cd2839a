"""One thread for linear algebra: the same numbers on every machine, and no fight over its cores."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from threadpoolctl import threadpool_limits

_STATED: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@contextmanager
def one_thread() -> Iterator[None]:
    """Linear algebra inside the block runs on one thread.

    A process that was started with one thread needs nothing done, and one that is locked down could not look for its libraries.
    """
    if all(os.environ.get(name) == "1" for name in _STATED):
        yield
        return
    with threadpool_limits(1):
        yield
