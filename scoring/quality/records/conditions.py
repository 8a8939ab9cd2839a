"""What must be said before a dataset may be ranked, where a challenge asks for it. No points come from these."""

from typing import Final

from scoring.quality.check import Check

ALL: Final = ((0.0, 0.0), (1.0, 100.0))

RECORDS: Final = (
    Check(
        key="G3",
        title="Licence and source said",
        explanation="The dataset, or else every record, names a licence that is accepted, and where it comes from.",
        advice="Name the licence by its SPDX identifier, one of those that the challenge lists, and say the source.",
        formula="smaller of records with an accepted licence / records and records with a source / records",
        codes=("T0104", "T0205"),
        unit="share",
        anchors=ALL,
        function="conditions.licence_and_source",
        needs=frozenset({"origin"}),
        may_gate=True,
    ),
    Check(
        key="G7",
        title="Generated records flagged",
        explanation="Every record says by 0 or 1 whether a machine made it, and one that stands in the raw data as it is says what it says "
        "there. That a record flagged 0 was generated all the same cannot be known here.",
        advice="Flag each record with 0 or 1, and flag raw records as they are flagged in the raw data.",
        formula="records with a flag that nothing contradicts / records, where a column holds flags",
        codes=("T0205",),
        unit="share",
        anchors=ALL,
        function="conditions.flags_true",
        needs=frozenset({"origin"}),
        gate=0.99,
    ),
    Check(
        key="G8",
        title="Documentation whole",
        explanation="All 20 items of the documentation are answered; how well is judged by the four measures of documentation.",
        advice="Answer the items listed, in the description or the README.",
        formula="items answered / 20",
        codes=("T0101", "T0102", "T0103", "T0104"),
        unit="share",
        anchors=ALL,
        function="conditions.documentation_whole",
        needs=frozenset({"documentation"}),
        may_gate=True,
    ),
    Check(
        key="G9",
        title="Records of the raw data",
        explanation="Every record is one of the raw data, cleaned: its identifier stands there, and at most half of what it says is said "
        "otherwise there. For challenges that ask for the raw data to be cleaned, and for no records besides.",
        advice="Remove the records listed, or give them the identifier that their record has in the raw data.",
        formula="records whose identifier stands in the raw data, no more often than there, with at most half of the cells said otherwise / "
        "records",
        codes=("T0205",),
        unit="share",
        anchors=ALL,
        function="novelty.from_raw",
        needs=frozenset({"raw"}),
        may_gate=True,
    ),
)
