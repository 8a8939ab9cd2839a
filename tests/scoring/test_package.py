"""The face of the package: what is exported, what importing costs, what is said in both languages."""

import inspect
import pickle
import string
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import scoring
from scoring import MESSAGES, METRICS, ScoringError

FAMILIES = ["thresholds", "classes", "probabilities", "regression", "lists"]
CATALOGUE = Path(scoring.__file__).parent.parent / "leaderboard/translations/zh_Hans/scoring.po"


def test_all_is_what_is_exported():
    for name in scoring.__all__:
        assert getattr(scoring, name) is not None
    public = {
        name
        for name, value in vars(scoring).items()
        if not name.startswith("_") and not inspect.ismodule(value) and name not in {"TYPE_CHECKING", "import_module"}
    }
    assert public <= set(scoring.__all__)
    assert sorted(dir(scoring)) == sorted(scoring.__all__)
    with pytest.raises(AttributeError, match="no attribute 'scores'"):
        _ = scoring.scores


def test_pages_read_titles_and_places_without_loading_numpy():
    program = """
import sys
from scoring import METRICS, MESSAGES, EARLIEST, Column, Metric, ScoringError, place, rounded
assert METRICS["roc_auc"].title and METRICS["map_at_k"].choose({"k": 5}) == {"k": 5}
assert place({"auc": [0.5, 0.7]}, [Column("auc", "max", 2)]) == [2, 1] and rounded(0.125, 2) == 0.12
assert not {"numpy", "scipy", "sklearn", "pandas", "polars"} & set(sys.modules), "heavy"
import scoring; scoring.evaluate
assert "numpy" in sys.modules and not {"scipy", "sklearn", "pandas", "polars"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=300)


def test_every_function_of_a_family_is_filed_and_every_record_has_its_function():
    functions = {f"{family}.{name}" for family in FAMILIES for name in import_module(f"scoring.{family}").__all__}
    assert functions - {"lists.Lists"} == {record.function for record in METRICS.values()}


def test_errors_survive_the_way_between_processes():
    error = pickle.loads(pickle.dumps(ScoringError("scoring.too_few", count=1, needed=2)))
    assert (error.id, error.params) == ("scoring.too_few", {"count": 1, "needed": 2})


def words() -> list[str]:
    metrics = [text for record in METRICS.values() for text in (record.title, record.explanation)]
    options = [option.explanation for record in METRICS.values() for option in record.options]
    return list({*metrics, *options, *MESSAGES.values()})


def test_the_chinese_catalogue_holds_exactly_the_words_of_this_room():
    with CATALOGUE.open("rb") as file:
        catalogue = {message.id: message.string for message in read_po(file, locale="zh_Hans") if message.id}
    assert sorted(catalogue) == sorted(words())
    for english, chinese in catalogue.items():
        assert chinese
        assert fields(english) == fields(chinese), english


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
