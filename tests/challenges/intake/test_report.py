"""The platform trusts nothing in a report that a scoring child wrote."""

import base64
import json
import struct

import pytest

from challenges.report import LARGEST_REPORT, Report


def report(**changed):
    whole = {
        "format": "jiebang-report/1",
        "outcome": "scored",
        "rows": 3,
        "findings": [{"id": "intake.ids_missing", "examples": [{"row": 1, "value": "x", "params": {"line": 2}}]}],
        "scores": [
            {"task": None, "key": "auc", "metric": "roc_auc", "split": "public", "value": 0.5, "low": 0.4, "high": 0.6}
        ],
        "spreads": {"public": base64.b64encode(struct.pack("<3f", 1, 2, 3)).decode()},
        "made_with": {"scorer": "1", "seed": 0},
        "seconds": {"read": 0.5},
    }
    return json.dumps(whole | changed).encode()


def test_a_report_is_read_as_it_was_written():
    parsed = Report.parse(report())
    assert parsed.spread("public").tolist() == [1, 2, 3]
    assert parsed.spread("private") is None
    assert Report.parse(parsed.model_dump_json().encode()) == parsed


SCORE = json.loads(report())["scores"][0]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[1]",
        b"{",
        b'{"format": "jiebang-report/1"}',
        b" " * (LARGEST_REPORT + 1),
        b"[" * 100_000,
        report(format="jiebang-report/2"),
        report(outcome="won"),
        report(rows=-1),
        report(rows="3"),
        report(extra=1),
        report(scores=[SCORE | {"value": "0.5"}]),
        report(scores=[SCORE | {"split": "secret"}]),
        report(scores=[SCORE | {"key": "x" * 300}]),
        report(scores=[SCORE] * 1001),
        report().replace(b"0.5", b"NaN"),
        report().replace(b"0.5", b"Infinity"),
        report().replace(b"0.5", b"1e999"),
        report(findings=[{"id": "x" * 100}]),
        report(findings=[{"id": "Intake.<script>"}]),
        report(findings=[{"id": "intake.x"}] * 201),
        report(findings=[{"id": "intake.x", "examples": [{}] * 21}]),
        report(findings=[{"id": "intake.x", "params": {"a": "x" * 3000}}]),
        report(findings=[{"id": "intake.x", "params": {"a": {"b": 1}}}]),
        report(findings=[{"id": "intake.x", "params": {str(i): i for i in range(30)}}]),
        report(findings=[{"id": "intake.x", "value": "x" * 3000}]),
        report(findings=[{"id": "intake.x", "examples": [{"params": {"a": [1]}}]}]),
        report(findings=[{"id": "intake.x", "count": 10**30}]),
        report(spreads={"public": "!!!"}),
        report(spreads={"public": "AAA="}),
        report(spreads={"secret": ""}),
        report(spreads={"public": base64.b64encode(struct.pack("<f", float("nan"))).decode()}),
        report(spreads={"public": base64.b64encode(bytes(4 * 4097)).decode()}),
        report(seconds={"read": "soon"}),
        report(made_with={"x": "y" * 300}),
    ],
)
def test_anything_else_is_refused_with_a_value_error(data):
    with pytest.raises(ValueError, match=r"report"):
        Report.parse(data)


def test_reading_reports_loads_no_numbers_library():
    import subprocess
    import sys

    code = "import sys, challenges.report; print([m for m in ('numpy', 'polars', 'pyarrow') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
