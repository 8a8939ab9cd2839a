"""What of a report is published, and what is not."""

import pytest

from challenges.quality import ColumnFound, IssueKind
from leaderboard.datasets import evidence
from tests.datasets.conftest import report


@pytest.mark.parametrize(
    ("name", "code", "told"),
    [("city", None, True), ("姓名", None, False), ("api_key", None, False), ("city", "personal:mobile", False)],
)
def test_values_of_columns_that_look_personal_are_not_published(name, code, told):
    column = ColumnFound(
        name=name,
        kind="text",
        filled=90,
        missing=0,
        distinct=2,
        low="1",
        middle="2",
        high="3",
        names=("a", "b"),
        bars=(50, 40),
    )
    kinds = () if code is None else (IssueKind(check="Q5", code=code, column=name, count=1, examples=()),)
    found = evidence.publishable(report().model_copy(update={"columns": (column,), "issues": kinds}), "x.csv").columns[
        0
    ]
    assert (found.names, found.bars) == ((("a", "b"), (50, 40)) if told else ((), ()))
