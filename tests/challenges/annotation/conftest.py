"""The fixture that makes annotation challenges."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from challenges.annotation_preparation import prepare
from tests.challenges.annotation.jobs import CLASSES, Job, ids, packed, table, truth_of


@pytest.fixture
def job(tmp_path: Path) -> Callable[..., Job]:
    """Makes a challenge of `count` items, of which `gold` (by number) are gold."""

    def make(count: int = 600, gold: Sequence[int] | None = None, truth: np.ndarray | None = None, **said: Any) -> Job:
        folder = tmp_path / f"job-{len(list(tmp_path.iterdir()))}"
        true = truth_of(count) if truth is None else truth
        chosen = list(range(0, count, 2)) if gold is None else list(gold)
        names = ids(count)
        package = packed(
            folder / "package",
            table(item=names, picture=[f"{name}.png" for name in names]),
            table(item=[names[i] for i in chosen], label=[CLASSES[true[i]] for i in chosen]),
            **said,
        )
        prepare(package, folder / "prepared")
        (folder / "scratch").mkdir()
        return Job(folder / "prepared", folder / "scratch", true)

    return make
