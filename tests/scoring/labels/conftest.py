"""Fewer trees for everyday tests: what they show does not hang on how many there are, but their time does."""

import pytest

from scoring.labels import probabilities


@pytest.fixture(autouse=True)
def few_trees(request, monkeypatch):
    if request.node.get_closest_marker("slow") is None:
        monkeypatch.setattr(probabilities, "_TREES", 10)
