"""What attacks on dataset and annotation challenges win: the private composite of each beside that of the honest work it starts from.

The attacks are those of the suite (tests/hostile/dataset_attacks.py), built on shipped challenges from what teams get, and scored offline
as a submission would be. A gain is in points of the composite, with the 95 % interval of the paired difference in usefulness (all else
is counted and has no error); of annotation, in hundredths of accuracy. Below 0 an attack loses. One that a gate refuses has 0 points.

flight-records refuses records that are not of its raw bundle (gate G9). Attacks that add such records are shown with that gate off,
as where teams may add records, and then as the challenge is shipped.

Published as it comes out: attacks that win are in the suite as expected failures, with their figures. --quick leaves out texts.
"""

import sys
import tempfile
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import measure
import polars as pl

sys.path.insert(0, str(Path(__file__).parent.parent))  # for the attacks, which belong to the tests

import challenges
from challenges.datasets.items import Item
from challenges.run import score
from tests.hostile import dataset_attacks
from tests.hostile.dataset_arena import Arena, Judged, Started, Told
from tests.hostile.dataset_attacks import RECORDS, Attack
from tests.hostile.text_attacks import COLLUSIONS, REVIEWS


def told(key: str, what: str, judged: Judged, start: Judged, arena: Arena) -> None:
    """One attack on a dataset: its line, and the RATIO that says whether it stays below what it starts from."""
    gain = arena.gain(judged, start)
    before, after = (one.scores.get(("composite", "private"), 0.0) for one in (start, judged))
    stopped = f"; stopped by {', '.join(judged.gates_failed)}" if judged.gates_failed else ""
    print(
        f"{key}: {what}: {before:.2f} → {after:.2f}, gain {gain.value:+.2f} ({gain.low:+.2f} to {gain.high:+.2f}){stopped}"
    )
    measure.ratio(f"red_team.{key}", ours=after, peer=before, goal="<= 1", unit="points")


def on_dataset(slug: str, attacks: Sequence[Attack], folder: Path, without: Collection[str] = ()) -> Started:
    """Every attack on one challenge, some of its gates off."""
    there = Started.on(slug, folder, without)
    print(
        f"{slug}{', without ' if without else ''}{', '.join(without)}: honest work has"
        f" {there.judged.scores['composite', 'private']:.2f} private points",
        flush=True,
    )
    for attack in attacks:
        judged = there.arena.handed_in(attack.make(there.honest, there.raw))
        key = attack.key if without or not attack.adds else f"{attack.key}.shipped"
        told(key, attack.what, judged, there.start_of(attack), there.arena)
    return there


def beyond_public_files(there: Started) -> None:
    """Hidden rows that leaked, and gold that is found by asking often."""
    for count, dated in ((200, False), (3000, True)):
        table = dataset_attacks.with_hidden_rows(there.honest, there.leaked(), count, dated=dated)
        what = f"{count} rows of the hidden test, {'with days put in' if dated else 'as they are'}"
        told(f"hidden-rows{'-dated' if dated else ''}", what, there.arena.handed_in(table), there.judged, there.arena)
    limits = challenges.load(dataset_attacks.SHIPPED / there.arena.slug).definition.limits
    assert limits is not None
    table = dataset_attacks.mined(there.honest, Told(there), limits.total)
    told(
        "mined-gold",
        f"gold mined by {limits.total} submissions",
        there.arena.handed_in(table),
        there.judged,
        there.arena,
    )


def on_documents(there: Started, folder: Path) -> None:
    """READMEs that say nothing beside none at all, with the same table."""
    content = there.honest.write_csv().encode()
    ways: dict[str, Callable[[Item], str]] = {
        "none": lambda _: "",
        "stuffed": dataset_attacks.stuffed,
        "nonsense": dataset_attacks.nonsense,
    }
    found = {}
    for name, says in ways.items():
        file = folder / f"{name}.zip"
        file.write_bytes(dataset_attacks.documented(content, says))
        found[name] = there.arena.judged(file)
    told("stuffed-readme", "a README of the questions' words", found["stuffed"], found["none"], there.arena)
    told("nonsense-readme", "a README of nonsense", found["nonsense"], found["none"], there.arena)


def on_annotation(folder: Path) -> None:
    """Annotators in league: private accuracy."""
    slug = dataset_attacks.SHIPPED / "review-annotation"
    challenges.prepare(challenges.load(slug), folder / "prepared")
    labels = pl.read_csv(slug / "public/annotators.csv")

    def accuracy(rows: pl.DataFrame) -> tuple[float, float, float]:
        rows.write_csv(folder / "labels.csv")
        report = score(folder / "prepared", folder / "labels.csv", folder, filename="labels.csv")
        one = next(one for one in report.scores if (one.key, one.split) == ("accuracy", "private"))
        return one.value, one.low, one.high

    honest, *_ = accuracy(labels)
    for name, collude in COLLUSIONS.items():
        value, low, high = accuracy(collude(labels))
        gains = ", ".join(f"{100 * (end - honest):+.1f}" for end in (value, low, high))
        print(f"{name}: annotators in league: accuracy {honest:.3f} → {value:.3f}, gain and interval {gains}")
        key = f"red_team.league.{name.replace(' ', '_')}"
        measure.ratio(key, ours=value, peer=honest, goal="<= 1", unit="accuracy")


def main() -> None:
    options = measure.options(__doc__)
    with tempfile.TemporaryDirectory(prefix="red-team-") as scratch:
        places = {name: Path(scratch, name) for name in ("cleaning", "records", "documents", "reviews", "annotation")}
        for place in places.values():
            place.mkdir()
        on_dataset("flight-records", [attack for attack in RECORDS if attack.adds], places["cleaning"])
        there = on_dataset("flight-records", RECORDS, places["records"], without=("G9",))
        beyond_public_files(there)
        on_documents(there, places["documents"])
        if not options.quick:
            on_dataset("shop-reviews", REVIEWS, places["reviews"])
        on_annotation(places["annotation"])


if __name__ == "__main__":
    main()
