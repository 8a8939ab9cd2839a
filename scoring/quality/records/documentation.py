"""What the documentation answers (block 01)."""

from typing import Final

from scoring.quality.check import Check

RECORDS: Final = (
    Check(
        key="D1",
        title="Documentation: basic information",
        explanation="Scale, format, file structure, access and support are described, and agree with the data where that can be looked up.",
        advice="Answer each of the five items in a few sentences, in the description or the README.",
        formula="items answered / 5",
        codes=("T0101",),
        unit="share",
        anchors=((0.0, 0.0), (1.0, 100.0)),
        function="documents.basic",
        needs=frozenset({"documentation"}),
        version=2,
    ),
    Check(
        key="D2",
        title="Documentation: content",
        explanation="Modality, distribution, label statistics, samples and limitations are described, and agree with the data where that can be looked up.",
        advice="Answer each of the five items; say also what the data cannot be used for.",
        formula="items answered / 5",
        codes=("T0102",),
        unit="share",
        anchors=((0.0, 0.0), (1.0, 100.0)),
        function="documents.content",
        needs=frozenset({"documentation"}),
        version=2,
    ),
    Check(
        key="D3",
        title="Documentation: construction",
        explanation="Source, collection, processing, labelling rules and versions are described.",
        advice="Answer each of the five items, so that somebody else could build the dataset again.",
        formula="items answered / 5",
        codes=("T0103",),
        unit="share",
        anchors=((0.0, 0.0), (1.0, 100.0)),
        function="documents.construction",
        needs=frozenset({"documentation"}),
        version=2,
    ),
    Check(
        key="D4",
        title="Documentation: use",
        explanation="Licence, scenarios, evaluation, a baseline result and cases of use are described.",
        advice="Answer each of the five items; name the licence by its SPDX identifier.",
        formula="items answered / 5",
        codes=("T0104",),
        unit="share",
        anchors=((0.0, 0.0), (1.0, 100.0)),
        function="documents.use",
        needs=frozenset({"documentation"}),
        version=2,
    ),
)
