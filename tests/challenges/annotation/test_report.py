"""What the platform believes of an annotation report, and what it does not."""

import json
import subprocess
import sys

import pytest

from challenges import annotation_report
from challenges.annotation_report import AnnotationReport
from scoring.agreement.simulate import average
from scoring.agreement.skills import LEVELS
from tests.challenges.annotation.jobs import CLASSES, handed, ids, table


@pytest.fixture
def said(job):
    made = job(300, labels={"classes": CLASSES, "seconds": "seconds"})
    made.hand_in(handed(made.truth, [average(4)] * 5))
    return json.loads(made.said())


def test_what_is_written_is_read_back(said):
    report = AnnotationReport.parse(json.dumps(said).encode())
    assert json.loads(report.model_dump_json()) == said
    assert (report.items, report.labels, report.annotators_in_all) == (300, 900, 5)


def put(said, path, value):
    *way, last = path
    place = said
    for step in way:
        place = place[step]
    place[last] = value


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["format"], "jiebang-annotation/2"),
        (["extra"], 1),
        (["items"], -1),
        (["items"], 2**70),
        (["labels"], "900"),
        (["annotators", 0, "name"], "x" * 201),
        (["annotators", 0, "name"], None),
        (["annotators", 0, "level"], "master"),
        (["annotators", 0, "seconds"], -1.0),
        (["annotators", 0, "others", "value"], 1.5),
        (["annotators", 0, "others", "low"], 1.0),
        (["annotators", 0, "confusion", "times"], 1.5),
        (["alpha", "value"], float("nan")),
        (["alpha", "high"], float("inf")),
        (["inspection"], None),
        (["inspection", "passed"], 1),
        (["disagreed"], [{"item": "x", "labels": []}] * 101),
        (["disagreed", 0, "labels"], [{"label": "x", "count": 1}] * 11),
        (["pairs"], {"first": "a"}),
        (["consensus"], [{"label": "x", "count": 1}] * 1001),
        (["made_with"], {"a": {"b": 1}}),
        (["made_with"], {str(i): 1 for i in range(21)}),
    ],
)
def test_anything_else_is_not_believed(said, path, value):
    put(said, path, value)
    with pytest.raises(ValueError, match="not an annotation report"):
        AnnotationReport.parse(json.dumps(said).encode())


@pytest.mark.parametrize("data", [b"", b"[]", b"\xff", b"{", b'{"format": "jiebang-annotation/1"}'])
def test_other_bytes_are_refused(data):
    with pytest.raises(ValueError, match="not an annotation report"):
        AnnotationReport.parse(data)


def test_a_report_that_is_too_large_is_not_read():
    with pytest.raises(ValueError, match="at most"):
        AnnotationReport.parse(b" " * (annotation_report.LARGEST + 1))


def test_the_largest_report_that_is_made_is_read(job):
    """Long names, more annotators than are listed, every item in dispute."""
    names = ids(1500)
    made = job(1500, per_item=2)
    rows = [
        (name, f"{who}{i:04d}" + "名" * 90, CLASSES[w]) for i, name in enumerate(names) for w, who in enumerate("ab")
    ]
    made.hand_in(table(item=[r[0] for r in rows], annotator=[r[1] for r in rows], label=[r[2] for r in rows]))
    assert len(made.said()) < annotation_report.LARGEST / 2
    report = made.report()
    assert (len(report.annotators), report.annotators_in_all) == (1000, 3000)
    assert (len(report.disagreed), report.disagreed_in_all) == (100, 1500)


def test_the_levels_are_those_of_the_rule():
    allowed = annotation_report.AnnotatorFound.model_json_schema()["properties"]["level"]["enum"]
    assert allowed == [level.key for level in LEVELS]


def test_the_web_process_can_read_reports_without_the_libraries_that_make_them():
    code = "import sys, challenges.annotation_report; print({'numpy', 'polars', 'scipy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
